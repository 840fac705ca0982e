package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"path"
	"runtime"
	"strings"

	"github.com/jmoiron/sqlx"
)

// Statement is one that a recorded store has run.
type Statement struct {
	Query string
	Args  []any
	Sites []string // file:line of this package's calls that led to it, the innermost first
}

// Recorded is s on connections that tell of each statement.
func (s *Store) Recorded(tell func(Statement)) *Store {
	recorded := *s
	recorded.read, recorded.write = recordedPool(s.read, tell), recordedPool(s.write, tell)
	return &recorded
}

// Pool is where plans are asked for: the connections that s itself writes with.
func (s *Store) Pool() *sqlx.DB { return s.write }

// recordedPool keeps no connection: SQLite's pool for writing has one, and whoever explains needs it too.
func recordedPool(inner *sqlx.DB, tell func(Statement)) *sqlx.DB {
	db := sql.OpenDB(recorder{inner: inner, tell: tell})
	db.SetMaxIdleConns(-1)
	return sqlx.NewDb(db, inner.DriverName())
}

// recorder borrows the connections of another pool.
type recorder struct {
	inner *sqlx.DB
	tell  func(Statement)
}

func (r recorder) Driver() driver.Driver { return r.inner.Driver() }

func (r recorder) Connect(ctx context.Context) (driver.Conn, error) {
	borrowed, err := r.inner.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := recordedConn{borrowed: borrowed, tell: r.tell}
	err = borrowed.Raw(func(raw any) (err error) {
		var ok bool
		if c.conn, ok = raw.(conn); !ok {
			err = fmt.Errorf("record statements: %T lacks a method", raw)
		}
		return err
	})
	if err != nil {
		return nil, errors.Join(err, borrowed.Close())
	}
	return c, nil
}

type conn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
}

type recordedConn struct {
	conn

	borrowed *sql.Conn
	tell     func(Statement)
}

func (c recordedConn) Close() error { return c.borrowed.Close() }

func (c recordedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.record(query, args)
	return c.conn.QueryContext(ctx, query, args)
}

func (c recordedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.record(query, args)
	return c.conn.ExecContext(ctx, query, args)
}

func (c recordedConn) record(query string, args []driver.NamedValue) {
	s := Statement{Query: query, Sites: sites()}
	for _, a := range args {
		s.Args = append(s.Args, a.Value)
	}
	c.tell(s)
}

// sites looks at who is calling: database/sql runs a statement on its caller's goroutine.
func sites() (found []string) {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	for {
		frame, more := frames.Next()
		product := strings.Contains(frame.Function, "/click2call/store.") && !strings.HasSuffix(frame.File, "_test.go")
		if product {
			found = append(found, fmt.Sprintf("%s:%d", path.Base(frame.File), frame.Line))
		}
		if !more {
			return found
		}
	}
}
