package e2e_test

import (
	cryptorand "crypto/rand"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"github.com/click2call/click2call/lab/crm"
	"github.com/click2call/click2call/lab/servers"
)

const (
	floodOf     = 500 // deliveries, unless E2E_FLOOD says otherwise: `make flood` has 2,000
	floodAtOnce = 12  // being started
	floodKills  = 10
	floodSeed   = 20_261_123
	floodWithin = 10 * time.Minute // from the CRM's return to the last outcome, on a busy machine
	stalled     = time.Minute      // without an outcome arriving: somebody is not looked after
)

// floodSize is how many outcomes are queued.
func floodSize(t *testing.T) int {
	t.Helper()
	if text := os.Getenv("E2E_FLOOD"); text != "" {
		n, err := strconv.Atoi(text)
		require.NoError(t, err, "E2E_FLOOD")
		return n
	}
	return floodOf
}

// TestFlood queues outcomes while the CRM is down, kills the worker at random ten times, before and after the
// CRM is back, restarts Temporal in between, and counts: in SQL, in Temporal and at the CRM.
func TestFlood(t *testing.T) {
	s, processes := crashSite(t, setting{env: []string{
		"DELIVERY_SCHEDULE=0s,2s,4s,8s,16s,30s,60s,120s,300s", "DELIVERY_PROBE_WAITS=2s", "DELIVERY_DRAIN_RATE=100",
	}}, "api", "worker")
	worker, db, dice := processes[1], s.sqlite(t), rand.New(rand.NewPCG(floodSeed, 0)) //nolint:gosec // repeatable on purpose
	s.behave(t, crm.Behaviour{Status: 503})
	began := time.Now()
	size := floodSize(t)
	s.flood(t, size)
	t.Logf("%d outcomes were queued in %s", size, time.Since(began).Round(time.Second))
	require.Equal(t, size, number(t, db, `SELECT COUNT(*) FROM deliveries`))

	killAtRandom(t, worker, dice, floodKills/2)
	s.Servers.Temporal.Kill()
	comeUp(t, s.Servers.Temporal)
	require.Zero(t, number(t, db, `SELECT COUNT(*) FROM deliveries WHERE state IN ('dead', 'delivered')`))

	back := time.Now()
	s.behave(t, crm.Behaviour{})
	killAtRandom(t, worker, dice, floodKills-floodKills/2)
	s.awaitFlood(t, db)
	t.Logf("all had arrived %s after the CRM's return", time.Since(back).Round(time.Second))
	s.checkFlood(t, db, size)
}

// flood queues outcomes: one of a real call, and copies of it under other ids, which is quicker than placing them all.
func (s *site) flood(t *testing.T, size int) {
	t.Helper()
	original := strings.TrimPrefix(s.outcome(t), "c2c_")
	db := s.sqlite(t)
	require.Eventually(t, func() bool { return number(t, db, `SELECT COUNT(*) FROM deliveries`) == 1 }, soon, poll)
	ids := make([]string, size-1)
	for i := range ids {
		ids[i] = strings.ToLower(cryptorand.Text())
	}
	s.write(t, func(tx *sql.Tx) { copyOutcome(t, tx, original, ids) })
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(floodAtOnce)
	for _, id := range ids {
		group.Go(func() error {
			_, err := s.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: deliveryOf(id), TaskQueue: "click2call-deliveries"},
				"Deliver", map[string]string{"event_id": "evt_" + id})
			return err
		})
	}
	require.NoError(t, group.Wait())
}

// write changes the store behind the product's back, all at once.
func (s *site) write(t *testing.T, change func(*sql.Tx)) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.Dir(), "click2call.db")+"?_pragma=busy_timeout(8000)&_txlock=immediate")
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer tx.Rollback() //nolint:errcheck // it says so after a commit
	change(tx)
	require.NoError(t, tx.Commit())
}

// copyOutcome copies a call and its delivery, with the part that their ids share replaced everywhere.
func copyOutcome(t *testing.T, tx *sql.Tx, original string, ids []string) {
	t.Helper()
	for _, table := range []string{"calls", "deliveries"} {
		copyRows(t, tx, table, original, ids)
	}
}

// copyRows copies what a table has of a call, once for each id.
func copyRows(t *testing.T, tx *sql.Tx, table, original string, ids []string) {
	t.Helper()
	copied, err := tx.PrepareContext(t.Context(), fmt.Sprintf(`INSERT INTO %s SELECT %s FROM %s WHERE call_id = 'c2c_' || ?1`,
		table, strings.Join(copiedColumns(t, tx, table), ", "), table))
	require.NoError(t, err)
	defer copied.Close() //nolint:errcheck // the transaction's commit tells
	for _, id := range ids {
		_, err := copied.ExecContext(t.Context(), original, id)
		require.NoError(t, err)
	}
}

// copiedColumns are expressions for a table's columns, with the original's id replaced and no attempt made yet.
func copiedColumns(t *testing.T, tx *sql.Tx, table string) (values []string) {
	t.Helper()
	rows, err := tx.QueryContext(t.Context(), `SELECT name, type FROM pragma_table_info(?)`, table)
	require.NoError(t, err)
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for rows.Next() {
		var name, kind string
		require.NoError(t, rows.Scan(&name, &kind))
		switch {
		case name == "automatic_attempts":
			name = "0"
		case kind == "TEXT":
			name = fmt.Sprintf("replace(%s, ?1, ?2)", name)
		case kind == "BLOB":
			name = fmt.Sprintf("CAST(replace(CAST(%s AS TEXT), ?1, ?2) AS BLOB)", name)
		}
		values = append(values, name)
	}
	require.NoError(t, rows.Err())
	return values
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

// awaitFlood waits until every outcome has arrived, as long as more and more do.
func (s *site) awaitFlood(t *testing.T, db *sql.DB) {
	t.Helper()
	best, since := number(t, db, `SELECT COUNT(*) FROM deliveries`), time.Now()
	require.Eventually(t, func() bool {
		left := number(t, db, `SELECT COUNT(*) FROM deliveries WHERE state <> 'delivered'`)
		if left < best {
			best, since = left, time.Now()
		}
		assert.Less(t, time.Since(since), stalled, "%d outcomes are left, and none arrives", left)
		return left == 0 || t.Failed()
	}, floodWithin, time.Second)
	require.Zero(t, best)
}

// checkFlood compares the store, Temporal and the CRM.
func (s *site) checkFlood(t *testing.T, db *sql.DB, size int) {
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
	require.Len(t, bodies, size)

	taken, twice := map[string]bool{}, 0
	for _, r := range s.CRM.Received() {
		require.Equal(t, bodies[r.ID], string(r.Body), "the bytes of %s", r.ID)
		require.True(t, r.Verified, r.Unverified)
		if r.Accepted() && taken[r.ID] {
			twice++
		}
		taken[r.ID] = taken[r.ID] || r.Accepted()
	}
	require.Len(t, taken, size, "every event id arrived, and no other")
	for id, ok := range taken {
		require.True(t, ok, id)
	}
	t.Logf("%d arrived twice, under the same id", twice)
	attempts := number(t, db, `SELECT COUNT(*) FROM delivery_attempts`)
	require.Equal(t, attempts, number(t, db, `SELECT SUM(automatic_attempts + replay_attempts + probe_attempts) FROM deliveries`))
	require.Equal(t, size, number(t, db, `SELECT COUNT(DISTINCT event_id) FROM delivery_attempts WHERE error_class = ''`))
	require.Eventually(t, func() bool {
		return s.countWorkflows(t, `WorkflowType = 'Deliver' AND ExecutionStatus = 'Running'`) == 0
	}, time.Minute, time.Second, "workflows that have ended")
	require.Zero(t, s.countWorkflows(t, `WorkflowType = 'Deliver' AND ExecutionStatus != 'Completed'`))
	require.Eventually(t, func() bool {
		return s.countWorkflows(t, `WorkflowType = 'WatchEndpoint' AND ExecutionStatus = 'Running'`) == 0
	}, time.Minute, time.Second, "nobody is left to be watched over")
}
