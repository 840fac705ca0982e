package e2e_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/crm"
)

// TestRunbookCommands runs the commands of docs/operations.md, with Temporal's own command line, on a site where an outcome died.
func TestRunbookCommands(t *testing.T) {
	t.Parallel()
	s := open(t, setting{env: []string{"DELIVERY_SCHEDULE=0s,200ms"}})
	s.behave(t, crm.Behaviour{Times: 2, Status: http.StatusInternalServerError})
	dead := s.outcome(t)
	awaitAttempts(t, s, dead, 2)
	db := s.sqlite(t)
	require.Eventually(t, func() bool {
		return number(t, db, `SELECT COUNT(*) FROM deliveries WHERE event_id = ? AND state = 'dead'`, eventOf(dead)) == 1
	}, soon, poll)

	require.Contains(t, s.temporal(t, "workflow", "describe", "--workflow-id", dead), "COMPLETED")
	require.Contains(t, s.temporal(t, "workflow", "show", "--workflow-id", dead), "WorkflowExecutionCompleted")
	require.Contains(t, s.temporal(t, "workflow", "show", "--workflow-id", "delivery-"+eventOf(dead)), "WorkflowExecutionFailed")
	require.Eventually(t, func() bool { // Temporal's list lags behind
		return s.countWorkflows(t, `CaseId = "case-1"`) == 1
	}, soon, another)
	require.Contains(t, s.temporal(t, "workflow", "list", "--query", `CaseId = "case-1"`), dead)
	require.Contains(t, s.temporal(t, "schedule", "describe", "--schedule-id", "click2call-ledger"), "click2call-ledger")
	s.temporal(t, "schedule", "trigger", "--schedule-id", "click2call-ledger")

	s.temporal(t, "workflow", "start", "--workflow-id", "delivery-"+eventOf(dead), "--type", "Deliver", "--task-queue", "click2call-deliveries",
		"--input", `{"event_id":"`+eventOf(dead)+`"}`)
	s.awaitTaken(t, dead, soon)
	s.sameOutcome(t, dead)
	require.Eventually(t, func() bool {
		return number(t, db, `SELECT COUNT(*) FROM deliveries WHERE event_id = ? AND state = 'delivered'`, eventOf(dead)) == 1
	}, soon, poll)
	require.Zero(t, number(t, db, `SELECT COUNT(*) FROM calls c LEFT JOIN deliveries d ON d.call_id = c.call_id
		WHERE c.call_status IS NOT NULL AND d.call_id IS NULL`))

	s.behave(t, crm.Behaviour{Times: 1, Mode: crm.ModeHang})
	waiting := s.outcome(t) // its first attempt hangs for 15 s; a replay comes after it
	require.Eventually(t, func() bool { return len(s.CRM.ForCall(waiting)) == 1 }, soon, poll)
	s.temporal(t, "workflow", "signal-with-start", "--workflow-id", "delivery-"+eventOf(waiting), "--type", "Deliver", "--task-queue", "click2call-deliveries",
		"--input", `{"event_id":"`+eventOf(waiting)+`","replay_only":true}`, "--signal-name", "replay", "--signal-input", `{}`)
	s.awaitTaken(t, waiting, soon)
	s.sameOutcome(t, waiting)
}
