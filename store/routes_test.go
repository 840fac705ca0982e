package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func testRoutes(t *testing.T, s *store.Store) {
	ctx := t.Context()
	trunk := call.Trunk{ID: "trk_a", Label: "A", LiveKitTrunkID: "ST_1", DefaultDID: "+912233445566", Enabled: true}
	require.NoError(t, s.SaveTrunk(ctx, trunk))
	r := call.Route{ID: store.NewRouteID(), Name: "Mumbai", Enabled: true, Match: call.RouteMatch{Number: "98*", Zone: "Asia/Kolkata", To: 1080},
		Trunks:   []call.RouteTrunk{{TrunkID: "trk_a", Weight: 1}},
		CallerID: call.CallerID{Mode: call.CallerIDSticky, Days: 7, DIDs: []call.RouteDID{{Number: "+911600000001", Series: call.Series1600}}}}
	require.NoError(t, s.SaveRoute(ctx, r))
	routes, err := s.Routes(ctx)
	require.NoError(t, err)
	require.Equal(t, []call.Route{r}, routes, "every field comes back")
	unknown := r
	unknown.Trunks = []call.RouteTrunk{{TrunkID: "trk_gone", Weight: 1}}
	require.ErrorIs(t, s.SaveRoute(ctx, unknown), store.ErrInvalid)

	second := r
	second.ID, second.Name = store.NewRouteID(), "The rest"
	require.NoError(t, s.SaveRoute(ctx, second))
	require.NoError(t, s.OrderRoutes(ctx, []string{second.ID, r.ID}))
	r.Enabled = false
	require.NoError(t, s.SaveRoute(ctx, r))
	routes, err = s.Routes(ctx)
	require.NoError(t, err)
	require.Equal(t, []call.Route{second, r}, routes, "a change keeps the place")
	require.ErrorIs(t, s.OrderRoutes(ctx, []string{r.ID}), store.ErrConflict)
	require.ErrorIs(t, s.OrderRoutes(ctx, []string{r.ID, r.ID}), store.ErrConflict)
	require.ErrorIs(t, s.OrderRoutes(ctx, []string{r.ID, "rte_gone"}), store.ErrNotFound)

	for want := range uint64(3) {
		turn, err := s.NextTurn(ctx, r.ID)
		require.NoError(t, err)
		require.Equal(t, want, turn)
	}
	require.ErrorIs(t, s.DeleteTrunk(ctx, trunk.ID), store.ErrConflict, "routes name it")
	require.NoError(t, s.DeleteRoute(ctx, r.ID))
	require.ErrorIs(t, s.DeleteRoute(ctx, r.ID), store.ErrNotFound)
	_, err = s.NextTurn(ctx, r.ID)
	require.ErrorIs(t, err, store.ErrNotFound)
	require.NoError(t, s.DeleteRoute(ctx, second.ID))
	require.NoError(t, s.DeleteTrunk(ctx, trunk.ID))
}
