package e2e_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/crm"
)

// probesOfARun is after how many probes the watch over an endpoint continues as a new run.
const probesOfARun = 100

// TestEndpointAwayForMonths has the CRM refuse as many probes as one run of the watch makes, each of them hurried by a signal: a
// new run goes on where the first one ended, and what is parked arrives.
func TestEndpointAwayForMonths(t *testing.T) {
	t.Parallel()
	s := open(t, setting{env: []string{manyTries, "DELIVERY_PROBE_WAITS=1h"}})
	db := s.sqlite(t)
	s.behave(t, crm.Behaviour{Status: http.StatusGone})
	callID := s.outcome(t)
	require.Eventually(t, func() bool { return number(t, db, `SELECT COUNT(*) FROM deliveries WHERE state = 'parked'`) == 1 }, soon, poll)
	watch := s.endpointWatch(t, 1)
	first := s.runOf(t, watch)
	for probe := range probesOfARun {
		require.NoError(t, s.Temporal.SignalWorkflow(t.Context(), watch, "", "endpoint-well", struct{}{}))
		require.Eventually(t, func() bool { return number(t, db, `SELECT probe_attempts FROM deliveries`) > probe }, soon, poll)
	}
	require.Eventually(t, func() bool { return s.runOf(t, watch) != first }, soon, poll)
	s.behave(t, crm.Behaviour{})
	require.NoError(t, s.Temporal.SignalWorkflow(t.Context(), watch, "", "endpoint-well", struct{}{}))
	s.awaitTaken(t, callID, soon)
	s.sameOutcome(t, callID)
	require.NoError(t, s.Temporal.GetWorkflow(t.Context(), watch, "").Get(t.Context(), nil))
	s.recordRun(t, watch, first, "endpoint_continued")
	s.record(t, watch, "endpoint_drained_after_continuing")
}

// runOf is the id of a workflow's latest run.
func (s *site) runOf(t *testing.T, workflowID string) string {
	t.Helper()
	d, err := s.Temporal.DescribeWorkflow(t.Context(), workflowID, "")
	require.NoError(t, err)
	return d.RawResponse.GetWorkflowExecutionInfo().GetExecution().GetRunId()
}
