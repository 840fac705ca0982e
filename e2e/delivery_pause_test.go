package e2e_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestPauseAndResume: while an operator holds deliveries back nothing is posted and nothing is lost; resumed, what waited goes out at
// once: the watch's own next look would be ten minutes later.
func TestPauseAndResume(t *testing.T) {
	t.Parallel()
	s := open(t, setting{env: []string{"DELIVERY_PROBE_WAITS=10m"}})
	operator, db := s.console(t), s.sqlite(t)
	var list struct {
		Endpoints []struct {
			ID string `json:"endpoint_id"`
		} `json:"endpoints"`
	}
	operator.get("/endpoints", &list)
	require.Len(t, list.Endpoints, 1)
	change := func(body any) {
		require.Equal(t, http.StatusOK, operator.do(http.MethodPatch, "/endpoints/"+list.Endpoints[0].ID, body, nil))
	}
	change(map[string]any{"state": "paused", "headers": map[string]string{"X-Tenant": "forty-two"}})

	var calls []string
	for range 3 {
		calls = append(calls, s.outcome(t))
	}
	require.Eventually(t, func() bool {
		return number(t, db, `SELECT COUNT(*) FROM deliveries WHERE state = 'parked'`) == len(calls)
	}, soon, poll)
	require.Empty(t, s.CRM.Received())

	change(map[string]any{"state": "active"})
	resumed := time.Now()
	for _, id := range calls {
		require.Equal(t, "forty-two", s.awaitTaken(t, id, soon).Header.Get("X-Tenant"))
		require.Len(t, s.sameOutcome(t, id), 1)
	}
	t.Logf("all were there %s after the resumption", time.Since(resumed).Round(time.Millisecond))
	require.Eventually(t, func() bool {
		return s.countWorkflows(t, `ExecutionStatus = 'Running' AND (WorkflowType = 'WatchEndpoint' OR WorkflowType = 'Deliver')`) == 0
	}, soon, poll)
}
