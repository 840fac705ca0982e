package admin_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// TestFurtherEndpoint adds an endpoint beside the one that outcomes go to, ends a call, and removes the endpoint.
func TestFurtherEndpoint(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleAdmin)
	first := b.endpoint(nowhere)
	asked := map[string]any{
		"url": "https://reports.example.com/hook?token=hunter2", "name": "reports", "event_types": []string{"call.ended", "trunk.*"},
		"headers": map[string]string{"X-Tenant": "hunter2"}, "schedule_seconds": []int{0, 60}, "max_per_second": 5,
		"filter": map[string]any{"agent_prefix": "agent", "call_statuses": []string{"NOT_ANSWERED"}},
	}
	added := w.post("/endpoints", asked).is(http.StatusCreated)
	require.Contains(t, added.str("secret"), "whsec_")
	require.NotContains(t, string(added.body), "hunter2")
	id := added.str("endpoint.endpoint_id")
	list := w.get("/endpoints").is(http.StatusOK)
	require.Equal(t, []string{first.ID, id}, []string{list.str("endpoints.0.endpoint_id"), list.str("endpoints.1.endpoint_id")})
	require.Equal(t, []any{}, list.at("endpoints.0.event_types"))
	for field, want := range map[string]any{
		"name": "reports", "default": false, "event_types": asked["event_types"], "schedule_seconds": asked["schedule_seconds"], "max_per_second": 5,
		"filter": asked["filter"], "header_names": []string{"X-Tenant"},
	} {
		require.JSONEq(t, jsonOf(t, want), jsonOf(t, list.at("endpoints.1."+field)), field)
	}
	w.post("/endpoints", map[string]any{"url": nowhere, "event_types": []string{"call.sung"}}).isProblem(http.StatusBadRequest, "invalid_request").names("event_types")
	w.post("/endpoints", map[string]any{"url": nowhere, "event_types": []string{}}).isProblem(http.StatusBadRequest, "invalid_request")
	wrong := map[string]any{"schedule_seconds": []int{5, 60}}
	w.do(http.MethodPatch, "/endpoints/"+id, wrong).isProblem(http.StatusBadRequest, "invalid_request").names("schedule_seconds")
	changed := w.do(http.MethodPatch, "/endpoints/"+id, map[string]any{"event_types": []string{"*"}, "schedule_seconds": []int{}}).is(http.StatusOK)
	require.Equal(t, []any{"*"}, changed.at("event_types"))
	require.Equal(t, []any{}, changed.at("schedule_seconds"))

	ended := b.endedCall(b.trunk("Mumbai"), call.FromSIPCode(486))
	detail := w.get("/calls/" + string(ended.ID)).is(http.StatusOK)
	require.Equal(t, first.ID, detail.str("delivery.delivery.endpoint_id"))
	require.Equal(t, 1, detail.count("further_deliveries"))
	require.Equal(t, []string{id, ended.ID.EventIDFor(id)}, []string{detail.str("further_deliveries.0.endpoint_id"), detail.str("further_deliveries.0.event_id")})
	theirs := w.get("/deliveries/" + ended.ID.EventIDFor(id)).is(http.StatusOK)
	require.Contains(t, theirs.str("masked_body"), `{"type":"call.ended"`)
	require.NotContains(t, theirs.str("masked_body"), ended.CustomerNumber)

	w.do(http.MethodDelete, "/endpoints/"+id, nil).is(http.StatusNoContent)
	w.do(http.MethodDelete, "/endpoints/"+id, nil).isProblem(http.StatusNotFound, "not_found")
	require.Equal(t, 1, w.get("/endpoints").is(http.StatusOK).count("endpoints"))
	require.Equal(t, "dead", w.get("/deliveries/"+ended.ID.EventIDFor(id)).is(http.StatusOK).str("delivery.state"))
	for _, action := range []string{"endpoint_added", "endpoint_changed", "endpoint_removed"} {
		require.Contains(t, b.audited(), "admin1 "+action+" "+id)
	}
	require.NotContains(t, b.log.String(), "hunter2")
}
