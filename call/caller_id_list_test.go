package call_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

// TestCallerIDsOfTrunksAndRoutes: each number once, with all that shows it.
func TestCallerIDsOfTrunksAndRoutes(t *testing.T) {
	t.Parallel()
	mumbai, delhi := call.Trunk{ID: "m", DefaultDID: "+911"}, call.Trunk{ID: "d", DefaultDID: "+911"}
	shows := func(id string, dids ...call.RouteDID) call.Route {
		return call.Route{ID: id, CallerID: call.CallerID{DIDs: dids}}
	}
	both := shows("both", call.RouteDID{Number: "+912", Series: call.Series140}, call.RouteDID{Number: "+911", Series: call.SeriesStandard})
	wrong := shows("wrong", call.RouteDID{Number: "+912", Series: call.Series1600}, call.RouteDID{Number: "+912", Series: call.Series1600})
	require.Equal(t, []call.KnownCallerID{
		{Number: "+911", Series: []call.Series{call.SeriesStandard}, Trunks: []call.Trunk{mumbai, delhi}, Routes: []call.Route{both}},
		{Number: "+912", Series: []call.Series{call.Series140, call.Series1600}, Routes: []call.Route{both, wrong}},
	}, call.CallerIDs([]call.Trunk{mumbai, delhi}, []call.Route{both, wrong}))
	require.Empty(t, call.CallerIDs([]call.Trunk{{ID: "none"}}, nil))
}
