package store_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// soleCall is a call beside which its agent may have no other.
func soleCall(t *testing.T, s *store.Store, trunk call.Trunk) call.ID {
	t.Helper()
	c := newCall(trunk, begin)
	c.SoleOfAgent = true
	require.NoError(t, s.InsertCall(t.Context(), c, call.DefaultKnobs()))
	return c.ID
}

// testSoleCallOfAgent: whatever way a call goes over, its agent is free for the next one.
func testSoleCallOfAgent(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	free := func(why string) {
		t.Helper()
		_, err := s.LiveCallOfAgent(ctx, "agent-1")
		require.ErrorIs(t, err, store.ErrNotFound, why)
	}
	left := soleCall(t, s, trunk)
	free("a row that was never accepted, as of an api that died, locks nobody out")

	refused := soleCall(t, s, trunk)
	_, err := s.RefuseCall(ctx, refused)
	require.NoError(t, err)
	free("refused")

	live := soleCall(t, s, trunk)
	require.NoError(t, s.AcceptCall(ctx, live, begin))
	require.NoError(t, s.AcceptCall(ctx, live, begin), "accepted again, as after a lost reply")
	id, err := s.LiveCallOfAgent(ctx, "agent-1")
	require.NoError(t, err)
	require.Equal(t, live, id)
	require.ErrorIs(t, s.AcceptCall(ctx, left, begin), store.ErrConflict)
	_, err = s.Call(ctx, left)
	require.ErrorIs(t, err, store.ErrNotFound)
	withdrawn, err := s.RefuseCall(ctx, left)
	require.NoError(t, err)
	require.True(t, withdrawn, "and can be taken back")

	addCall(t, s, newCall(trunk, begin)) // of an installation that lets agents have several: it is no other's business

	_, err = s.KeepLegAtHangUp(ctx, live, call.LegGone)
	require.NoError(t, err)
	next := soleCall(t, s, trunk)
	require.NoError(t, s.AcceptCall(ctx, next, begin), "the first is being hung up")
	endAs(t, s, call.Call{ID: next}, answeredFor(3))
	last := soleCall(t, s, trunk)
	require.NoError(t, s.AcceptCall(ctx, last, begin), "the second is over")
}

// testSoleCallRace: of calls of one agent that are accepted at once, one is.
func testSoleCallRace(t *testing.T, s *store.Store) {
	trunk := addTrunk(t, s)
	var mu sync.Mutex
	var accepted, busy int
	var all sync.WaitGroup
	for range 12 {
		id := soleCall(t, s, trunk)
		all.Go(func() {
			err := s.AcceptCall(t.Context(), id, begin)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				accepted++
			} else {
				assert.ErrorIs(t, err, store.ErrConflict)
				busy++
			}
		})
	}
	all.Wait()
	require.Equal(t, 1, accepted)
	require.Equal(t, 11, busy)
}
