package e2e_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/bench"
)

// TestBench is the short form of `make bench`: every table is there and filled, and a call costs what it may. How quick
// anything was is not looked at.
func TestBench(t *testing.T) {
	s := open(t, setting{postgres: true, byHand: true})
	opts := bench.Quick()
	opts.Baseline = filepath.Join(t.TempDir(), "baseline")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", opts.Baseline, "../bench/baseline").CombinedOutput()
	require.NoError(t, err, "%s", out)
	report, err := bench.Run(t.Context(), s.World, s.Events, opts, t.Output())
	require.NoError(t, err)

	var keys []string
	for _, table := range report.Tables {
		assert.True(t, table.Complete(), "%s has an empty cell", table.Title)
		keys = append(keys, table.Key)
	}
	assert.Equal(t, []string{"place", "phone", "cost", "lives", "deliveries", "live"}, keys)

	products := 0
	for _, c := range report.Costs {
		assert.NotEmpty(t, c.LiveKit, c.Subject)
		if !c.Product {
			continue
		}
		products++
		assert.LessOrEqual(t, c.Temporal.Events, maxEvents+oneTask, "%s, %s of talk", c.Subject, c.Talk)
		assert.LessOrEqual(t, c.Temporal.Actions, maxActions, "%s, %s of talk", c.Subject, c.Talk)
		assert.Equal(t, 1, c.LiveKit["CreateSIPParticipant"], "%s, %s of talk: dials", c.Subject, c.Talk)
	}
	assert.Equal(t, 4, products, "two modes, two lengths")
}
