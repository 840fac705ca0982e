package store

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
)

// Store is an open database. It is safe for concurrent use, by several processes too.
type Store struct {
	// SQLite has one writer at a time: a pool of one connection queues the writers of this process fairly, which
	// SQLite's own lock does not. On PostgreSQL both are the same pool.
	read, write *sqlx.DB
	target      target
	key         Key
	numbers     *atomic.Pointer[[]byte] // the key of [Store.numberHash], once read
	observer    Observer                // nil: nobody measures
	probe       *writeProbe
	subscribers *subscribers
}

// Open opens the database at databaseURL: "sqlite:click2call.db", "sqlite:/var/lib/c2c/click2call.db" or
// "postgres://user:password@host/name". A missing SQLite file is created, readable by its owner only. Open proves that
// the database answers; it does not create tables: see [Store.Migrate]. key seals and opens the stored secrets.
func Open(ctx context.Context, databaseURL string, key Key, options ...Option) (*Store, error) {
	if key == (Key{}) {
		return nil, errors.New("open store: the secret key is empty: make one with ParseKey or LoadOrCreateKey")
	}
	target, err := parseTarget(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	target.pool = DefaultPool()
	s := &Store{target: target, key: key, numbers: &atomic.Pointer[[]byte]{}, probe: &writeProbe{}, subscribers: &subscribers{}}
	for _, o := range options {
		o(s)
	}
	if s.target.dialect == dialectSQLite {
		s.target.pool = DefaultPool()
	}
	if s.read, s.write, err = s.target.pools(); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := s.reach(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), s.Close())
	}
	return s, nil
}

// reach reports whether the database answers.
func (s *Store) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.target.pool.Statement)
	defer cancel()
	if err := s.read.PingContext(ctx); err != nil {
		return fmt.Errorf("reach the %s database: %w", s.target.dialect, err)
	}
	return nil
}

// Close closes the connections. Statements under way are let finish.
func (s *Store) Close() error {
	if s.read == s.write {
		return s.write.Close()
	}
	return errors.Join(s.read.Close(), s.write.Close())
}

// get reads one row into dst; ErrNotFound when there is none.
func (s *Store) get(ctx context.Context, q sqlx.QueryerContext, dst any, query string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, s.target.pool.Statement)
	defer cancel()
	started := time.Now()
	err := translate(sqlx.GetContext(ctx, q, dst, s.write.Rebind(query), args...))
	s.observe(query, started, err)
	return err
}

// list reads all rows into dst, a pointer to a slice. Every query that uses it has a LIMIT or a bounded table.
func (s *Store) list(ctx context.Context, q sqlx.QueryerContext, dst any, query string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, s.target.pool.Statement)
	defer cancel()
	started := time.Now()
	err := translate(sqlx.SelectContext(ctx, q, dst, s.write.Rebind(query), args...))
	s.observe(query, started, err)
	return err
}

// exec runs a statement and returns how many rows it touched.
func (s *Store) exec(ctx context.Context, e sqlx.ExecerContext, query string, args ...any) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, s.target.pool.Statement)
	defer cancel()
	started := time.Now()
	result, err := e.ExecContext(ctx, s.write.Rebind(query), args...)
	err = translate(err)
	s.observe(query, started, err)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// tx runs work in one transaction, and rolls back when it returns an error.
func (s *Store) tx(ctx context.Context, work func(context.Context, *sqlx.Tx) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, s.target.pool.Statement)
	defer cancel()
	tx, err := s.write.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer func() {
		// After a commit this says ErrTxDone; after a failure the connection may be gone, and the first error tells more.
		_ = tx.Rollback()
	}()
	if err := work(ctx, tx); err != nil {
		return err
	}
	started := time.Now()
	err = translate(tx.Commit())
	s.observe("COMMIT", started, err)
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// lockTable keeps other writers out of a small table until the transaction ends, for changes that look at several of
// its rows. SQLite's immediate transactions do that by themselves.
func (s *Store) lockTable(ctx context.Context, tx *sqlx.Tx, table string) error {
	if s.target.dialect != dialectPostgres {
		return nil
	}
	_, err := s.exec(ctx, tx, "LOCK TABLE "+table+" IN SHARE ROW EXCLUSIVE MODE")
	return err
}

// lockName keeps others out who lock the same name until the transaction ends. It needs no session of its own, so a pooler may
// stand between. SQLite's immediate transactions do that by themselves.
func (s *Store) lockName(ctx context.Context, tx *sqlx.Tx, name string) error {
	if s.target.dialect != dialectPostgres {
		return nil
	}
	_, err := s.exec(ctx, tx, "SELECT pg_advisory_xact_lock(hashtextextended(encode(?, 'hex'), 0))", []byte(name))
	return err
}

// exists reports whether a query finds a row.
func (s *Store) exists(ctx context.Context, q sqlx.QueryerContext, query string, args ...any) (bool, error) {
	var one int
	err := s.get(ctx, q, &one, query, args...)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
