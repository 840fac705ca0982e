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

// TestWhoMigrates: migrate and serve make the tables, unless serve is told not to; nobody else does, and says who does.
func TestWhoMigrates(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{
		"SQLite": "sqlite:" + filepath.Join(t.TempDir(), "c2c.db"), "Postgres": storetest.EmptyPostgresURL(t),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environment := []string{"CLICK2CALL_SECRET_KEY=" + strings.Repeat("0f", 32), "DATABASE_URL=" + url, "TEMPORAL_ADDRESS=127.0.0.1:1"}
			refused := func(environment []string, says string, args ...string) {
				code, _, stderr := exitCode(t, program(t, environment, args...))
				require.Equal(t, 1, code, stderr)
				require.Contains(t, stderr, says)
				require.Contains(t, stderr, "click2call migrate")
			}
			for _, command := range [][]string{{"api"}, {"worker"}, {"rotate-key"}, {"serve", "--migrate=false"}} {
				cmd := program(t, environment, command...)
				cmd.Stdin = strings.NewReader(strings.Repeat("0e", 32))
				code, _, stderr := exitCode(t, cmd)
				require.Equal(t, 1, code, stderr)
				require.Contains(t, stderr, "the database has no tables yet: run `click2call migrate`", command)
			}
			refused(append(environment, "CLICK2CALL_MIGRATE=false"), "no tables", "serve")

			cmd, _ := started(t, append(environment, "CLICK2CALL_MIGRATE=false"), "serve", "--migrate=true")
			require.NoError(t, cmd.Process.Kill())
			_ = cmd.Wait()
			for _, role := range [][]string{{"api"}, {"worker"}, {"serve", "--migrate=false"}} {
				cmd, _ := started(t, environment, role...)
				require.NoError(t, cmd.Process.Kill())
				_ = cmd.Wait() // says only that it was killed
			}

			storetest.Exec(t, url, "UPDATE goose_db_version SET is_applied = false WHERE version_id > 130")
			refused(environment, "schema is older than this version needs (migration 145)", "api")
			refused(environment, "schema is older than this version needs", "deliveries", "list")
			storetest.Exec(t, url, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)")
			refused(environment, "schema is older", "api")
			storetest.Exec(t, url, "UPDATE goose_db_version SET is_applied = true")
			cmd, _ = started(t, environment, "api") // of an old version on a newer schema
			require.NoError(t, cmd.Process.Kill())
			_ = cmd.Wait()
		})
	}
}
