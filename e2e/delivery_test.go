package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"github.com/click2call/click2call/lab/crm"
	"github.com/click2call/click2call/lab/history"
)

// manyTries is a schedule on which nobody dies while a test looks.
const manyTries = "DELIVERY_SCHEDULE=0s,300ms,300ms,300ms,300ms,300ms,300ms,300ms,1s,1s,1s,2s,2s,4s,4s,8s,8s,16s,16s,30s,30s"

// TestBadReceivers has the CRM answer in all the ways that go wrong, one after the other, and then well: every outcome
// arrives, as the same event with the same bytes.
func TestBadReceivers(t *testing.T) {
	t.Parallel()
	s := open(t, setting{env: []string{manyTries, "DELIVERY_PROBE_WAITS=500ms,1s"}})
	var strangers atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strangers.Add(1) }))
	t.Cleanup(elsewhere.Close)
	db := s.sqlite(t)
	for _, c := range []struct {
		name    string
		crm     crm.Behaviour
		class   string
		status  int
		atLeast time.Duration // from the first to the second request
		tries   int
	}{
		{name: "500 three times", crm: crm.Behaviour{Times: 3, Status: 500}, class: "status", status: 500, tries: 4},
		{name: "429, in seconds", crm: crm.Behaviour{Times: 1, Status: 429, RetryAfter: "3"}, class: "status", status: 429, atLeast: 3 * time.Second, tries: 2},
		{name: "429, a date", crm: crm.Behaviour{Times: 1, Status: 429, RetryAfter: time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)},
			class: "status", status: 429, tries: 1},
		{name: "301 to another host", crm: crm.Behaviour{Times: 2, Status: 301, Location: elsewhere.URL}, class: "redirect", status: 301, tries: 3},
		{name: "it hangs", crm: crm.Behaviour{Times: 1, Mode: crm.ModeHang}, class: "timeout", atLeast: 14 * time.Second, tries: 2},
		{name: "it drips", crm: crm.Behaviour{Times: 1, Mode: crm.ModeDrip, DelayMS: 1000}, class: "timeout", status: 200, atLeast: 14 * time.Second, tries: 2},
		{name: "100 MB", crm: crm.Behaviour{Times: 1, Status: 500, BodySize: 100 << 20}, class: "status", status: 500, tries: 2},
		{name: "it closes in mid-response", crm: crm.Behaviour{Times: 1, Mode: crm.ModeClose}, class: "closed", status: 200, tries: 2},
		{name: "it closes before the response", crm: crm.Behaviour{Times: 2, Mode: crm.ModeReset}, class: "closed", tries: 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.behave(t, c.crm)
			callID := s.outcome(t)
			if c.tries == 1 { // an hour is more than may be asked for after a short wait: it comes in five minutes
				awaitAttempts(t, s, callID, 1)
				next := number(t, db, `SELECT (next_attempt_at - started_at) / 1000000 FROM delivery_attempts WHERE event_id = ?`, eventOf(callID))
				require.InDelta(t, 300, next, 3)
				s.behave(t, crm.Behaviour{})
				return
			}
			s.awaitTaken(t, callID, time.Minute)
			all := s.sameOutcome(t, callID)
			require.GreaterOrEqual(t, len(all), c.tries)
			require.GreaterOrEqual(t, all[1].At.Sub(all[0].At), c.atLeast)
			require.Equal(t, 1, number(t, db, `SELECT COUNT(*) FROM delivery_attempts WHERE event_id = ? AND n = 1 AND error_class = ? AND status = ?
				AND length(response_body) <= 65536`, eventOf(callID), c.class, c.status))
		})
	}
	require.Zero(t, strangers.Load(), "a redirect was followed")
}

// awaitAttempts waits until so many attempts of a call's delivery are written down.
func awaitAttempts(t *testing.T, s *site, callID string, n int) {
	t.Helper()
	db := s.sqlite(t)
	require.Eventually(t, func() bool {
		return number(t, db, `SELECT COUNT(*) FROM delivery_attempts WHERE event_id = ?`, eventOf(callID)) >= n
	}, soon, poll)
}

// TestGone has the CRM say 410: the deliveries are parked, somebody is told, and all arrive when it has changed its mind.
func TestGone(t *testing.T) {
	t.Parallel()
	told := make(chan string, 100)
	operator := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var alert struct {
			Kind string `json:"kind"`
		}
		_ = json.NewDecoder(r.Body).Decode(&alert) // what is not JSON is not the kind that is expected
		told <- alert.Kind
	}))
	t.Cleanup(operator.Close)
	s := open(t, setting{env: []string{manyTries, "DELIVERY_PROBE_WAITS=2s", "OPERATOR_WEBHOOK_URL=" + operator.URL}})
	db := s.sqlite(t)
	s.behave(t, crm.Behaviour{Status: 410})
	first := s.outcome(t)
	require.Equal(t, "endpoint_parked", <-told)
	second, third := s.outcome(t), s.outcome(t)
	require.Eventually(t, func() bool { return number(t, db, `SELECT COUNT(*) FROM deliveries WHERE state = 'parked'`) == 3 }, soon, poll)
	s.behave(t, crm.Behaviour{})
	for _, callID := range []string{first, second, third} {
		s.awaitTaken(t, callID, soon)
		s.sameOutcome(t, callID)
	}
	require.Equal(t, "endpoint_well", <-told)
	require.Empty(t, told, "each change is told once")
	require.Zero(t, s.countWorkflows(t, `WorkflowType = 'Deliver'`), "the calls' own workflows, and the rows, were enough")
	require.Eventually(t, func() bool {
		return s.countWorkflows(t, `ExecutionStatus = 'Running' AND WorkflowType = 'WatchEndpoint'`) == 0
	}, soon, poll)
	require.LessOrEqual(t, number(t, db, `SELECT MAX(automatic_attempts) FROM deliveries`), 2, "parked time uses up no attempt")
	s.record(t, s.endpointWatch(t, 1), "endpoint_drained")
}

// endpointWatch is the id of the workflow that watches over the site's endpoint while it is held back for the hold-th time.
func (s *site) endpointWatch(t *testing.T, hold int) string {
	t.Helper()
	endpoint := ""
	require.NoError(t, s.sqlite(t).QueryRowContext(t.Context(), `SELECT endpoint_id FROM endpoints`).Scan(&endpoint))
	return fmt.Sprintf("endpoint-%s-%d", endpoint, hold)
}

// TestDeadDelivery reads a dead delivery as an operator does in Temporal, and replays it from there.
func TestDeadDelivery(t *testing.T) {
	t.Parallel()
	s := open(t, setting{env: []string{"DELIVERY_SCHEDULE=0s,200ms"}})
	db := s.sqlite(t)
	die := func() (callID, workflowID string) {
		s.behave(t, crm.Behaviour{Times: 2, Status: 500})
		callID = s.outcome(t)
		require.Eventually(t, func() bool {
			return number(t, db, `SELECT COUNT(*) FROM deliveries WHERE event_id = ? AND state = 'dead'`, eventOf(callID)) == 1
		}, soon, poll)
		workflowID = deliveryOf(callID)
		err := s.Temporal.GetWorkflow(t.Context(), workflowID, "").Get(t.Context(), nil)
		require.ErrorContains(t, err, "dead after 2 attempts, the last one: answered 500 Internal Server Error")
		return callID, workflowID
	}

	callID, workflowID := die()
	require.Contains(t, s.temporal(t, "workflow", "describe", "-w", workflowID), "FAILED")
	require.Contains(t, s.temporal(t, "workflow", "show", "-w", workflowID), "dead after 2 attempts")
	s.temporal(t, "workflow", "start", "--workflow-id", workflowID, "--type", "Deliver", "--task-queue", "click2call-deliveries",
		"--input", fmt.Sprintf(`{"event_id": %q}`, eventOf(callID)))
	s.awaitTaken(t, callID, soon)
	s.sameOutcome(t, callID)
	require.NoError(t, s.Temporal.GetWorkflow(t.Context(), workflowID, "").Get(t.Context(), nil))

	callID, workflowID = die()
	for range 2 {
		s.temporal(t, "workflow", "signal-with-start", "--workflow-id", workflowID, "--type", "Deliver", "--task-queue", "click2call-deliveries",
			"--input", fmt.Sprintf(`{"event_id": %q, "replay_only": true}`, eventOf(callID)), "--signal-name", "replay", "--signal-input", `{"id": "by-hand-1"}`)
		s.awaitTaken(t, callID, soon)
		require.NoError(t, s.Temporal.GetWorkflow(t.Context(), workflowID, "").Get(t.Context(), nil))
	}
	all := s.sameOutcome(t, callID)
	require.Len(t, all, 3, "two that failed, and one for the replay that was ordered twice")
	require.Equal(t, "manual", all[2].Header.Get("X-Click2call-Replay"))
}

// TestLongWaits looks at Temporal's own plan: its server cuts waits to the retry policy's longest interval.
func TestLongWaits(t *testing.T) {
	t.Parallel()
	s := open(t, setting{env: []string{"DELIVERY_SCHEDULE=0s,24h,24h"}})
	s.behave(t, crm.Behaviour{Status: 500})
	callID := s.outcome(t)
	awaitAttempts(t, s, callID, 1)
	ctx := t.Context()
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		d, err := s.Temporal.DescribeWorkflow(ctx, deliveryOf(callID), "")
		if !assert.NoError(t, err) || !assert.Len(t, d.RawResponse.GetPendingActivities(), 1) {
			return
		}
		activity := d.RawResponse.GetPendingActivities()[0]
		assert.Equal(t, enumspb.PENDING_ACTIVITY_STATE_SCHEDULED, activity.GetState())
		assert.InDelta(t, 24, time.Until(activity.GetScheduledTime().AsTime()).Hours(), 5)
	}, soon, poll)
}

// TestCostOfADelivery prints what the workflow of a delivery costs in Temporal that must be tried again: none when the first attempt
// arrives, which the call's own workflow makes, and the same history for two attempts and for twelve.
func TestCostOfADelivery(t *testing.T) {
	t.Parallel()
	s := open(t, setting{env: []string{"DELIVERY_SCHEDULE=0s,100ms,100ms,100ms,100ms,100ms,100ms,100ms,100ms,100ms,100ms,100ms"}})
	s.awaitTaken(t, s.outcome(t), soon)
	require.Zero(t, s.countWorkflows(t, `WorkflowType = 'Deliver'`))
	var bills []history.Bill
	for _, attempts := range []int{2, 12} {
		s.behave(t, crm.Behaviour{Times: attempts - 1, Status: 500})
		callID := s.outcome(t)
		s.awaitTaken(t, callID, soon)
		bill := history.Count(s.history(t, deliveryOf(callID)))
		t.Logf("%2d attempts: %d events, %d actions: %s", attempts, bill.Events, bill.Actions, describe(bill))
		require.Len(t, s.sameOutcome(t, callID), attempts)
		bills = append(bills, bill)
	}
	require.Equal(t, bills[0].Events, bills[1].Events)
	require.InDelta(t, bills[0].Actions+10, bills[1].Actions, 1)
}
