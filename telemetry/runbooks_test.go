package telemetry_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/monitors"
)

// Every alert leads to its own section of docs/operations.md, and every section about an alert has one.
func TestEveryAlertHasItsRunbook(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/operations.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "\n## Alerts\n")
	require.True(t, found)
	section, _, found = strings.Cut(section, "\n## ")
	require.True(t, found)
	written := map[string]bool{}
	for line := range strings.Lines(section) {
		if heading, ok := strings.CutPrefix(strings.TrimSpace(line), "### "); ok {
			written[heading] = true
		}
	}
	queries, err := monitors.Read("../deploy")
	require.NoError(t, err)
	alerts := 0
	for _, q := range queries {
		if !q.Alert {
			continue
		}
		alerts++
		require.True(t, written[q.Where], "docs/operations.md has no section %s", q.Where)
		require.Equal(t, "docs/operations.md#"+strings.ToLower(q.Where), q.Runbook)
		require.Contains(t, []string{"page", "ticket"}, q.Severity, q.Where)
		require.NotEmpty(t, q.Summary, q.Where)
		delete(written, q.Where)
	}
	require.Empty(t, written, "sections without an alert")
	require.Greater(t, alerts, 10)
}
