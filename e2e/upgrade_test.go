package e2e_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/crm"
	"github.com/click2call/click2call/lab/servers"
)

// TestRollingUpgrade deploys a second build beside the first while a call talks: that call ends on the build that it began on,
// and the next call is the new build's.
func TestRollingUpgrade(t *testing.T) {
	t.Parallel()
	s := open(t, setting{byHand: true})
	migrate(t, s)
	api := s.NewProduct("click2call api", s.Ports.Product, "api")
	t.Cleanup(api.Kill)
	comeUp(t, api)
	blue := s.startBuild(t, "blue", built(t).product)
	s.promote(t, "blue")
	old := s.call(t, secondsOf("200", 0, 0)).talking()

	green := s.startBuild(t, "green", rebuilt(t))
	s.promote(t, "green")
	fresh := s.call(t, secondsOf("200", 0, 0)).talking()
	require.Equal(t, "blue", s.buildOf(t, old.placed.CallID))
	require.Equal(t, "green", s.buildOf(t, fresh.placed.CallID))

	s.behave(t, crm.Behaviour{Times: 1, Status: http.StatusInternalServerError}) // so that the delivery needs a workflow of its own
	old.mayRepeat = true
	old.dropLine()
	old.end(customerHangup)
	require.Equal(t, "blue", s.buildOf(t, old.placed.CallID))
	require.Equal(t, "green", s.buildOf(t, deliveryOf(old.placed.CallID)), "deliveries go on with the new build")
	blue.Stop()
	fresh.dropLine()
	fresh.end(customerHangup)
	green.Stop()
}

// rebuilt is a second build of the product, which is not the first one byte for byte.
func rebuilt(t *testing.T) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "click2call")
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags", "-X main.version=second", "-o", to, "../cmd/click2call")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	return to
}

// startBuild starts a worker of a build.
func (s *site) startBuild(t *testing.T, id, program string) *servers.Process {
	t.Helper()
	s.Reroute("CLICK2CALL_BUILD_ID=" + id)
	p := s.NewProductOf(program, "click2call worker "+id, freePort(t), "worker")
	t.Cleanup(p.Kill)
	comeUp(t, p)
	return p
}

// promote runs the command that an operator runs.
func (s *site) promote(t *testing.T, build string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, built(t).product, "promote", build)
	cmd.Env = append(os.Environ(), "TEMPORAL_ADDRESS="+s.Servers.TemporalAddress())
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "new calls go to build "+build)
}

// buildOf is the build whose workers run a workflow.
func (s *site) buildOf(t *testing.T, workflowID string) string {
	t.Helper()
	var build string
	require.Eventually(t, func() bool {
		d, err := s.Temporal.DescribeWorkflow(t.Context(), workflowID, "")
		if err != nil {
			return false
		}
		build = d.RawResponse.GetWorkflowExecutionInfo().GetVersioningInfo().GetDeploymentVersion().GetBuildId()
		return build != ""
	}, soon, poll)
	return build
}
