package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// retireAgain is how long all sessions are not retired again: while no server takes writes, each new one would be.
const retireAgain = time.Second

// sessions makes sessions, and throws all of them away when one shows that their server is not, or is no longer, the one
// to talk to: after a failover the others would tell old data and refuse to write for as long as they live.
type sessions struct {
	*pq.Connector
	begin   string       // run at the beginning of each transaction; may be empty
	retired atomic.Int64 // sessions from before that moment are not used again; Unix time in ns
}

// Connect opens a session.
func (s *sessions) Connect(ctx context.Context) (driver.Conn, error) {
	opened := time.Now()
	c, err := s.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := c.(pqConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the PostgreSQL driver has another kind of connection: %T", c), c.Close())
	}
	return &session{pqConn: inner, of: s, opened: opened}, nil
}

// retire gives up all sessions that are there already.
func (s *sessions) retire(now time.Time) {
	before := s.retired.Load()
	if now.Sub(time.Unix(0, before)) >= retireAgain {
		s.retired.CompareAndSwap(before, now.UnixNano())
	}
}

// pqConn is what the driver's connection can do, all of which database/sql makes use of.
type pqConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

// session is a connection that notices when it is alive and of no use, and is not used again then.
type session struct {
	pqConn
	of      *sessions
	opened  time.Time
	useless bool // database/sql has one caller at a time
}

func (s *session) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	tx, err := s.pqConn.BeginTx(ctx, options)
	if isCode(err, pqerror.FeatureNotSupported) { // "read-write mode during recovery"
		s.useless = true
		s.of.retire(time.Now())
	}
	if err != nil || s.of.begin == "" {
		return tx, s.judge(err)
	}
	if _, err := s.pqConn.ExecContext(ctx, s.of.begin, nil); err != nil {
		return nil, errors.Join(s.judge(err), tx.Rollback())
	}
	return tx, nil
}

func (s *session) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	r, err := s.pqConn.ExecContext(ctx, query, args)
	return r, s.judge(err)
}

func (s *session) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	r, err := s.pqConn.QueryContext(ctx, query, args)
	return r, s.judge(err)
}

func (s *session) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	r, err := s.pqConn.PrepareContext(ctx, query)
	return r, s.judge(err)
}

func (s *session) Ping(ctx context.Context) error { return s.judge(s.pqConn.Ping(ctx)) }

// ResetSession is asked before a session is used again.
func (s *session) ResetSession(ctx context.Context) error {
	if !s.IsValid() {
		return driver.ErrBadConn
	}
	return s.pqConn.ResetSession(ctx)
}

// IsValid is asked when a session is put back.
func (s *session) IsValid() bool {
	return !s.useless && s.opened.UnixNano() > s.of.retired.Load() && s.pqConn.IsValid()
}

// judge notes what an error says about the session, and about all others.
func (s *session) judge(err error) error {
	switch {
	case err == nil:
	case readOnly(err) || lost(err) || ending(err):
		s.useless = true
		s.of.retire(time.Now())
	case broken(err):
		s.useless = true
	}
	return err
}

// readOnly: the server is a standby, or was made read-only. New sessions may be led elsewhere.
func readOnly(err error) bool {
	return isCode(err, pqerror.ReadOnlySQLTransaction) || isCode(err, pqerror.ObjectNotInPrerequisiteState)
}

// lost: the server went away, or does not answer. What the caller's own deadline ends is not meant.
func lost(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, driver.ErrBadConn)
}

// ending: the server shuts down, crashed, or an operator ended the session; it rarely ends one alone.
func ending(err error) bool {
	return isCode(err, pqerror.AdminShutdown) || isCode(err, pqerror.CrashShutdown) || isCode(err, pqerror.CannotConnectNow)
}

// broken: the server has trouble of its own, or a pooler gave the session to somebody else. Another session may do better.
func broken(err error) bool {
	e, ok := errors.AsType[*pq.Error](err)
	if !ok || e.Code == pqerror.QueryCanceled {
		return false
	}
	if e.Code == pqerror.InvalidSQLStatementName {
		return true
	}
	switch e.Code.Class() {
	case "08", "53", "57", "58", "XX": // connection, resources, operators' intervention, system, internal
		return true
	}
	return false
}

func isCode(err error, code pqerror.Code) bool {
	e, ok := errors.AsType[*pq.Error](err)
	return ok && e.Code == code
}
