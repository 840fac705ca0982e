package bench

import (
	"context"
	"fmt"
	"time"
)

// statsLag is how long PostgreSQL's sessions may keep their counters to themselves once they are idle (PGSTAT_IDLE_INTERVAL in
// src/backend/utils/activity/pgstat.c: 10 s).
const statsLag = 11 * time.Second

// writes is what a database has been asked to do so far.
type writes struct {
	at           time.Time
	transactions int64
	rows         int64 // inserted, updated and deleted
	wal          int64 // bytes, of the whole cluster
}

// readWrites reads a database's counters; they lag behind by up to statsLag.
func (b *bench) readWrites(ctx context.Context, database string) (w writes, err error) {
	w.at = time.Now()
	err = b.postgres.QueryRowContext(ctx, `SELECT xact_commit + xact_rollback, tup_inserted + tup_updated + tup_deleted,
		pg_current_wal_lsn() - '0/0'::pg_lsn FROM pg_stat_database WHERE datname = $1`, database).Scan(&w.transactions, &w.rows, &w.wal)
	if err != nil {
		return w, fmt.Errorf("read the counters of database %s: %w", database, err)
	}
	return w, nil
}

// stopVacuum stops what PostgreSQL writes by itself into every database about once a minute, which its counters hold as well.
func (b *bench) stopVacuum(ctx context.Context) error {
	for _, statement := range []string{"ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()"} {
		if _, err := b.postgres.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("stop autovacuum: %w", err)
		}
	}
	return nil
}

// minus is what came after an earlier reading.
func (w writes) minus(before writes) writes {
	return writes{transactions: w.transactions - before.transactions, rows: w.rows - before.rows, wal: w.wal - before.wal}
}

// without takes off what an idle installation would have done in that time, as it was seen for a while.
func (w writes) without(idle writes, seenFor, in time.Duration) writes {
	share := func(n int64) int64 { return int64(float64(n) * in.Seconds() / seenFor.Seconds()) }
	return writes{
		transactions: max(0, w.transactions-share(idle.transactions)), rows: max(0, w.rows-share(idle.rows)), wal: max(0, w.wal-share(idle.wal)),
	}
}
