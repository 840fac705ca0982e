package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func testHold(t *testing.T, s *store.Store) {
	id := addCall(t, s, newCall(addTrunk(t, s), begin)).ID
	now := time.Now().UTC().Truncate(time.Millisecond)
	begun, err := s.Hold(t.Context(), id, now)
	require.NoError(t, err)
	require.True(t, begun)
	begun, err = s.Hold(t.Context(), id, now.Add(time.Minute))
	require.NoError(t, err)
	require.False(t, begun)
	c, err := s.Call(t.Context(), id)
	require.NoError(t, err)
	require.True(t, now.Equal(*c.HeldAt), "the first moment stays")

	claimed := func(keeper string, at time.Time) bool {
		ids, err := s.ClaimHeld(t.Context(), keeper, at, at.Add(5*time.Second))
		require.NoError(t, err)
		for _, other := range ids {
			if other == id {
				return true
			}
		}
		return false
	}
	require.True(t, claimed("a", now))
	require.False(t, claimed("b", now.Add(time.Second)), "one keeper at a time")
	require.True(t, claimed("a", now.Add(2*time.Second)))
	require.True(t, claimed("b", now.Add(8*time.Second)), "a keeper that died loses it")
	require.False(t, claimed("a", now.Add(9*time.Second)))

	ended, err := s.Unhold(t.Context(), id)
	require.NoError(t, err)
	require.True(t, ended)
	ended, err = s.Unhold(t.Context(), id)
	require.NoError(t, err)
	require.False(t, ended)
	require.False(t, claimed("b", now.Add(10*time.Second)))
	on, err := s.OnHold(t.Context(), id)
	require.NoError(t, err)
	require.False(t, on)
	_, err = s.Hold(t.Context(), call.NewID(), now)
	require.ErrorIs(t, err, store.ErrNotFound)
}
