package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store/storetest"
)

// TestMigrateFrom moves a SQLite installation to PostgreSQL with the command that an operator types.
func TestMigrateFrom(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "click2call.db")
	key := "CLICK2CALL_SECRET_KEY=" + strings.Repeat("0f", 32)
	first := []string{key, "DATABASE_URL=sqlite:" + file, "SIP_TRUNK_ID=ST_1", "SIP_TRUNK_DID=+912233445566", "CRM_INBOUND_API_KEY=" + strings.Repeat("k", 24)}
	code, _, stderr := exitCode(t, program(t, first, "migrate"))
	require.Zero(t, code, stderr)

	database := "DATABASE_URL=" + storetest.EmptyPostgresURL(t)
	for name, tc := range map[string]struct {
		environment []string
		from        string
		says        string
	}{
		"another key":  {[]string{"CLICK2CALL_SECRET_KEY=" + strings.Repeat("0e", 32), database}, "sqlite:" + file, "must be the key of the SQLite installation"},
		"no such file": {[]string{key, database}, "sqlite:" + file + "x", "no such file"},
		"not SQLite":   {[]string{key, database}, "postgres://h/d", "--from must be sqlite:<file>"},
		"to SQLite":    {[]string{key, "DATABASE_URL=sqlite:other.db"}, "sqlite:" + file, "only from SQLite to PostgreSQL"},
	} {
		code, _, stderr := exitCode(t, program(t, tc.environment, "migrate", "--from", tc.from))
		require.NotZero(t, code, name)
		require.Contains(t, stderr, tc.says, name)
	}

	code, stdout, stderr := exitCode(t, program(t, []string{key, database}, "migrate", "--from", "sqlite:"+file))
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "1  trunks\n")
	require.Contains(t, stdout, "1  api_keys\n")
	require.Contains(t, stdout, "1  users\n")
	require.Contains(t, stdout, "the database is up to date\n")

	code, _, stderr = exitCode(t, program(t, []string{key, database}, "migrate", "--from", "sqlite:"+file))
	require.NotZero(t, code)
	require.Contains(t, stderr, "in use already")
}
