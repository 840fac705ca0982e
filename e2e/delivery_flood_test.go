package e2e_test

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/click2call/click2call/lab/crm"
	"github.com/click2call/click2call/lab/servers"
)

const (
	floodOf      = 2000 // deliveries
	floodAtOnce  = 24   // calls being placed
	floodKills   = 10
	floodSeed    = 20_261_123
	floodWithin  = 3 * time.Minute // from the CRM's return to the last outcome
	overdueAfter = time.Minute
)

// TestFlood queues two thousand outcomes while the CRM is down, kills the worker at random ten times, before and after the
// CRM is back, restarts Temporal in between, and counts: in SQL, in Temporal and at the CRM.
func TestFlood(t *testing.T) {
	s, processes := crashSite(t, setting{env: []string{
		"DELIVERY_SCHEDULE=0s,2s,4s,8s,16s,30s,60s,120s,300s", "DELIVERY_PROBE_WAITS=2s", "DELIVERY_DRAIN_RATE=100",
	}}, "api", "worker")
	worker, db, dice := processes[1], s.sqlite(t), rand.New(rand.NewPCG(floodSeed, 0)) //nolint:gosec // repeatable on purpose
	s.behave(t, crm.Behaviour{Status: 503})
	began := time.Now()
	s.flood(t)
	t.Logf("%d outcomes were queued in %s", floodOf, time.Since(began).Round(time.Second))
	require.Equal(t, floodOf, number(t, db, `SELECT COUNT(*) FROM deliveries`))

	killAtRandom(t, worker, dice, floodKills/2)
	s.Servers.Temporal.Kill()
	comeUp(t, s.Servers.Temporal)
	require.Zero(t, number(t, db, `SELECT COUNT(*) FROM deliveries WHERE state IN ('dead', 'delivered')`))

	back := time.Now()
	s.behave(t, crm.Behaviour{})
	killAtRandom(t, worker, dice, floodKills-floodKills/2)
	require.Eventually(t, func() bool {
		left := number(t, db, `SELECT COUNT(*) FROM deliveries WHERE state <> 'delivered'`)
		if time.Since(back) > 2*overdueAfter {
			require.Zero(t, overdue(t, db), "deliveries that nobody looks after")
		}
		return left == 0
	}, floodWithin, time.Second)
	t.Logf("all had arrived %s after the CRM's return", time.Since(back).Round(time.Second))
	s.checkFlood(t, db)
}

// flood makes outcomes, as quickly as the product takes calls.
func (s *site) flood(t *testing.T) {
	t.Helper()
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(floodAtOnce)
	for range floodOf {
		group.Go(func() error {
			ctx, cancel := context.WithTimeout(ctx, time.Minute)
			defer cancel()
			_, err := s.unanswered(ctx)
			return err
		})
	}
	require.NoError(t, group.Wait())
	db := s.sqlite(t)
	require.Eventually(t, func() bool { return number(t, db, `SELECT COUNT(*) FROM deliveries`) == floodOf }, time.Minute, time.Second)
}

// killAtRandom kills a worker again and again, up to three seconds after it came up.
func killAtRandom(t *testing.T, worker *servers.Process, dice *rand.Rand, times int) {
	t.Helper()
	for range times {
		timer := time.NewTimer(time.Duration(dice.IntN(3000)) * time.Millisecond)
		<-timer.C
		worker.Kill()
		comeUp(t, worker)
	}
}

// overdue counts the deliveries whose next attempt should have been made.
func overdue(t *testing.T, db *sql.DB) int {
	t.Helper()
	return number(t, db, `SELECT COUNT(*) FROM deliveries WHERE state = 'pending' AND next_attempt_at < ?`,
		time.Now().Add(-overdueAfter).UnixMicro())
}

// checkFlood compares the store, Temporal and the CRM.
func (s *site) checkFlood(t *testing.T, db *sql.DB) {
	t.Helper()
	bodies := map[string]string{}
	rows, err := db.QueryContext(t.Context(), `SELECT event_id, body FROM deliveries`)
	require.NoError(t, err)
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for rows.Next() {
		var event string
		var body []byte
		require.NoError(t, rows.Scan(&event, &body))
		bodies[event] = string(body)
	}
	require.NoError(t, rows.Err())
	require.Len(t, bodies, floodOf)

	taken, twice := map[string]bool{}, 0
	for _, r := range s.CRM.Received() {
		require.Equal(t, bodies[r.ID], string(r.Body), "the bytes of %s", r.ID)
		require.True(t, r.Verified, r.Unverified)
		if r.Accepted() && taken[r.ID] {
			twice++
		}
		taken[r.ID] = taken[r.ID] || r.Accepted()
	}
	require.Len(t, taken, floodOf, "every event id arrived, and no other")
	for id, ok := range taken {
		require.True(t, ok, id)
	}
	t.Logf("%d arrived twice, under the same id", twice)
	attempts := number(t, db, `SELECT COUNT(*) FROM delivery_attempts`)
	require.Equal(t, attempts, number(t, db, `SELECT SUM(automatic_attempts + replay_attempts + probe_attempts) FROM deliveries`))
	require.Equal(t, floodOf, number(t, db, `SELECT COUNT(DISTINCT event_id) FROM delivery_attempts WHERE error_class = ''`))
	require.Eventually(t, func() bool {
		return s.countWorkflows(t, `WorkflowType = 'Deliver' AND ExecutionStatus = 'Completed'`) == floodOf
	}, time.Minute, time.Second, "workflows that have ended well")
	require.Zero(t, s.countWorkflows(t, `WorkflowType = 'Deliver' AND ExecutionStatus != 'Completed'`))
	require.Eventually(t, func() bool {
		return s.countWorkflows(t, `WorkflowType = 'WatchEndpoint' AND ExecutionStatus = 'Running'`) == 0
	}, time.Minute, time.Second, "nobody is left to be watched over")
}
