package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func testHousekeep(t *testing.T, s *store.Store) {
	trunk := addTrunk(t, s)
	ctx := t.Context()
	kept := addCall(t, s, newCall(trunk, begin))
	leftover := newCall(trunk, begin)
	require.NoError(t, s.InsertCall(ctx, leftover, call.DefaultKnobs()))
	underWay := newCall(trunk, begin.Add(2*time.Hour))
	require.NoError(t, s.InsertCall(ctx, underWay, call.DefaultKnobs()))

	require.NoError(t, s.Housekeep(ctx, begin.Add(2*time.Hour+time.Minute)))

	_, err := s.Call(ctx, kept.ID)
	require.NoError(t, err)
	require.ErrorIs(t, s.AcceptCall(ctx, leftover.ID, begin), store.ErrNotFound)
	require.NoError(t, s.AcceptCall(ctx, underWay.ID, begin))
}
