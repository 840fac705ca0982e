package e2e_test

import (
	"database/sql"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"github.com/click2call/click2call/lab/crm"
	"github.com/click2call/click2call/lab/history"
)

const (
	bulkOf      = 2000
	bulkWaiting = 30 // of them have a schedule that goes on
	bulkKills   = 3
	bulkAtOnce  = 20 // POSTs under way when the worker is killed: so many may be made again
)

// TestBulkReplay sends two thousand dead and waiting deliveries once more from the command line, kills the worker three times
// on the way, and Temporal once: no gap, nothing twice, and the progress is true at every moment.
func TestBulkReplay(t *testing.T) {
	s, processes := crashSite(t, setting{env: []string{"DELIVERY_SCHEDULE=0s,24h"}}, "api", "worker")
	worker, db := processes[1], s.sqlite(t)
	s.undelivered(t, bulkWaiting, bulkOf-bulkWaiting)
	before := len(s.CRM.Received())

	preview := s.runDeliveries(t, "replay", "--state", "dead,pending", "--dry-run", "--json")
	var counted struct {
		Count   int            `json:"count"`
		ByState map[string]int `json:"by_state"`
	}
	require.NoError(t, json.Unmarshal([]byte(preview), &counted))
	require.Equal(t, bulkOf, counted.Count)
	require.Equal(t, map[string]int{"dead": bulkOf - bulkWaiting, "pending": bulkWaiting}, counted.ByState)

	began := time.Now()
	watch := s.watchReplay(t, "--state", "dead,pending", "--rate", "200")
	first := <-watch.lines
	require.Equal(t, bulkOf, first.Total, watch.errs.String())
	for i := range bulkKills {
		awaitSettled(t, db, first.ReplayID, (i+1)*bulkOf/(bulkKills+1))
		worker.Kill()
		if i == bulkKills-1 {
			s.Servers.Temporal.Kill()
			comeUp(t, s.Servers.Temporal)
		}
		checkReplayCounts(t, db, first.ReplayID)
		comeUp(t, worker)
	}
	last := first
	for p := range watch.lines {
		require.Equal(t, p.Total, p.Sent+p.Skipped+p.Left)
		require.GreaterOrEqual(t, p.Sent, last.Sent, "the progress never goes back")
		last = p
	}
	require.NoError(t, <-watch.ended, watch.errs.String())
	t.Logf("%d deliveries in %s, with %d kills of the worker and one of Temporal", bulkOf, time.Since(began).Round(time.Second), bulkKills)
	require.Equal(t, replayProgress{ReplayID: first.ReplayID, State: "done", Total: bulkOf, Sent: bulkOf, Succeeded: bulkOf}, last)
	checkReplayCounts(t, db, first.ReplayID)
	s.checkBulk(t, db, first.ReplayID, before)
}

// checkReplayCounts compares a replay's counters with its items, in one look.
func checkReplayCounts(t *testing.T, db *sql.DB, replayID string) {
	t.Helper()
	require.Equal(t, 1, number(t, db, `SELECT COUNT(*) FROM replays r WHERE replay_id = ? AND total = (SELECT COUNT(*) FROM replay_items WHERE replay_id = r.replay_id)
		AND succeeded = (SELECT COUNT(*) FROM replay_items WHERE replay_id = r.replay_id AND result = 'succeeded')
		AND failed = (SELECT COUNT(*) FROM replay_items WHERE replay_id = r.replay_id AND result = 'failed')
		AND skipped = (SELECT COUNT(*) FROM replay_items WHERE replay_id = r.replay_id AND result = 'skipped')`, replayID), "the counters are not what the items say")
	// An attempt may be written down and not be counted yet, when the worker dies between the two; never the other way round.
	require.Zero(t, number(t, db, `SELECT COUNT(*) FROM replay_items i WHERE replay_id = ? AND result IN ('succeeded', 'failed')
		AND NOT EXISTS (SELECT 1 FROM delivery_attempts a WHERE a.event_id = i.event_id AND a.replay_id = i.replay_id)`, replayID), "counted without an attempt")
}

// checkBulk compares the store, Temporal and the CRM after a replay of everything.
func (s *site) checkBulk(t *testing.T, db *sql.DB, replayID string, before int) {
	t.Helper()
	require.Equal(t, bulkOf, number(t, db, `SELECT COUNT(*) FROM delivery_attempts WHERE cause = 'replay' AND replay_id = ?`, replayID))
	require.Equal(t, bulkOf, number(t, db, `SELECT COUNT(DISTINCT event_id) FROM delivery_attempts WHERE cause = 'replay' AND replay_id = ?`, replayID))
	require.Zero(t, number(t, db, `SELECT COUNT(*) FROM delivery_attempts WHERE cause = 'replay' AND replay_id <> ?`, replayID))
	require.Equal(t, bulkOf, number(t, db, `SELECT COUNT(*) FROM deliveries WHERE state = 'delivered' AND replay_attempts = 1 AND next_attempt_at IS NULL`))
	posts := map[string]int{}
	for _, r := range s.CRM.Received()[before:] {
		require.True(t, r.Accepted(), r.Unverified)
		require.Equal(t, "manual", r.Header.Get("X-Click2call-Replay"))
		posts[r.ID]++
	}
	require.Len(t, posts, bulkOf, "every event arrived, and no other")
	again := 0
	for _, n := range posts {
		again += n - 1
	}
	t.Logf("%d POSTs were made again: their worker died before it could write down the answer", again)
	require.LessOrEqual(t, again, bulkKills*bulkAtOnce)

	require.Eventually(t, func() bool {
		return s.countWorkflows(t, `WorkflowType = 'Deliver' AND ExecutionStatus = 'Running'`) == 0
	}, soon, poll, "the replay has ended the automatic attempts that were to come")
	require.Zero(t, number(t, db, `SELECT COUNT(*) FROM delivery_attempts WHERE cause = 'automatic' AND n > 1`))
	bill := history.Count(s.history(t, "replay-"+replayID))
	t.Logf("the replay's workflow: %d events, %d actions: %s", bill.Events, bill.Actions, describe(bill))
	require.Less(t, bill.Events, 100)
	require.Less(t, bill.Actions, 25)
}

// TestSteerBulkReplay pauses, resumes and cancels from the command line and from Temporal, and takes up the rest with a new
// replay.
func TestSteerBulkReplay(t *testing.T) {
	t.Parallel()
	const size = 150
	s := open(t, setting{env: []string{"DELIVERY_SCHEDULE=0s,24h"}})
	db := s.sqlite(t)
	s.undelivered(t, 1, size)
	sent := func(id string) int {
		return number(t, db, `SELECT COUNT(*) FROM delivery_attempts WHERE replay_id = ?`, id)
	}

	var begun replayProgress
	require.NoError(t, json.Unmarshal([]byte(s.runDeliveries(t, "replay", "--state", "dead", "--rate", "10", "--yes", "--json")), &begun))
	awaitSettled(t, db, begun.ReplayID, 5)
	require.Equal(t, "paused", s.steer(t, "pause", begun.ReplayID).State)
	s.awaitIdle(t, begun.ReplayID)
	held := sent(begun.ReplayID)
	require.Less(t, held, size)
	require.Equal(t, "paused", s.steer(t, "pause", begun.ReplayID).State, "again")

	// An operator goes on from Temporal, which has no word for the store.
	s.temporal(t, "workflow", "signal", "--workflow-id", "replay-"+begun.ReplayID, "--name", "resume")
	awaitSettled(t, db, begun.ReplayID, held+5)
	s.temporal(t, "workflow", "signal", "--workflow-id", "replay-"+begun.ReplayID, "--name", "pause")
	require.Eventually(t, func() bool {
		return number(t, db, `SELECT COUNT(*) FROM replays WHERE replay_id = ? AND state = 'paused'`, begun.ReplayID) == 1
	}, soon, poll)
	s.awaitIdle(t, begun.ReplayID)
	require.Equal(t, "running", s.steer(t, "resume", begun.ReplayID).State)
	awaitSettled(t, db, begun.ReplayID, sent(begun.ReplayID)+3)

	cancelled := s.steer(t, "cancel", begun.ReplayID)
	require.Equal(t, "cancelled", cancelled.State)
	require.NoError(t, s.Temporal.GetWorkflow(t.Context(), "replay-"+begun.ReplayID, "").Get(t.Context(), nil))
	s.record(t, "replay-"+begun.ReplayID, "bulk_replay")
	checkReplayCounts(t, db, begun.ReplayID)
	left := number(t, db, `SELECT COUNT(*) FROM deliveries WHERE state = 'dead'`)
	require.Equal(t, size-sent(begun.ReplayID), left)
	require.Positive(t, left)

	rest := s.watchReplay(t, "--state", "dead", "--rate", "200")
	var last replayProgress
	for p := range rest.lines {
		last = p
	}
	require.NoError(t, <-rest.ended, rest.errs.String())
	require.Equal(t, []int{left, left, 0}, []int{last.Total, last.Succeeded, last.Left})
	require.Zero(t, number(t, db, `SELECT COUNT(*) FROM deliveries WHERE state = 'dead'`))

	// Cancelled in Temporal Web.
	s.behave(t, crm.Behaviour{Status: 500})
	require.NoError(t, json.Unmarshal([]byte(s.runDeliveries(t, "replay", "--state", "delivered", "--rate", "10", "--yes", "--json")), &begun))
	awaitSettled(t, db, begun.ReplayID, 3)
	require.NoError(t, s.Temporal.CancelWorkflow(t.Context(), "replay-"+begun.ReplayID, ""))
	ctx := t.Context()
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		d, err := s.Temporal.DescribeWorkflow(ctx, "replay-"+begun.ReplayID, "")
		if assert.NoError(t, err) {
			assert.Equal(t, enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED, d.RawResponse.GetWorkflowExecutionInfo().GetStatus())
		}
	}, soon, poll)
	require.Equal(t, 1, number(t, db, `SELECT COUNT(*) FROM replays WHERE replay_id = ? AND state = 'cancelled' AND succeeded = 0`, begun.ReplayID))
	require.Zero(t, number(t, db, `SELECT COUNT(*) FROM deliveries WHERE state = 'dead'`), "a replay that fails takes nothing back")
}
