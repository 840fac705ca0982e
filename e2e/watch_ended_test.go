package e2e_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
)

// TestWatchEnded terminates the workflow that looks into all rooms, as an operator may by mistake, while nobody else would tell
// how a call ends: the ledger's next check starts it again, and it sees that the customer hung up.
func TestWatchEnded(t *testing.T) {
	t.Parallel()
	s := open(t, setting{mode: polling, noEvents: true})
	c := s.call(t, rings)
	c.HangUpOnDrop, c.ReportAnswer = false, false
	c.answer()
	s.temporal(t, "workflow", "terminate", "--workflow-id", watchID, "--reason", "a mistake")
	s.checkLedgerUntil(t, func() bool { return s.watchRuns(t) })
	require.Contains(t, s.productLogs(t), `"alert":"watch_started"`)
	s.recordLedger(t)
	c.dropLine()
	c.endAs(customerHangup, ending{late: 3 * time.Second})
}

func (s *site) watchRuns(t *testing.T) bool {
	t.Helper()
	d, err := s.Temporal.DescribeWorkflow(t.Context(), watchID, "")
	require.NoError(t, err)
	return d.RawResponse.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
}

// recordLedger saves the history of a check of the ledger.
func (s *site) recordLedger(t *testing.T) {
	t.Helper()
	check := ""
	require.Eventually(t, func() bool { // Temporal's list lags behind
		got, err := s.Temporal.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
			PageSize: 1, Query: `WorkflowType = 'Ledger' AND ExecutionStatus = 'Completed'`})
		if err != nil || len(got.GetExecutions()) == 0 {
			return false
		}
		check = got.GetExecutions()[0].GetExecution().GetWorkflowId()
		return true
	}, soon, another)
	s.record(t, check, "ledger")
}
