package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	namespace   = "telephony"
	release     = "calls"
	proofWithin = 10 * time.Minute
	shown       = 300
)

// Options say where the proof works and with what.
type Options struct {
	Root     string // of the repository
	Dir      string // for the servers' data and logs; emptied first
	Programs Programs
	Out      io.Writer
}

// proof is one run through everything that an operator does with the chart.
type proof struct {
	Options
	*cluster
	clerk *clerk
}

// Prove starts a cluster, does it, and takes the cluster down. Its error says what was wrong; each step's line is printed.
func Prove(ctx context.Context, o Options) error {
	ctx, cancel := context.WithTimeoutCause(ctx, proofWithin, fmt.Errorf("it took longer than %s", proofWithin))
	defer cancel()
	p := &proof{Options: o}
	var err error
	p.step("etcd and kube-apiserver serve", func() error { p.cluster, err = start(ctx, o.Dir, o.Programs); return err }, &err)
	if err != nil {
		return err
	}
	defer p.close()
	clerkCtx, dismiss := context.WithCancel(ctx)
	p.clerk = hire(clerkCtx, p.cluster)
	defer func() { dismiss(); <-p.clerk.done }()
	for _, s := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"a namespace under Pod Security \"restricted\", and the Secret", p.namespace},
		{"values that the schema refuses", p.schemaRefuses},
		{"values that the server refuses: nothing is left of them", p.serverRefuses},
		{"install: every object is as it was sent", p.install},
		{"pods of api and worker pass \"restricted\", the migration without a warning", p.restricted},
		{"the same again: nothing changes", p.sameAgain},
		{"upgrade to another build: only pods' images change", p.upgrade},
		{"an upgrade whose migration fails: the old pods stay", p.failedMigration},
		{"rollback to the first build", p.rollback},
		{"everything switched on, and off again", p.onAndOff},
		{"uninstall: nothing is left", p.uninstall},
	} {
		if p.step(s.what, func() error { return s.do(ctx) }, &err); err != nil {
			return err
		}
	}
	return nil
}

func (p *proof) step(what string, do func() error, err *error) {
	began := time.Now()
	*err = do()
	verdict := "ok"
	if *err != nil {
		verdict = "WRONG"
		*err = fmt.Errorf("%s: %w", what, *err)
	}
	_, _ = fmt.Fprintf(p.Out, "  %-5s %-72s %6.1f s\n", verdict, what, time.Since(began).Seconds())
}

// helm runs Helm against the cluster and returns what it printed.
func (p *proof) helm(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, p.Programs.Helm, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.Dir, "KUBECONFIG=" + p.file("kubeconfig")}
	out, err := cmd.CombinedOutput()
	text := strings.TrimSpace(string(out))
	if err != nil {
		return text, fmt.Errorf("helm %s: %w: %s", strings.Join(args, " "), err, text[max(0, len(text)-shown):])
	}
	return text, nil
}

// apply installs or upgrades with a file of values of the chart's own tests.
func (p *proof) apply(ctx context.Context, values string, set ...string) (string, error) {
	args := []string{
		"upgrade", "--install", release, filepath.Join(p.Root, "deploy", "helm", "click2call"), "--namespace", namespace, "--timeout", "60s",
		"--values", filepath.Join(p.Root, "deploy", "helm", "tests", "testdata", values+".yaml"),
	}
	for _, s := range set {
		args = append(args, "--set", s)
	}
	return p.helm(ctx, args...)
}

func (p *proof) namespace(ctx context.Context) error {
	labels := map[string]any{"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted"}
	_, err := p.do(ctx, http.MethodPost, "/api/v1/namespaces", map[string]any{"metadata": map[string]any{"name": namespace, "labels": labels}})
	if err != nil {
		return err
	}
	_, err = p.do(ctx, http.MethodPost, "/api/v1/namespaces/"+namespace+"/serviceaccounts", map[string]any{"metadata": map[string]any{"name": "default"}})
	if err != nil {
		return err
	}
	_, err = p.do(ctx, http.MethodPost, "/api/v1/namespaces/"+namespace+"/secrets", map[string]any{
		"metadata": map[string]any{"name": "click2call"}, "stringData": map[string]any{"DATABASE_URL": "postgres://nowhere", "CLICK2CALL_SECRET_KEY": "none"},
	})
	return err
}

func (p *proof) schemaRefuses(ctx context.Context) error {
	for _, set := range []string{"worker.replicas=two", "worker.replica=3", "existingSecret=", "config.CLICK2CALL_PUBLIC_URL=calls", "sip.enabled=true"} {
		out, err := p.apply(ctx, "minimal", set)
		if err == nil {
			return fmt.Errorf("%s was taken", set)
		}
		if !strings.Contains(out, "values don't meet the specifications of the schema") {
			return fmt.Errorf("%s was refused for another reason: %w", set, err)
		}
	}
	return p.nothing(ctx)
}

// serverRefuses has values that are of the right type and wrong all the same, which only the server can know.
func (p *proof) serverRefuses(ctx context.Context) error {
	for _, set := range []string{"podLabels.team=two words", "tolerations[0].operator=Sometimes", "api.autoscaling.minReplicas=9"} {
		out, err := p.apply(ctx, "minimal", set)
		if err == nil {
			return fmt.Errorf("%s was taken", set)
		}
		if !strings.Contains(out, "is invalid") && !strings.Contains(out, "Unsupported value") {
			return fmt.Errorf("%s was refused for another reason: %w", set, err)
		}
		if _, err := p.helm(ctx, "uninstall", release, "--namespace", namespace, "--ignore-not-found"); err != nil {
			return err
		}
	}
	return p.clean(ctx)
}

func (p *proof) install(ctx context.Context) error {
	out, err := p.apply(ctx, "minimal")
	if err != nil {
		return err
	}
	if strings.Contains(out, "Warning") || strings.Contains(out, "would violate") {
		return fmt.Errorf("the server warns: %s", out)
	}
	have, err := p.objects(ctx)
	if err != nil {
		return err
	}
	want := []string{
		"deployments calls-click2call-api", "deployments calls-click2call-worker", "horizontalpodautoscalers calls-click2call-api",
		"networkpolicies calls-click2call-api", "networkpolicies calls-click2call-worker", "poddisruptionbudgets calls-click2call-api",
		"poddisruptionbudgets calls-click2call-worker", "services calls-click2call-api",
	}
	if names := slices.Sorted(maps.Keys(have)); !slices.Equal(names, want) {
		return fmt.Errorf("the server has %v instead of %v", names, want)
	}
	return p.images(ctx, "click2call:dev")
}

// restricted asks the server, without starting any, for a pod of each template.
func (p *proof) restricted(ctx context.Context) error {
	have, err := p.objects(ctx)
	if err != nil {
		return err
	}
	for _, name := range []string{"deployments calls-click2call-api", "deployments calls-click2call-worker"} {
		pod := map[string]any{"metadata": map[string]any{"generateName": "try-"}, "spec": at(have[name], "spec", "template", "spec")}
		if _, err := p.do(ctx, http.MethodPost, "/api/v1/namespaces/"+namespace+"/pods?dryRun=All", pod); err != nil {
			return err
		}
	}
	// A pod that may do more is refused, so the above means something.
	pod := map[string]any{"metadata": map[string]any{"generateName": "try-"}, "spec": map[string]any{
		"hostNetwork": true, "containers": []any{map[string]any{"name": "any", "image": "any"}},
	}}
	var refused *answerError
	if _, err := p.do(ctx, http.MethodPost, "/api/v1/namespaces/"+namespace+"/pods?dryRun=All", pod); !errors.As(err, &refused) || refused.status != http.StatusForbidden {
		return fmt.Errorf("a pod in the node's network was not refused: %w", err)
	}
	return nil
}

func (p *proof) sameAgain(ctx context.Context) error {
	before, err := p.objects(ctx)
	if err != nil {
		return err
	}
	if _, err := p.apply(ctx, "minimal"); err != nil {
		return err
	}
	after, err := p.objects(ctx)
	if err != nil {
		return err
	}
	for name := range before {
		if at(before[name], "metadata", "resourceVersion") != at(after[name], "metadata", "resourceVersion") {
			return fmt.Errorf("%s changed", name)
		}
	}
	return nil
}

func (p *proof) upgrade(ctx context.Context) error {
	before, err := p.objects(ctx)
	if err != nil {
		return err
	}
	if _, err := p.apply(ctx, "minimal", "image.tag=two"); err != nil {
		return err
	}
	after, err := p.objects(ctx)
	if err != nil {
		return err
	}
	for name := range before {
		one, two := at(before[name], "spec", "template", "spec", "containers", 0, "image"), at(after[name], "spec", "template", "spec", "containers", 0, "image")
		if strings.HasPrefix(name, "deployments") != (one != two) {
			return fmt.Errorf("%s: its image was %v and is %v", name, one, two)
		}
		if s := fmt.Sprint(at(before[name], "spec", "selector")); s != fmt.Sprint(at(after[name], "spec", "selector")) {
			return fmt.Errorf("%s: its selector changed", name)
		}
	}
	return p.images(ctx, "click2call:two")
}

func (p *proof) failedMigration(ctx context.Context) error {
	p.clerk.fail <- true
	defer func() { p.clerk.fail <- false }()
	out, err := p.apply(ctx, "minimal", "image.tag=three")
	if err == nil {
		return errors.New("the upgrade went on without its migration")
	}
	if !strings.Contains(out, "pre-upgrade hooks failed") {
		return fmt.Errorf("it failed for another reason: %w", err)
	}
	return p.images(ctx, "click2call:two")
}

func (p *proof) rollback(ctx context.Context) error {
	if _, err := p.helm(ctx, "rollback", release, "1", "--namespace", namespace, "--timeout", "60s"); err != nil {
		return err
	}
	return p.images(ctx, "click2call:dev")
}

// onAndOff leaves out the monitor and the worker controller, whose kinds this server does not have.
func (p *proof) onAndOff(ctx context.Context) error {
	if _, err := p.apply(ctx, "full", "serviceMonitor.enabled=false"); err != nil {
		return err
	}
	have, err := p.objects(ctx)
	if err != nil {
		return err
	}
	for _, name := range []string{"daemonsets calls-click2call-livekit-sip", "ingresses calls-click2call-api"} {
		if have[name] == nil {
			return fmt.Errorf("there is no %s", name)
		}
	}
	if _, err := p.apply(ctx, "minimal"); err != nil {
		return err
	}
	if have, err = p.objects(ctx); err != nil {
		return err
	}
	for _, name := range []string{"daemonsets calls-click2call-livekit-sip", "ingresses calls-click2call-api"} {
		if have[name] != nil {
			return fmt.Errorf("%s is left", name)
		}
	}
	return nil
}

func (p *proof) uninstall(ctx context.Context) error {
	if _, err := p.helm(ctx, "uninstall", release, "--namespace", namespace); err != nil {
		return err
	}
	return p.clean(ctx)
}

// images wants every Deployment to have this one.
func (p *proof) images(ctx context.Context, want string) error {
	deployments, err := p.list(ctx, "/apis/apps/v1/namespaces/"+namespace+"/deployments")
	if err != nil {
		return err
	}
	if len(deployments) != 2 {
		return fmt.Errorf("there are %d deployments instead of 2", len(deployments))
	}
	for _, d := range deployments {
		if have := at(d, "spec", "template", "spec", "containers", 0, "image"); have != want {
			return fmt.Errorf("%v has the image %v instead of %s", at(d, "metadata", "name"), have, want)
		}
	}
	return nil
}

// collections are where the chart's objects are, but for Jobs, which Helm removes when they have ended.
var collections = []string{
	"/apis/apps/v1/namespaces/%s/deployments", "/apis/apps/v1/namespaces/%s/daemonsets", "/api/v1/namespaces/%s/services",
	"/apis/autoscaling/v2/namespaces/%s/horizontalpodautoscalers", "/apis/policy/v1/namespaces/%s/poddisruptionbudgets",
	"/apis/networking.k8s.io/v1/namespaces/%s/ingresses", "/apis/networking.k8s.io/v1/namespaces/%s/networkpolicies",
}

// objects is what the server has, by collection and name.
func (p *proof) objects(ctx context.Context) (map[string]map[string]any, error) {
	all := map[string]map[string]any{}
	for _, c := range collections {
		items, err := p.list(ctx, fmt.Sprintf(c, namespace))
		if err != nil {
			return nil, err
		}
		for _, o := range items {
			all[fmt.Sprintf("%s %v", filepath.Base(c), at(o, "metadata", "name"))] = o
		}
	}
	return all, nil
}

func (p *proof) nothing(ctx context.Context) error {
	have, err := p.objects(ctx)
	if err == nil && len(have) > 0 {
		err = fmt.Errorf("left are %v", slices.Sorted(maps.Keys(have)))
	}
	return err
}

// clean waits for nothing to be left: Jobs are deleted by Helm, and gone at once since nobody holds them.
func (p *proof) clean(ctx context.Context) error {
	jobs, err := p.list(ctx, "/apis/batch/v1/namespaces/"+namespace+"/jobs")
	if err != nil {
		return err
	}
	if len(jobs) > 0 {
		return fmt.Errorf("%d jobs are left", len(jobs))
	}
	return p.nothing(ctx)
}
