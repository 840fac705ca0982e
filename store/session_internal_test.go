package store

import (
	"context"
	"database/sql/driver"
	"io"
	"net"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	"github.com/stretchr/testify/require"
)

// TestJudge: which errors give up the session, and which all others of its age with it.
func TestJudge(t *testing.T) {
	t.Parallel()
	said := func(c pqerror.Code) error { return &pq.Error{Code: c} }
	for name, tc := range map[string]struct {
		err             error
		useless, retire bool
	}{
		"fine":                     {nil, false, false},
		"a constraint":             {said(pqerror.UniqueViolation), false, false},
		"a lock that was not got":  {said(pqerror.LockNotAvailable), false, false},
		"the caller's deadline":    {context.DeadlineExceeded, false, false},
		"a statement too long":     {said(pqerror.QueryCanceled), false, false},
		"read-only":                {said(pqerror.ReadOnlySQLTransaction), true, true},
		"in recovery":              {said(pqerror.ObjectNotInPrerequisiteState), true, true},
		"ended by an operator":     {said(pqerror.AdminShutdown), true, true},
		"a crash":                  {said(pqerror.CrashShutdown), true, true},
		"starting up":              {said(pqerror.CannotConnectNow), true, true},
		"cut off":                  {&net.OpError{Op: "read", Err: io.EOF}, true, true},
		"no connection any more":   {driver.ErrBadConn, true, true},
		"the disk is full":         {said(pqerror.DiskFull), true, false},
		"another one's statements": {said(pqerror.InvalidSQLStatementName), true, false},
	} {
		all := &sessions{}
		s := &session{of: all, opened: time.Now()}
		require.ErrorIs(t, s.judge(tc.err), tc.err, name)
		require.Equal(t, tc.useless, s.useless, name)
		require.Equal(t, tc.retire, all.retired.Load() > s.opened.UnixNano(), name)
	}
}
