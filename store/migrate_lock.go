package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3/lock"
)

// lockMigrations waits until no other process migrates, and keeps others out until unlock. The lock is a transaction's and
// not a session's, so a pooler may stand between, and it ends with the process, however that ends. It is the lock that goose's
// session locker takes in earlier versions. unlock fails when the lock was lost meanwhile.
func lockMigrations(ctx context.Context, db *sqlx.DB) (unlock func() error, err error) {
	const again = 500 * time.Millisecond
	for {
		tx, err := db.BeginTxx(ctx, nil)
		if err != nil {
			return nil, fmt.Errorf("lock the migrations: %w", err)
		}
		locked := false
		// Without a value beside it: else its portal would hold a snapshot until the transaction ends, and an index that is built
		// concurrently would wait for that.
		err = tx.GetContext(ctx, &locked, fmt.Sprintf("SELECT pg_try_advisory_xact_lock(%d)", lock.DefaultLockID))
		if err == nil && locked {
			return func() error {
				if err := tx.Commit(); err != nil {
					return fmt.Errorf("the lock of the migrations was lost: %w", err)
				}
				return nil
			}, nil
		}
		// Whoever waits holds no transaction: an index that is built concurrently waits for all of them.
		if err := errors.Join(err, tx.Rollback()); err != nil {
			return nil, fmt.Errorf("lock the migrations: %w", err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("lock the migrations: another process migrates: %w", ctx.Err())
		case <-time.After(again):
		}
	}
}
