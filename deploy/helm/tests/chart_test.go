package tests

import (
	"bufio"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
)

func bufioReader(s string) *bufio.Reader { return bufio.NewReader(strings.NewReader(s)) }

func variants() []string { return []string{"minimal", "full", "controller"} }

func TestLint(t *testing.T) {
	t.Parallel()
	for _, v := range variants() {
		out, err := helm(t, "lint", "--strict", "--values", "testdata/"+v+".yaml", chart)
		require.NoError(t, err, out)
		require.Contains(t, out, "0 chart(s) failed")
	}
}

func TestWhatIsRendered(t *testing.T) {
	t.Parallel()
	least := []string{
		"Deployment calls-click2call-api", "Service calls-click2call-api", "HorizontalPodAutoscaler calls-click2call-api",
		"PodDisruptionBudget calls-click2call-api", "NetworkPolicy calls-click2call-api",
		"Deployment calls-click2call-worker", "PodDisruptionBudget calls-click2call-worker", "NetworkPolicy calls-click2call-worker",
		"Job calls-click2call-migrate",
	}
	for variant, want := range map[string][]string{
		"minimal": least,
		"full": append(slices.Clone(least), "Ingress calls-click2call-api", "Service calls-click2call-metrics", "ServiceMonitor calls-click2call-metrics",
			"DaemonSet calls-click2call-livekit-sip"),
		"controller": {
			"Deployment calls-click2call-api", "Service calls-click2call-api", "Job calls-click2call-migrate",
			"WorkerDeployment calls-click2call-worker", "PodDisruptionBudget calls-click2call-worker",
		},
	} {
		all := rendered(t, variant)
		require.ElementsMatch(t, want, slices.Collect(maps.Keys(all)), variant)
		for name, o := range all {
			require.Equal(t, "telephony", o.GetNamespace(), name)
			require.Equal(t, "click2call", o.GetLabels()["app.kubernetes.io/name"], name)
		}
	}
}

// pods are the pod templates of our own program, by component.
func pods(t *testing.T, all map[string]object) map[string]core.PodTemplateSpec {
	t.Helper()
	templates := map[string]core.PodTemplateSpec{
		"api":     get[*apps.Deployment](t, all, "Deployment calls-click2call-api").Spec.Template,
		"migrate": get[*batch.Job](t, all, "Job calls-click2call-migrate").Spec.Template,
	}
	if _, ok := all["Deployment calls-click2call-worker"]; ok {
		templates["worker"] = get[*apps.Deployment](t, all, "Deployment calls-click2call-worker").Spec.Template
	} else {
		templates["worker"] = get[*workerDeployment](t, all, "WorkerDeployment calls-click2call-worker").Spec.Template
	}
	return templates
}

func TestPodsMayDoNothingThatTheyNeedNot(t *testing.T) {
	t.Parallel()
	for _, v := range variants() {
		for component, pod := range pods(t, rendered(t, v)) {
			s := pod.Spec
			require.False(t, *s.AutomountServiceAccountToken, component)
			require.True(t, *s.SecurityContext.RunAsNonRoot, component)
			require.Equal(t, core.SeccompProfileTypeRuntimeDefault, s.SecurityContext.SeccompProfile.Type, component)
			require.Len(t, s.Containers, 1, component)
			c := s.Containers[0]
			require.False(t, *c.SecurityContext.AllowPrivilegeEscalation, component)
			require.True(t, *c.SecurityContext.ReadOnlyRootFilesystem, component)
			require.Equal(t, []core.Capability{"ALL"}, c.SecurityContext.Capabilities.Drop, component)
			require.NotEmpty(t, c.Resources.Requests, component)
			require.NotEmpty(t, c.Resources.Limits, component)
			require.Equal(t, []string{component}, c.Args)
		}
	}
}

// A secret in a value would be in Helm's release data, readable to everybody who may read Secrets of the namespace, and in shell histories.
func TestSecretsComeFromTheSecretOnly(t *testing.T) {
	t.Parallel()
	for component, pod := range pods(t, rendered(t, "full")) {
		var required []string
		for _, e := range pod.Spec.Containers[0].Env {
			secret := strings.Contains(e.Name, "SECRET") || strings.HasSuffix(e.Name, "_API_KEY") || strings.Contains(e.Name, "PASSWORD") || e.Name == "DATABASE_URL"
			require.Equal(t, secret, e.ValueFrom != nil, "%s of %s", e.Name, component)
			if !secret {
				continue
			}
			require.Equal(t, "click2call", e.ValueFrom.SecretKeyRef.Name)
			require.Equal(t, e.Name, e.ValueFrom.SecretKeyRef.Key)
			if o := e.ValueFrom.SecretKeyRef.Optional; o == nil || !*o {
				required = append(required, e.Name)
			}
		}
		require.Equal(t, []string{"DATABASE_URL", "CLICK2CALL_SECRET_KEY"}, required, component)
	}
}

func TestProbesAndGrace(t *testing.T) {
	t.Parallel()
	all := rendered(t, "minimal")
	api, worker := pods(t, all)["api"].Spec, pods(t, all)["worker"].Spec
	require.Equal(t, "/readyz", api.Containers[0].StartupProbe.HTTPGet.Path, "a pod with a wrong value must not count")
	require.Equal(t, "/healthz", api.Containers[0].ReadinessProbe.HTTPGet.Path, "LiveKit's outage must not take the hang-ups away")
	require.Equal(t, "/healthz", api.Containers[0].LivenessProbe.HTTPGet.Path, "a restart mends no database")
	require.Equal(t, "/readyz", worker.Containers[0].ReadinessProbe.HTTPGet.Path)
	require.Equal(t, "/healthz", worker.Containers[0].LivenessProbe.HTTPGet.Path)
	require.GreaterOrEqual(t, *api.TerminationGracePeriodSeconds, int64(10+10), "the notice, and then requests under way")
	require.Greater(t, *worker.TerminationGracePeriodSeconds, int64(20), "activities under way")
	for name, pod := range map[string]core.PodSpec{"api": api, "worker": worker} {
		require.Len(t, pod.TopologySpreadConstraints, 2, name)
		for _, c := range pod.TopologySpreadConstraints {
			require.Equal(t, name, c.LabelSelector.MatchLabels["app.kubernetes.io/component"])
		}
	}
	require.Nil(t, get[*apps.Deployment](t, all, "Deployment calls-click2call-api").Spec.Replicas, "the autoscaler's to say")
}

func TestMigrationsComeFirst(t *testing.T) {
	t.Parallel()
	job := get[*batch.Job](t, rendered(t, "minimal"), "Job calls-click2call-migrate")
	require.Equal(t, "pre-install,pre-upgrade", job.Annotations["helm.sh/hook"])
	require.Equal(t, core.RestartPolicyNever, job.Spec.Template.Spec.RestartPolicy)
	require.NotZero(t, *job.Spec.ActiveDeadlineSeconds)
}

func TestIngressFollowsThePublicURL(t *testing.T) {
	t.Parallel()
	ingress := get[*networking.Ingress](t, rendered(t, "full"), "Ingress calls-click2call-api")
	require.Equal(t, "example.com", ingress.Spec.Rules[0].Host)
	require.Equal(t, "/calls", ingress.Spec.Rules[0].HTTP.Paths[0].Path)
	require.Equal(t, []string{"example.com"}, ingress.Spec.TLS[0].Hosts)
}

func TestSIPIsInTheNodesNetworkAndLetsCallsEnd(t *testing.T) {
	t.Parallel()
	sip := get[*apps.DaemonSet](t, rendered(t, "full"), "DaemonSet calls-click2call-livekit-sip").Spec.Template.Spec
	require.True(t, sip.HostNetwork)
	require.Equal(t, core.DNSClusterFirstWithHostNet, sip.DNSPolicy)
	require.Greater(t, *sip.TerminationGracePeriodSeconds, int64(2*60*60), "a call may last two hours")
	require.Equal(t, "livekit-sip", sip.Containers[0].Env[0].ValueFrom.SecretKeyRef.Name)
}

func TestWorkerController(t *testing.T) {
	t.Parallel()
	w := get[*workerDeployment](t, rendered(t, "controller"), "WorkerDeployment calls-click2call-worker")
	require.Equal(t, "temporal.io/v1alpha1", w.APIVersion)
	require.Equal(t, "temporal", w.Spec.WorkerOptions.ConnectionRef.Name)
	require.Equal(t, "default", w.Spec.WorkerOptions.TemporalNamespace)
	require.Len(t, w.Spec.Rollout.Steps, 2)
	require.EqualValues(t, 2, *w.Spec.Replicas)
	require.Contains(t, rendered(t, "controller", "worker.controller.kind=TemporalWorkerDeployment"), "TemporalWorkerDeployment calls-click2call-worker")
}

func TestWrongValuesAreRefused(t *testing.T) {
	t.Parallel()
	for set, says := range map[string]string{
		"worker.replicas=two":                        "worker",
		"worker.replica=3":                           "replica",
		"existingSecret=":                            "existingSecret",
		"config.CLICK2CALL_PUBLIC_URL=calls.example": "CLICK2CALL_PUBLIC_URL",
		"config.TEMPORAL_ADDRESS=temporal":           "TEMPORAL_ADDRESS",
		"config.LIVEKIT_URL=https://livekit.example": "LIVEKIT_URL",
		"config.DATABASE_URL=postgres://x":           "DATABASE_URL",
		"config.CLICK2CALL_LISTEN=:80":               "CLICK2CALL_LISTEN",
		"config.RING_TIMEOUT=soon":                   "RING_TIMEOUT",
		"sip.enabled=true":                           "configSecret",
		"worker.controller.enabled=true":             "connection",
		"api.resources.limits.memory=lots":           "memory",
		"api.terminationGracePeriodSeconds=5":        "terminationGracePeriodSeconds",
		"ingres.enabled=true":                        "ingres",
	} {
		out, err := helm(t, "template", "calls", chart, "--values", "testdata/minimal.yaml", "--set", set)
		require.Error(t, err, "%s was taken", set)
		require.Contains(t, out, "values don't meet the specifications of the schema", set)
		require.Contains(t, out, says, set)
	}
	out, err := helm(t, "template", "calls", chart)
	require.Error(t, err, "nothing is configured")
	require.Contains(t, out, "existingSecret")
}
