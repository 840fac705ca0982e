package call_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

func TestFreeLines(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		limits       call.Limits
		taken, begun int
		free         int
	}{
		"ten lines, seven taken":            {call.Limits{Concurrent: 10}, 7, 100, 3},
		"all taken":                         {call.Limits{Concurrent: 10}, 10, 0, 0},
		"more taken than a new limit":       {call.Limits{Concurrent: 3}, 10, 0, 0},
		"three a second, two began":         {call.Limits{PerSecond: 3}, 99, 2, 1},
		"lines free, but not in the second": {call.Limits{Concurrent: 10, PerSecond: 3}, 1, 3, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.free, c.limits.Free(c.taken, c.begun))
		})
	}
	require.Greater(t, call.Limits{}.Free(1_000_000, 1_000_000), 1_000_000)
}

func TestGrant(t *testing.T) {
	t.Parallel()
	free := call.FreeLines{All: 3, ByTrunk: map[string]int{"a": 0, "b": 2}}
	queue := []call.QueuedCall{{"1", []string{"a"}}, {"2", []string{"a", "b"}}, {"3", []string{"b"}}, {"4", []string{"b"}}, {"5", []string{"c"}}, {"6", []string{"c"}}}
	require.Equal(t, []call.ID{"2", "3", "5"}, free.Grant(queue), "who waits for a full trunk holds up nobody who waits for another")
	require.False(t, free.Has("c"), "the installation's limit is reached")
}

// TestGrantProperty: no line is given twice, and nobody gets a line that somebody before them could have had.
func TestGrantProperty(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(13, 1)) //nolint:gosec // a test's luck
	trunks := []string{"a", "b", "c", "d"}
	for range 2000 {
		free := call.FreeLines{All: chance.IntN(8), ByTrunk: map[string]int{}}
		for _, id := range trunks[:3] {
			free.ByTrunk[id] = chance.IntN(4)
		}
		all, before := free.All, map[string]int{}
		for id, n := range free.ByTrunk {
			before[id] = n
		}
		var queue []call.QueuedCall
		for i := range chance.IntN(12) {
			c := call.QueuedCall{ID: call.ID(fmt.Sprint(i))}
			for _, at := range chance.Perm(len(trunks))[:1+chance.IntN(3)] {
				c.Trunks = append(c.Trunks, trunks[at])
			}
			queue = append(queue, c)
		}
		granted := free.Grant(queue)
		require.Equal(t, all-len(granted), free.All)
		used := 0
		for id, n := range free.ByTrunk {
			require.GreaterOrEqual(t, n, 0)
			used += before[id] - n
		}
		require.LessOrEqual(t, used, len(granted))
		got := map[call.ID]bool{}
		for _, id := range granted {
			require.False(t, got[id])
			got[id] = true
		}
		for _, c := range queue {
			if got[c.ID] {
				continue
			}
			for _, id := range c.Trunks {
				require.False(t, free.Has(id), "a line is left that %s waits for", c.ID)
			}
		}
	}
}
