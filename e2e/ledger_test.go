package e2e_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/click2call/click2call/lab/crm"
)

const ledgerSchedule = "click2call-ledger"

// TestLedgerHeals takes workflows away with Temporal's own command line, as an operator may by mistake: a call that talks still
// gets its outcome, its webhook and its line freed, and every delivery still arrives.
func TestLedgerHeals(t *testing.T) {
	t.Parallel()
	s := open(t, setting{env: []string{"DELIVERY_SCHEDULE=0s,20s,20s", "DELIVERY_PROBE_WAITS=1s"}})

	t.Run("a call is terminated while they talk", func(t *testing.T) {
		c := s.call(t, rings).answer()
		s.temporal(t, "workflow", "terminate", "--workflow-id", c.placed.CallID, "--reason", "a mistake")
		s.checkLedgerUntil(t, func() bool { return c.read().Status == "ended" }) // by the second check that misses it
		c.end(outcome{"ANSWERED", "agent_hangup", 200, "operator"})
	})
	t.Run("a delivery's workflow is deleted", func(t *testing.T) {
		s.behave(t, crm.Behaviour{Times: 1, Status: http.StatusInternalServerError})
		callID := s.outcome(t)
		awaitAttempts(t, s, callID, 1) // the next one comes when it is due, if somebody is there for it
		s.temporal(t, "workflow", "delete", "--workflow-id", "delivery-"+eventOf(callID))
		s.checkLedgerUntil(t, func() bool { return len(s.sameOutcome(t, callID)) == 2 })
		s.awaitTaken(t, callID, soon)
	})
	t.Run("the watch over a failing endpoint is terminated", func(t *testing.T) {
		s.behave(t, crm.Behaviour{Status: http.StatusGone})
		callID := s.outcome(t)
		awaitAttempts(t, s, callID, 1)
		s.temporal(t, "workflow", "terminate", "--workflow-id", s.endpointWatch(t, 1), "--reason", "a mistake")
		s.behave(t, crm.Behaviour{})
		s.checkLedgerUntil(t, func() bool { return len(s.CRM.ForCall(callID)) > 1 })
		s.awaitTaken(t, callID, soon)
	})

	var shown struct {
		Balanced            bool
		Live, Dead, Missing int
		Accepted, Outcomes  int
		LastCheck           struct {
			Unresolved      []string
			CallsEndedTotal int `json:"calls_ended_total"`
			StartedTotal    int `json:"deliveries_started_total"`
		} `json:"last_check"`
	}
	s.console(t).get("/ledger", &shown)
	require.True(t, shown.Balanced)
	require.Equal(t, []int{3, 3, 0, 0, 0}, []int{shown.Accepted, shown.Outcomes, shown.Live, shown.Dead, shown.Missing})
	require.Equal(t, 1, shown.LastCheck.CallsEndedTotal)
	require.GreaterOrEqual(t, shown.LastCheck.StartedTotal, 1)
	require.Empty(t, shown.LastCheck.Unresolved)
}

// checkLedgerUntil has the ledger checked again and again until something is so.
func (s *site) checkLedgerUntil(t *testing.T, ok func() bool) {
	t.Helper()
	schedule := s.Temporal.ScheduleClient().GetHandle(t.Context(), ledgerSchedule)
	require.Eventually(t, func() bool {
		if ok() {
			return true
		}
		if err := schedule.Trigger(t.Context(), client.ScheduleTriggerOptions{}); err != nil {
			t.Log(err)
		}
		return false
	}, 2*time.Minute, time.Second)
}
