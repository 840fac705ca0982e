package store_test

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store/storetest"
)

// BenchmarkDayOfCalls measures what a scrape, a check of the ledger and the overview ask of PostgreSQL after a day of
// CLICK2CALL_BENCH_CALLS calls: go test ./store -run '^$' -bench DayOfCalls -benchtime 20x -timeout 1h. Without the variable a
// thousand.
func BenchmarkDayOfCalls(b *testing.B) {
	calls := 1000
	if text := os.Getenv("CLICK2CALL_BENCH_CALLS"); text != "" {
		n, err := strconv.Atoi(text)
		require.NoError(b, err)
		calls = n
	}
	url := storetest.PostgresURL(b)
	s := storetest.Open(b, url)
	db, err := sqlx.Open("postgres", url)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, db.Close()) })
	began := time.Now()
	fillDay(b, db, calls)
	b.Logf("%d calls in %s", calls, time.Since(began).Round(time.Second))
	ctx, now := b.Context(), time.Now()
	for name, ask := range map[string]func(context.Context) error{
		"ledger sums":        func(ctx context.Context) error { return told(s.LedgerSums(ctx, now.Add(-24*time.Hour))) },
		"overview":           func(ctx context.Context) error { return told(s.CountCalls(ctx, now.Add(-24*time.Hour))) },
		"live by status":     func(ctx context.Context) error { return told(s.LiveByStatus(ctx)) },
		"deliveries waiting": func(ctx context.Context) error { return told(s.CountDeliveries(ctx)) },
		"overdue":            func(ctx context.Context) error { return told(s.OverdueDeliveries(ctx, now)) },
		"live calls, a page": func(ctx context.Context) error { return told(s.LiveBefore(ctx, now, "", 1000)) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, ask(ctx))
			}
		})
	}
	sums, err := s.LedgerSums(ctx, now.Add(-25*time.Hour))
	require.NoError(b, err)
	require.True(b, sums.Balanced(), "%+v", sums)
	require.Equal(b, calls, sums.Accepted)
}

// fillDay writes a day of calls: of ten thousand one lives, and of a hundred thousand outcomes one waits. The triggers rest
// meanwhile, and the sums are made as the migration makes them.
func fillDay(b *testing.B, db *sqlx.DB, calls int) {
	b.Helper()
	run := func(statement string, args ...any) {
		began := time.Now()
		_, err := db.ExecContext(b.Context(), statement, args...)
		require.NoError(b, err)
		b.Logf("%8s  %.60s", time.Since(began).Round(time.Millisecond), statement)
	}
	run(`INSERT INTO trunks (trunk_id, label, livekit_trunk_id, prefix, default_did, is_default, enabled, position, created_at, updated_at)
		VALUES ('trk', 'main', 'ST_1', '', '+912233445566', TRUE, TRUE, 1, now(), now())`)
	run(`ALTER TABLE deliveries DROP CONSTRAINT deliveries_call_id_fkey`)
	run(`ALTER TABLE calls DISABLE TRIGGER ALL`)
	run(`ALTER TABLE deliveries DISABLE TRIGGER ALL`)
	run(`INSERT INTO calls (call_id, case_id, customer_crm_id, agent_id, customer_number, did, trunk_id, status, watch_every_us, created_at, accepted_at,
			ended_at, call_status, disconnect_reason, duration_seconds, ring_seconds, hangup_by)
		SELECT 'c2c_' || lpad(i::text, 26, '0'), 'case', 'crm', 'agent-' || i % 500, '9530251797', '', 'trk', CASE WHEN i % 10000 = 0 THEN 'answered' ELSE 'ended' END,
			1000000, at, at, at, CASE WHEN i % 10000 = 0 THEN NULL WHEN i % 3 = 0 THEN 'NOT_ANSWERED' ELSE 'ANSWERED' END, 'busy', 9, 3, 'customer'
		FROM (SELECT i, now() - i * interval '86400 seconds' / $1::bigint AS at FROM generate_series(1, $1::bigint) AS i) AS n`, calls)
	run(`INSERT INTO deliveries (event_id, call_id, body, state, automatic_attempts, replay_attempts, probe_attempts, schedule_from, created_at, dead_run, last_status, last_error)
		SELECT 'evt_' || lpad(i::text, 26, '0'), 'c2c_' || lpad(i::text, 26, '0'), '{}', CASE WHEN i % 100001 = 0 THEN 'pending' ELSE 'delivered' END,
			1, 0, 0, 0, now() - i * interval '86400 seconds' / $1::bigint, '', 200, ''
		FROM generate_series(1, $1::bigint) AS i WHERE i % 10000 <> 0`, calls)
	run(`INSERT INTO sums (bucket, what, n) SELECT sum_bucket(c.created_at), w, COUNT(*) FROM calls c CROSS JOIN LATERAL (VALUES ('accepted'), (c.call_status)) AS v (w)
		WHERE w IS NOT NULL GROUP BY 1, 2`)
	run(`INSERT INTO sums (bucket, what, n) SELECT sum_bucket(c.created_at), d.state, COUNT(*) FROM deliveries d JOIN calls c ON c.call_id = d.call_id GROUP BY 1, 2`)
	run(`ALTER TABLE calls ENABLE TRIGGER ALL`)
	run(`ALTER TABLE deliveries ENABLE TRIGGER ALL`)
	run(`INSERT INTO sum_changes (bucket, what, n) SELECT sum_bucket(now()), 'accepted', 0 FROM generate_series(1, 5000)`) // of some seconds, not folded yet
	run(`ANALYZE`)
}
