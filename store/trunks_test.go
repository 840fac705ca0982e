package store_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func trunkNamed(id string) call.Trunk {
	return call.Trunk{ID: id, Label: id, LiveKitTrunkID: "ST_" + id, Prefix: "0", DefaultDID: "+912233445566", Enabled: true}
}

func testTrunks(t *testing.T, s *store.Store) {
	ctx := t.Context()
	_, err := nextTrunk(t, s)
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = s.Trunk(ctx, "a")
	require.ErrorIs(t, err, store.ErrNotFound)

	a, b := trunkNamed("a"), trunkNamed("b")
	a.DefaultDID = "09999999999"
	require.NoError(t, s.SaveTrunk(ctx, a))
	require.NoError(t, s.SaveTrunk(ctx, b))
	a.Default, a.DefaultDID = true, "+919999999999" // the first is the default, unasked
	requireTrunks(t, s, a, b)

	withdrawn := a
	withdrawn.Default = false
	require.ErrorIs(t, s.SaveTrunk(ctx, withdrawn), store.ErrConflict)
	a.Default, b.Default, b.Label = false, true, "renamed"
	for range 2 {
		require.NoError(t, s.SaveTrunk(ctx, b))
	}
	requireTrunks(t, s, a, b)
	got, err := nextTrunk(t, s)
	require.NoError(t, err)
	require.Equal(t, b, got)

	b.Enabled = false
	require.NoError(t, s.SaveTrunk(ctx, b))
	got, err = nextTrunk(t, s)
	require.NoError(t, err)
	require.Equal(t, a, got, "the default is disabled: the first enabled one stands in")
	a.Enabled = false
	require.NoError(t, s.SaveTrunk(ctx, a))
	_, err = nextTrunk(t, s)
	require.ErrorIs(t, err, store.ErrNotFound)
}

// nextTrunk is the trunk that a call is placed through while there is no route.
func nextTrunk(t *testing.T, s *store.Store) (call.Trunk, error) {
	t.Helper()
	trunk, _, err := s.PlaceRoute(t.Context(), call.RouteQuestion{CallID: call.NewID(), Number: "9530251797", At: time.Now()})
	return trunk, err
}

func requireTrunks(t *testing.T, s *store.Store, want ...call.Trunk) {
	t.Helper()
	trunks, err := s.Trunks(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, trunks)
}

func testTrunkOrderAndDelete(t *testing.T, s *store.Store) {
	ctx := t.Context()
	a, b, c := trunkNamed("a"), trunkNamed("b"), trunkNamed("c")
	for _, trunk := range []call.Trunk{a, b, c} {
		require.NoError(t, s.SaveTrunk(ctx, trunk))
	}
	a.Default = true
	require.NoError(t, s.OrderTrunks(ctx, []string{"c", "a"}))
	requireTrunks(t, s, c, a, b)
	require.ErrorIs(t, s.OrderTrunks(ctx, []string{"b", "nobody"}), store.ErrNotFound)
	requireTrunks(t, s, c, a, b)

	used := addCall(t, s, newCall(b, begin))
	require.ErrorIs(t, s.DeleteTrunk(ctx, "b"), store.ErrConflict)
	_, _, err := s.CallWithTrunk(ctx, used.ID)
	require.NoError(t, err)
	require.ErrorIs(t, s.DeleteTrunk(ctx, "nobody"), store.ErrNotFound)
	require.NoError(t, s.DeleteTrunk(ctx, "a"))
	c.Default = true
	requireTrunks(t, s, c, b)
}

func testTrunkValidation(t *testing.T, s *store.Store) {
	for field, change := range map[string]func(*call.Trunk){
		"id":               func(v *call.Trunk) { v.ID = "" },
		"livekit_trunk_id": func(v *call.Trunk) { v.LiveKitTrunkID = "" },
		"prefix":           func(v *call.Trunk) { v.Prefix = "00;evil" },
		"default_did":      func(v *call.Trunk) { v.DefaultDID = "12" },
	} {
		trunk := trunkNamed("a")
		change(&trunk)
		err := s.SaveTrunk(t.Context(), trunk)
		require.ErrorIs(t, err, store.ErrInvalid)
		require.ErrorContains(t, err, field)
	}
	requireTrunks(t, s, []call.Trunk{}...)
}

func testTrunkDefaultRace(t *testing.T, s *store.Store) {
	var wg sync.WaitGroup
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		wg.Go(func() {
			trunk := trunkNamed(id)
			trunk.Default = true
			if err := s.SaveTrunk(t.Context(), trunk); err != nil {
				t.Errorf("save %s: %v", id, err)
			}
		})
	}
	wg.Wait()
	trunks, err := s.Trunks(t.Context())
	require.NoError(t, err)
	require.Len(t, trunks, 6)
	trunks = slices.DeleteFunc(trunks, func(v call.Trunk) bool { return !v.Default })
	require.Len(t, trunks, 1)
}
