package admin_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// routeInput is a route through a fresh trunk.
func routeInput(b *bench) any { return routeThrough(b.trunk("routed").ID) }

func routeThrough(trunk string) map[string]any {
	return map[string]any{
		"name": "Mumbai", "enabled": true,
		"match":     map[string]any{"number": "98*", "purposes": []string{}, "agent_prefix": "", "days": []int{}, "from": "00:00", "to": "00:00", "zone": "Asia/Kolkata"},
		"trunks":    []any{map[string]any{"trunk_id": trunk, "priority": 0, "weight": 1}},
		"caller_id": map[string]any{"mode": "fixed", "dids": []any{}, "days": 0},
	}
}

func ofRoute(b *bench) string { return "/routes/" + b.route("routed") }

func (b *bench) route(name string) string {
	b.t.Helper()
	r := call.Route{ID: store.NewRouteID(), Name: name, Enabled: true, Match: call.RouteMatch{Zone: "UTC"},
		Trunks: []call.RouteTrunk{{TrunkID: b.trunk(name).ID, Weight: 1}}}
	require.NoError(b.t, b.store.SaveRoute(b.t.Context(), r))
	return r.ID
}

// onlyRoute leaves one route.
func (b *bench) onlyRoute() []string {
	b.t.Helper()
	routes, err := b.store.Routes(b.t.Context())
	require.NoError(b.t, err)
	for _, r := range routes {
		require.NoError(b.t, b.store.DeleteRoute(b.t.Context(), r.ID))
	}
	return []string{b.route("only")}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleOperator)
	trunk := b.trunk("Mumbai")
	first := w.post("/routes", routeThrough(trunk.ID)).is(http.StatusCreated).str("route_id")
	second := w.post("/routes", routeThrough(trunk.ID)).is(http.StatusCreated).str("route_id")
	list := w.get("/routes").is(http.StatusOK)
	require.Equal(t, first, list.at("routes.1.shadowed_by"), "no call reaches the second")
	require.NotContains(t, list.at("routes.0"), "shadowed_by")
	got := w.do(http.MethodPut, "/routes/order", map[string]any{"route_ids": []string{second, first}}).is(http.StatusOK)
	require.Equal(t, second, got.at("routes.0.route_id"))
	w.do(http.MethodPut, "/routes/order", map[string]any{"route_ids": []string{second}}).isProblem(http.StatusConflict, "conflict")

	wrong := routeThrough("trk_gone")
	wrong["match"].(map[string]any)["number"] = "98"
	w.do(http.MethodPut, "/routes/"+first, wrong).isProblem(http.StatusBadRequest, "invalid_request").names("number", "trunks")
	w.do(http.MethodPut, "/routes/rte_gone", routeThrough(trunk.ID)).isProblem(http.StatusNotFound, "not_found")
	w.do(http.MethodDelete, "/trunks/"+trunk.ID, nil).isProblem(http.StatusConflict, "conflict")
	w.do(http.MethodDelete, "/routes/"+first, nil).is(http.StatusNoContent)
}

func TestTrunkLimits(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleOperator)
	in := map[string]any{"label": "Delhi", "livekit_trunk_id": "ST_x", "prefix": "9", "default_did": "9999999999", "default": true, "enabled": true,
		"max_concurrent_calls": 10, "max_calls_per_second": 3}
	id := w.post("/trunks", in).is(http.StatusCreated).str("trunk_id")
	got := w.get("/trunks").is(http.StatusOK)
	require.EqualValues(t, 10, got.at("trunks.0.max_concurrent_calls"))
	require.EqualValues(t, 3, got.at("trunks.0.max_calls_per_second"))
	in["max_concurrent_calls"] = -1
	w.do(http.MethodPut, "/trunks/"+id, in).isProblem(http.StatusBadRequest, "invalid_request").names("max_concurrent_calls")
}

// TestCallerIDList: what shows a number, and when a call last did.
func TestCallerIDList(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	trunk := b.trunk("Mumbai")
	in := routeThrough(trunk.ID)
	in["caller_id"] = map[string]any{"mode": "fixed", "days": 0, "dids": []any{map[string]any{"number": "+911400012345", "series": "140"}}}
	b.as(store.RoleOperator).post("/routes", in).is(http.StatusCreated)
	list := b.as(store.RoleViewer).get("/caller-ids").is(http.StatusOK)
	require.Equal(t, "+911400012345", list.at("caller_ids.0.number"))
	require.Equal(t, []any{"140"}, list.at("caller_ids.0.series"))
	require.Equal(t, "Mumbai", list.at("caller_ids.0.routes.0.name"))
	require.Empty(t, list.at("caller_ids.0.trunks"))
	require.Nil(t, list.at("caller_ids.0.last_shown_at"))

	c := b.liveCall(trunk, func(c *call.Call) { c.DID = "+911400012345" })
	list = b.as(store.RoleViewer).get("/caller-ids").is(http.StatusOK)
	shown, err := time.Parse(time.RFC3339, list.at("caller_ids.0.last_shown_at").(string))
	require.NoError(t, err)
	require.WithinDuration(t, c.CreatedAt, shown, time.Millisecond)
}
