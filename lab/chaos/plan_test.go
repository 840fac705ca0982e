package chaos_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/chaos"
)

func TestPlanIsRepeatable(t *testing.T) {
	t.Parallel()
	require.Equal(t, chaos.MakePlan(7, 50, 20, 1), chaos.MakePlan(7, 50, 20, 1))
	require.NotEqual(t, chaos.MakePlan(7, 50, 20, 1), chaos.MakePlan(8, 50, 20, 1))
}

// TestPlanBreaksEverything: a long run leaves nothing out, alone and in pairs.
func TestPairIsBrokenToo(t *testing.T) {
	t.Parallel()
	pairs := map[bool]int{}
	for seed := range uint64(8) {
		pairs[chaos.MakePlan(seed, 1, 1, 1).Pair]++
	}
	require.Equal(t, map[bool]int{true: 4, false: 4}, pairs)
	struck := map[chaos.Strike]bool{}
	for _, f := range chaos.MakePlan(6, 1, 300, 1).Faults {
		for _, s := range f.Strikes {
			struck[s] = true
		}
	}
	require.Len(t, struck, 10*3+2+14)
}

func TestPlanBreaksEverything(t *testing.T) {
	t.Parallel()
	plan := chaos.MakePlan(1, 1000, 400, 1)
	require.Len(t, plan.Calls, 1000)
	require.Len(t, plan.Faults, 400)
	struck, pairs := map[chaos.Strike]bool{}, 0
	for i, f := range plan.Faults {
		for _, s := range f.Strikes {
			struck[s] = true
		}
		if len(f.Strikes) == 2 {
			pairs++
			require.NotEqual(t, f.Strikes[0].Target, f.Strikes[1].Target, "fault %d", i)
		}
		if i > 0 {
			before := plan.Faults[i-1]
			require.Greater(t, f.At, before.At+before.For, "a calm between faults")
		}
	}
	require.Len(t, struck, 8*3+2+11, "eight parts three ways, a read-only database, an empty Temporal, eleven links")
	require.Greater(t, pairs, 40)
	parts, callerIDs := map[chaos.Part]bool{}, map[string]bool{}
	for _, c := range plan.Calls {
		parts[c.Part], callerIDs[c.DID] = true, true
	}
	require.Len(t, parts, 10)
	require.Len(t, callerIDs, 1000, "the carrier's books are read by the caller ID")
}

// TestTwoTrunksPlayTheSameRun: the calls and faults of a seed are those of the run with one trunk, so that what it found is found again.
func TestTwoTrunksPlayTheSameRun(t *testing.T) {
	t.Parallel()
	one, two := chaos.MakePlan(7, 50, 20, 1), chaos.MakePlan(7, 50, 20, 2)
	require.Equal(t, one.Faults, two.Faults)
	for i := range one.Calls {
		require.Equal(t, one.Calls[i].Number, two.Calls[i].Number)
		require.Equal(t, one.Calls[i].At, two.Calls[i].At)
	}
	require.Zero(t, one.Trunks)
	require.NotZero(t, two.First.Lines*two.First.PerSecond*two.Last.Lines*two.Last.PerSecond)
}

// TestCrowdIsMoreThanItsTrunkCarries, and only what is ours is killed.
func TestCrowdIsMoreThanItsTrunkCarries(t *testing.T) {
	t.Parallel()
	p := chaos.MakeCrowd(1, 200)
	require.Len(t, p.Calls, 200)
	require.Equal(t, chaos.Limits{Lines: 10, PerSecond: 3}, p.First)
	require.Less(t, p.Calls[199].At, 30*time.Second)
	require.Greater(t, len(p.Faults), 8)
	for _, f := range p.Faults {
		for _, s := range f.Strikes {
			require.Equal(t, chaos.Kill, s.Action)
			require.Contains(t, []chaos.Target{chaos.Worker, chaos.API}, s.Target)
		}
	}
}
