package tests

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	sigs "sigs.k8s.io/yaml"
)

const (
	chart = "../click2call"
	tools = "../../../.lab/tools"
)

// object is what every kind has.
type object interface {
	GetName() string
	GetNamespace() string
	GetLabels() map[string]string
}

// workerDeployment is the Worker Controller's kind, as its v1alpha1 has it (api/v1alpha1/workerdeployment_types.go of
// temporalio/temporal-worker-controller). Its module is not imported: it cannot be had from every Go proxy.
type workerDeployment struct {
	meta.TypeMeta   `json:",inline"`
	meta.ObjectMeta `json:"metadata"`
	Spec            struct {
		Replicas      *int32 `json:"replicas"`
		WorkerOptions struct {
			ConnectionRef struct {
				Name string `json:"name"`
			} `json:"connectionRef"`
			TemporalNamespace string `json:"temporalNamespace"`
		} `json:"workerOptions"`
		Rollout struct {
			Strategy string `json:"strategy"`
			Steps    []struct {
				RampPercentage int           `json:"rampPercentage"`
				PauseDuration  meta.Duration `json:"pauseDuration"`
			} `json:"steps"`
		} `json:"rollout"`
		Sunset struct {
			ScaledownDelay *meta.Duration `json:"scaledownDelay"`
			DeleteDelay    *meta.Duration `json:"deleteDelay"`
		} `json:"sunset"`
		Template core.PodTemplateSpec `json:"template"`
	} `json:"spec"`
}

// empty is a new object of the kind, to be decoded into.
func empty(kind meta.TypeMeta) (object, error) {
	switch kind.APIVersion + " " + kind.Kind {
	case "apps/v1 Deployment":
		return &apps.Deployment{}, nil
	case "apps/v1 DaemonSet":
		return &apps.DaemonSet{}, nil
	case "batch/v1 Job":
		return &batch.Job{}, nil
	case "v1 Service":
		return &core.Service{}, nil
	case "autoscaling/v2 HorizontalPodAutoscaler":
		return &autoscaling.HorizontalPodAutoscaler{}, nil
	case "policy/v1 PodDisruptionBudget":
		return &policy.PodDisruptionBudget{}, nil
	case "networking.k8s.io/v1 Ingress":
		return &networking.Ingress{}, nil
	case "networking.k8s.io/v1 NetworkPolicy":
		return &networking.NetworkPolicy{}, nil
	case "monitoring.coreos.com/v1 ServiceMonitor":
		return &monitoring.ServiceMonitor{}, nil
	case "temporal.io/v1alpha1 WorkerDeployment", "temporal.io/v1alpha1 TemporalWorkerDeployment":
		return &workerDeployment{}, nil
	}
	return nil, fmt.Errorf("the chart renders a %s of %s, which this test does not know", kind.Kind, kind.APIVersion)
}

// helm runs it and returns what it printed.
func helm(t *testing.T, args ...string) (string, error) {
	t.Helper()
	program, err := filepath.Abs(filepath.Join(tools, "helm"))
	require.NoError(t, err)
	require.FileExists(t, program, "run make install-check at the top of the repository first")
	cmd := exec.CommandContext(t.Context(), program, args...)
	home := t.TempDir()
	cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "KUBECONFIG=" + filepath.Join(home, "none")}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// rendered are the objects of the chart with one file of values, by "kind name". A field that its type does not have fails the test.
func rendered(t *testing.T, values string, set ...string) map[string]object {
	t.Helper()
	args := []string{"template", "calls", chart, "--namespace", "telephony", "--kube-version", "1.34.0", "--values", "testdata/" + values + ".yaml"}
	for _, s := range set {
		args = append(args, "--set", s)
	}
	out, err := helm(t, args...)
	require.NoError(t, err, out)
	all := map[string]object{}
	documents := yaml.NewYAMLReader(bufioReader(out))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		var kind meta.TypeMeta
		require.NoError(t, sigs.Unmarshal(document, &kind))
		if kind.Kind == "" && len(bytes.TrimSpace(document)) == 0 {
			continue
		}
		o, err := empty(kind)
		require.NoError(t, err, string(document))
		require.NoError(t, sigs.UnmarshalStrict(document, o), string(document))
		name := kind.Kind + " " + o.GetName()
		require.NotContains(t, all, name, "rendered twice")
		all[name] = o
	}
}

func get[T object](t *testing.T, all map[string]object, name string) T {
	t.Helper()
	require.Contains(t, all, name)
	o, ok := all[name].(T)
	require.True(t, ok, name)
	return o
}
