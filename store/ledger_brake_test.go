package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func testTemporalNamespace(t *testing.T, s *store.Store) {
	ctx := t.Context()
	one := store.TemporalNamespace{ID: "one", Name: "default", Since: begin}
	two := store.TemporalNamespace{ID: "two", Name: "default", Since: after(time.Minute)}
	for _, n := range []store.TemporalNamespace{one, two} {
		kept, err := s.KeepTemporal(ctx, n)
		require.NoError(t, err)
		require.Equal(t, one, kept, "the first one stays")
	}
	was, err := s.AdoptTemporal(ctx, two)
	require.NoError(t, err)
	require.Equal(t, one, was)
	kept, err := s.KeepTemporal(ctx, one)
	require.NoError(t, err)
	require.Equal(t, two, kept)
}

func testLedgerBrake(t *testing.T, s *store.Store) {
	ctx := t.Context()
	brake, err := s.LedgerBrake(ctx)
	require.NoError(t, err)
	require.Zero(t, brake)
	require.ErrorIs(t, s.ReleaseLedger(ctx, "asha", begin), store.ErrConflict, "no word in advance")
	require.NoError(t, s.HoldLedger(ctx, begin, 30, 90))
	require.NoError(t, s.HoldLedger(ctx, after(time.Minute), 31, 90))
	require.NoError(t, s.ReleaseLedger(ctx, "asha", after(time.Hour)))
	brake, err = s.LedgerBrake(ctx)
	require.NoError(t, err)
	require.Equal(t, store.LedgerBrake{HeldSince: ptr(begin), Gone: 31, Live: 90, ReleasedUntil: ptr(after(time.Hour)), ReleasedBy: "asha"}, brake)
	require.True(t, brake.Released(after(59*time.Minute)))
	require.False(t, brake.Released(after(time.Hour)))
	require.NoError(t, s.FreeLedger(ctx))
	brake, err = s.LedgerBrake(ctx)
	require.NoError(t, err)
	require.Nil(t, brake.HeldSince)
	require.Nil(t, brake.ReleasedUntil)
}

func testMissWorkflow(t *testing.T, s *store.Store) {
	ctx, c := t.Context(), addCall(t, s, newCall(addTrunk(t, s), begin))
	for _, at := range []time.Duration{0, 19 * time.Minute} {
		first, err := s.MissWorkflow(ctx, c.ID, after(at))
		require.NoError(t, err)
		require.True(t, first.Equal(begin), first)
	}
	first, err := s.MissWorkflow(ctx, c.ID, after(2*time.Hour))
	require.NoError(t, err)
	require.True(t, first.Equal(after(2*time.Hour)), "an old sign is none")
	endCall(t, s, c)
	_, err = s.MissWorkflow(ctx, c.ID, begin)
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = s.MissWorkflow(ctx, call.NewID(), begin)
	require.ErrorIs(t, err, store.ErrNotFound)
}
