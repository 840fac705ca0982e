package bench_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/bench"
)

func TestUpdatePageReplacesOnlyItsSections(t *testing.T) {
	t.Parallel()
	page := filepath.Join(t.TempDir(), "page.md")
	require.NoError(t, os.WriteFile(page, []byte("# A\n<!-- bench:one -->\nold\n<!-- /bench:one -->\ntext\n<!-- bench:two -->\n<!-- /bench:two -->\nend\n"), 0o600))
	table := bench.Table{Key: "one", Columns: []string{"a", "b"}, Rows: [][]string{{"1", "2"}}, Notes: []string{"a note"}}
	for range 2 { // again changes nothing
		require.NoError(t, bench.UpdatePage(page, []bench.Table{table}))
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		require.Equal(t, "# A\n<!-- bench:one -->\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\na note\n\n<!-- /bench:one -->\ntext\n<!-- bench:two -->\n<!-- /bench:two -->\nend\n", string(text))
	}
	err := bench.UpdatePage(page, []bench.Table{{Key: "three"}})
	require.ErrorContains(t, err, "bench:three")
}

func TestEveryTableHasItsPlaceInTheDocument(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "docs", "performance.md"))
	require.NoError(t, err)
	for _, key := range []string{"place", "phone", "cost", "lives", "live"} {
		require.Contains(t, string(text), "<!-- bench:"+key+" -->\n")
		require.Contains(t, string(text), "<!-- /bench:"+key+" -->\n")
	}
}

func TestCompleteTables(t *testing.T) {
	t.Parallel()
	columns := []string{"a", "b"}
	require.True(t, bench.Table{Columns: columns, Rows: [][]string{{"1", "2"}}}.Complete())
	require.False(t, bench.Table{Columns: columns}.Complete(), "no rows")
	require.False(t, bench.Table{Columns: columns, Rows: [][]string{{"1", " "}}}.Complete(), "an empty cell")
	require.False(t, bench.Table{Columns: columns, Rows: [][]string{{"1"}}}.Complete(), "a cell is missing")
}
