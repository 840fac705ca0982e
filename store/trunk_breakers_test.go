package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func testTrunkBreaker(t *testing.T, s *store.Store) {
	ctx, trunk, other := t.Context(), addTrunk(t, s), addTrunk(t, s)
	rule, at := call.BreakerRule{Dials: 6, Share: 50, Minimum: 3}, begin
	dial := func(d call.Dial) *store.TrunkBreaker {
		t.Helper()
		at = at.Add(time.Second)
		c := claimOf(addCall(t, s, newCall(trunk, begin)).ID, 1, "mark", trunk)
		c.At = at
		got, err := s.ClaimAttempt(ctx, c)
		require.NoError(t, err)
		require.Equal(t, store.Admitted, got)
		d.EndedAt = at
		require.NoError(t, s.EndAttempt(ctx, c.CallID, 1, d))
		opened, err := s.TrunkFailed(ctx, trunk.ID, rule, at)
		require.NoError(t, err)
		return opened
	}
	failed, busy := call.Dial{State: call.DialRefused, SIPCode: 503}, call.Dial{State: call.DialRefused, SIPCode: 486}
	open := func() []store.TrunkBreaker {
		t.Helper()
		open, err := s.OpenBreakers(ctx)
		require.NoError(t, err)
		return open
	}
	for _, d := range []call.Dial{failed, failed, busy, busy, busy, busy, failed, failed} { // of the last six, two failed
		require.Nil(t, dial(d))
	}
	opened := dial(failed)
	require.NotNil(t, opened, "three of six")
	require.Equal(t, "3 of its last 6 dials failed for its own sake.", opened.Why)
	require.Nil(t, dial(failed), "it opens once")
	require.Len(t, open(), 1)
	require.WithinDuration(t, opened.Since, open()[0].Since, time.Millisecond)
	require.WithinDuration(t, at, open()[0].SeenAt, time.Millisecond)
	require.True(t, open()[0].Holds(at.Add(time.Minute)))
	require.False(t, open()[0].Holds(at.Add(time.Hour)), "not for ever where nobody dials")

	probing, waiting := 0, 0
	for range 60 {
		c := newCall(trunk, begin)
		plan, err := s.PlanRoute(ctx, call.RouteQuestion{CallID: c.ID, Number: c.CustomerNumber, At: at})
		require.NoError(t, err)
		require.Len(t, plan.Trunks, 2)
		switch {
		case c.ID.Probes():
			probing++
			require.Equal(t, trunk.ID, plan.Trunks[0].ID, "a trickle of calls probes it")
		default:
			waiting++
			require.Equal(t, other.ID, plan.Trunks[0].ID)
			require.Equal(t, trunk.ID, plan.Trunks[1].ID, "it is the last resort")
		}
	}
	require.Greater(t, waiting, probing)

	closed, err := s.TrunkWorked(ctx, trunk.ID, at)
	require.NoError(t, err)
	require.True(t, closed)
	closed, err = s.TrunkWorked(ctx, trunk.ID, at)
	require.NoError(t, err)
	require.False(t, closed, "it closes once")
	require.Empty(t, open())
	require.Nil(t, dial(failed), "what was before does not count any more")
	require.Nil(t, dial(failed))
	require.NotNil(t, dial(failed))
	rule = call.BreakerRule{}
	_, err = s.TrunkWorked(ctx, trunk.ID, at)
	require.NoError(t, err)
	for range 4 {
		require.Nil(t, dial(failed), "no breaker is set")
	}
}
