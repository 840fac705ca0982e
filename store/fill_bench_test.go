package store_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

// filled is a PostgreSQL with CLICK2CALL_BENCH_CALLS calls, spread evenly over the time until now; a thousand without the variable.
func filled(b *testing.B, over time.Duration) (s *store.Store, db *sqlx.DB, calls int) {
	b.Helper()
	calls = 1000
	if text := os.Getenv("CLICK2CALL_BENCH_CALLS"); text != "" {
		n, err := strconv.Atoi(text)
		require.NoError(b, err)
		calls = n
	}
	url := storetest.PostgresURL(b)
	s = storetest.Open(b, url)
	db, err := sqlx.Open("postgres", url)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, db.Close()) })
	began := time.Now()
	fillCalls(b, db, calls, over)
	b.Logf("%d calls in %s", calls, time.Since(began).Round(time.Second))
	return s, db, calls
}

// fillCalls writes calls with their deliveries and attempts: of ten thousand calls one lives, and of a hundred thousand outcomes one waits.
// Triggers rest and indexes are built at the end; the sums are made as the migration makes them.
func fillCalls(b *testing.B, db *sqlx.DB, calls int, over time.Duration) {
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
	run(`ALTER TABLE delivery_attempts DROP CONSTRAINT delivery_attempts_event_id_fkey`)
	tables := []string{"calls", "deliveries", "delivery_attempts"}
	for _, table := range tables {
		run(`ALTER TABLE ` + table + ` DISABLE TRIGGER ALL`)
	}
	var indexes []string
	require.NoError(b, db.Select(&indexes, `SELECT indexdef FROM pg_indexes i WHERE tablename IN ('calls', 'deliveries', 'delivery_attempts')
		AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = i.indexname)`))
	run(`DO $$ DECLARE i text; BEGIN FOR i IN SELECT indexname FROM pg_indexes x WHERE tablename IN ('calls', 'deliveries', 'delivery_attempts')
		AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = x.indexname) LOOP EXECUTE 'DROP INDEX ' || i; END LOOP; END $$`)
	step := over.Seconds() / float64(calls)
	run(`INSERT INTO calls (call_id, case_id, customer_crm_id, agent_id, customer_number, did, trunk_id, status, watch_every_us, created_at, accepted_at,
			ended_at, call_status, disconnect_reason, sip_disconnect_code, duration_seconds, ring_seconds, hangup_by)
		SELECT 'c2c_' || lpad(i::text, 26, '0'), 'case-' || i, 'crm', 'agent-' || i % 500, (9000000000 + i * 7919 % 999999999)::text, '', 'trk',
			CASE WHEN lives THEN 'answered' ELSE 'ended' END, 1000000, at, at, at,
			CASE WHEN lives THEN NULL WHEN i % 3 = 0 THEN 'NOT_ANSWERED' ELSE 'ANSWERED' END,
			CASE WHEN lives THEN NULL WHEN i % 3 = 0 THEN 'busy' ELSE 'customer_hangup' END,
			CASE WHEN lives THEN NULL WHEN i % 3 = 0 THEN 486 ELSE 200 END, CASE WHEN i % 3 = 0 THEN 0 ELSE i % 600 END, 3, 'customer'
		FROM (SELECT i, i % 10000 = 0 AS lives, now() - i * interval '1 second' * $2::float8 AS at FROM generate_series(1, $1::bigint) AS i) AS n`, calls, step)
	run(`INSERT INTO deliveries (event_id, call_id, body, state, automatic_attempts, replay_attempts, probe_attempts, schedule_from, created_at, dead_run, last_status, last_error)
		SELECT 'evt_' || lpad(i::text, 26, '0'), 'c2c_' || lpad(i::text, 26, '0'), '{}', CASE WHEN i % 100001 = 0 THEN 'pending' ELSE 'delivered' END,
			1, 0, 0, 0, now() - i * interval '1 second' * $2::float8, '', 200, ''
		FROM generate_series(1, $1::bigint) AS i WHERE i % 10000 <> 0`, calls, step)
	run(`INSERT INTO delivery_attempts (event_id, n, cause, replay_id, started_at, url, status, error_class, error, remote_addr,
			dns_us, connect_us, tls_us, first_byte_us, total_us, request_headers, response_headers, response_body, truncated)
		SELECT 'evt_' || lpad(i::text, 26, '0'), 1, 'automatic', '', now() - i * interval '1 second' * $2::float8, 'https://crm.example/hook', 200, '', '', '203.0.113.9:443',
			900, 2000, 4000, 12000, 13000, '{}', '{}', 'ok', FALSE
		FROM generate_series(1, $1::bigint) AS i WHERE i % 10000 <> 0`, calls, step)
	for _, index := range indexes {
		run(index)
	}
	run(`INSERT INTO sums (bucket, what, n) SELECT sum_bucket(c.created_at), w, COUNT(*) FROM calls c CROSS JOIN LATERAL (VALUES ('accepted'), (c.call_status)) AS v (w)
		WHERE w IS NOT NULL GROUP BY 1, 2`)
	run(`INSERT INTO sums (bucket, what, n) SELECT sum_bucket(c.created_at), d.state, COUNT(*) FROM deliveries d JOIN calls c ON c.call_id = d.call_id GROUP BY 1, 2`)
	for _, table := range tables {
		run(`ALTER TABLE ` + table + ` ENABLE TRIGGER ALL`)
	}
	run(`INSERT INTO sum_changes (bucket, what, n) SELECT sum_bucket(now()), 'accepted', 0 FROM generate_series(1, 5000)`) // of some seconds, not folded yet
	run(`VACUUM ANALYZE`)
}
