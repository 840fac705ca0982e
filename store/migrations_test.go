package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store/storetest"
)

// lastReleased is the newest migration that was released before there was a rule about indexes.
const lastReleased = "00130"

// TestIndexesAreBuiltConcurrently reads the migrations: an index of a table that an earlier one made must not keep writers out.
func TestIndexesAreBuiltConcurrently(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("migrations/postgres/*.sql")
	require.NoError(t, err)
	slices.Sort(files)
	table := regexp.MustCompile(`CREATE TABLE (\w+)`)
	index := regexp.MustCompile(`CREATE (?:UNIQUE )?INDEX (CONCURRENTLY )?(?:IF NOT EXISTS )?\w+\s+ON (\w+)`)
	concurrent := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var own []string
		for _, m := range table.FindAllStringSubmatch(string(text), -1) {
			own = append(own, m[1])
		}
		for _, m := range index.FindAllStringSubmatch(string(text), -1) {
			if m[1] != "" {
				require.True(t, strings.HasPrefix(string(text), "-- +goose NO TRANSACTION"), file)
				concurrent++
			} else if filepath.Base(file) > lastReleased+"_z" {
				require.Contains(t, own, m[2], "%s: an index of %s must be built CONCURRENTLY", file, m[2])
			}
		}
	}
	require.NotZero(t, concurrent, "none was looked at")
}

// TestSumsOfOldCalls runs the migration that counts the calls from before the triggers, with calls that they told of beside them.
func TestSumsOfOldCalls(t *testing.T) {
	t.Parallel()
	url := storetest.PostgresURL(t)
	s := storetest.Open(t, url)
	text, err := os.ReadFile("migrations/postgres/00220_sums_of_old_calls.sql")
	require.NoError(t, err)
	db, err := sql.Open("postgres", url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	run := func(statement string) {
		_, err := db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	accepted := func() (n int) {
		require.NoError(t, db.QueryRowContext(t.Context(),
			`SELECT COALESCE(SUM(n), 0) FROM (SELECT what, n FROM sums UNION ALL SELECT what, n FROM sum_changes) AS s WHERE what = 'accepted'`).Scan(&n))
		return n
	}
	trunk := addTrunk(t, s)
	now := time.Now().UTC().Truncate(time.Microsecond)
	for range 3 {
		addCall(t, s, newCall(trunk, now))
	}
	run("DELETE FROM sum_changes") // from before the triggers
	addCall(t, s, newCall(trunk, now))
	require.NoError(t, s.FoldSums(t.Context()))
	endCall(t, s, addCall(t, s, newCall(trunk, now)))
	require.Equal(t, 2, accepted())
	for range 2 {
		run(string(text))
		require.Equal(t, 5, accepted())
	}
}
