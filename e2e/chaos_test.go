package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/chaos"
)

// TestChaos is a short run of `make chaos`: two dozen calls of every kind while parts are killed, paused and cut off.
func TestChaos(t *testing.T) {
	const seed, calls, faults = 3, 24, 8
	links, plan := chaos.NewLinks(), chaos.MakePlan(seed, calls, faults, 1)
	t.Cleanup(links.Close)
	s := open(t, setting{postgres: true, byHand: true, pair: plan.Pair, env: plan.Env(), via: links.Via})
	books, err := chaos.Run(t.Context(), s.World, s.Ports, links, plan, t.Output())
	require.NoError(t, err)
	books.Print(t.Output())
	assert.Empty(t, books.Findings())
	assert.NotEmpty(t, books.Entries)
}
