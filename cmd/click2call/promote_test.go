package main

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"
)

func TestBuildOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		own  string
		env  environment
		want worker.DeploymentOptions
	}{
		"no versioning": {"", nil, worker.DeploymentOptions{}},
		"by hand": {"2026-12-01", nil, worker.DeploymentOptions{UseVersioning: true,
			Version: worker.WorkerDeploymentVersion{DeploymentName: "click2call", BuildID: "2026-12-01"}}},
		"Temporal's Worker Controller": {"2026-12-01", environment{"TEMPORAL_DEPLOYMENT_NAME": "telephony/calls-worker", "TEMPORAL_WORKER_BUILD_ID": "v1-a5f7"},
			worker.DeploymentOptions{UseVersioning: true, Version: worker.WorkerDeploymentVersion{DeploymentName: "telephony/calls-worker", BuildID: "v1-a5f7"}}},
		"half of it is not the controller": {"", environment{"TEMPORAL_WORKER_BUILD_ID": "v1-a5f7"}, worker.DeploymentOptions{}},
	} {
		require.Equal(t, c.want, deployment(buildOf(c.own, c.env)), name)
	}
}
