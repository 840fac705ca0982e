package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/lib/pq/pqerror"
	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

const (
	migrationTimeout = 10 * time.Minute
	migrationLock    = 800 * time.Millisecond // how long a migration may hold up the others who want a table
	migrationPause   = 2 * time.Second        // until it tries again
	keyCheckColumn   = "key_check.sealed"
	keyCheckText     = "click2call"
)

func openDB(c driver.Connector) *sql.DB { return sql.OpenDB(c) }

// Migrate brings the tables to this version, and then checks that the secret key is the one that the database knows
// (ErrWrongKey). It is idempotent and safe when several processes start at once: PostgreSQL has an advisory lock; on
// SQLite the process that comes second waits for the first one's transaction and goes on from there.
func (s *Store) Migrate(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, migrationTimeout)
	defer cancel()
	up := s.migrateSQLite
	if s.target.dialect == dialectPostgres {
		up = s.migratePostgres
	}
	if err := up(ctx); err != nil {
		return fmt.Errorf("migrate the %s database: %w", s.target.dialect, err)
	}
	return s.CheckKey(ctx)
}

// migratePostgres uses sessions of its own: a migration may take longer than any statement of the program may. But it waits
// for a table's lock no longer than migrationLock, since all who come later to that table wait behind it; then it lets them
// pass and tries again.
func (s *Store) migratePostgres(ctx context.Context) (err error) {
	db, err := s.target.openPostgres(migrationTimeout, fmt.Sprintf("SET LOCAL lock_timeout = %d; SET LOCAL statement_timeout = 0; "+
		"SET LOCAL idle_in_transaction_session_timeout = 0", migrationLock.Milliseconds()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	unlock, err := lockMigrations(ctx, db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	provider, err := newProvider(goose.DialectPostgres, db.DB, "migrations/postgres")
	if err != nil {
		return err
	}
	for {
		if _, err = provider.Up(ctx); !isCode(err, pqerror.LockNotAvailable) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(migrationPause):
		}
	}
}

// migrateSQLite tries again for as long as others make progress: whoever loses the race for a migration finds its
// tables there already, fails, and goes on with the next one. Each loss means that another process applied a migration,
// so there cannot be more of them than migrations (and one for goose's own table).
func (s *Store) migrateSQLite(ctx context.Context) error {
	provider, err := newProvider(goose.DialectSQLite3, s.write.DB, "migrations/sqlite")
	if err != nil {
		return err
	}
	for range len(provider.ListSources()) + 2 {
		if _, err = provider.Up(ctx); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// newProvider also applies a migration whose number is lower than that of one which was applied: several people number theirs at once, and
// none needs another that is not released.
func newProvider(d goose.Dialect, db *sql.DB, folder string, opts ...goose.ProviderOption) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(d, db, files, append(opts, goose.WithDisableGlobalRegistry(true), goose.WithAllowOutofOrder(true))...)
}

// CheckKey returns ErrWrongKey unless the store was opened with the key that this database was first used with.
// [Store.Migrate] does it by itself; a process that does not migrate should do it at start.
func (s *Store) CheckKey(ctx context.Context) error {
	sealed, err := s.key.seal(keyCheckColumn, keyCheckText)
	if err != nil {
		return fmt.Errorf("check secret key: %w", err)
	}
	_, err = s.exec(ctx, s.write, `INSERT INTO key_check (key_check_id, sealed) VALUES (1, ?) ON CONFLICT DO NOTHING`, sealed)
	if err != nil {
		return fmt.Errorf("check secret key: %w", err)
	}
	if err := s.get(ctx, s.write, &sealed, `SELECT sealed FROM key_check WHERE key_check_id = 1`); err != nil {
		return fmt.Errorf("check secret key: %w", err)
	}
	if _, err := s.key.open(keyCheckColumn, sealed); err != nil {
		return fmt.Errorf("check secret key: %w", err)
	}
	return nil
}
