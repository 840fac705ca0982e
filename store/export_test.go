package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// EndedCallsInChunks is EndedCalls with small statements, so that a few calls make several.
func (s *Store) EndedCallsInChunks(ctx context.Context, f EndedFilter, chunk int, visit func(EndedCall) error) error {
	return s.endedCalls(ctx, f, chunk, visit)
}

// EndedAttemptsInChunks is EndedAttempts with small statements.
func (s *Store) EndedAttemptsInChunks(ctx context.Context, since, until time.Time, chunk int, visit func(EndedAttempt) error) error {
	return s.endedAttempts(ctx, since, until, "", chunk, visit)
}

// Copied are the tables that CopyFrom copies.
var Copied = copied

// Tables are the names of all tables of a PostgreSQL database.
func (s *Store) Tables(ctx context.Context) ([]string, error) {
	var names []string
	return names, s.list(ctx, s.read, &names, `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`)
}

// FillReportsBy is FillReports with small steps, so that a few calls make several.
func (s *Store) FillReportsBy(ctx context.Context, step int, told func(time.Time)) error {
	return s.fillReports(ctx, step, told)
}

// ReportChanges are the changes of the sums of reports that are not folded.
func (s *Store) ReportChanges(t testing.TB) (begins []int64) {
	t.Helper()
	require.NoError(t, s.list(t.Context(), s.read, &begins, `SELECT begins FROM report_changes`))
	return begins
}

// EmptyReportSums counts the sums that count nothing.
func (s *Store) EmptyReportSums(t testing.TB) (empty int) {
	t.Helper()
	for _, table := range reportTables() {
		n := 0
		require.NoError(t, s.get(t.Context(), s.read, &n, `SELECT COUNT(*) FROM `+table.name+` WHERE calls = 0`))
		empty += n
	}
	return empty
}

// SpoilReportSums runs a statement on each table of sums.
func (s *Store) SpoilReportSums(t testing.TB, statement string) {
	t.Helper()
	for _, table := range reportTables() {
		_, err := s.exec(t.Context(), s.write, strings.ReplaceAll(statement, "{table}", table.name))
		require.NoError(t, err)
	}
}
