package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func at(minute, second int) *time.Time {
	t := time.Date(2026, 11, 1, 12, minute, second, 0, time.UTC)
	return &t
}

func TestGetCall(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	path := "/api/c2c/calls/" + string(id)
	fresh := map[string]any{
		"call_id": string(id), "room": id.Room(), "case_id": "abc123", "customer_crm_id": "cust-99", "agent_id": "agent-42",
		"customer_number": number, "did": "+911140000000", "status": "created", "connected": false, "on_hold": false, "call_status": nil,
		"duration": 0.0, "duration_seconds": 0.0, "ring_seconds": 0.0, "disconnect_reason": nil, "sip_disconnect_code": nil, "hangup_by": nil,
		"created_at": "2026-11-01T12:00:00Z", "connected_at": nil, "answered_at": nil, "ended_at": nil,
	}
	require.Equal(t, fresh, b.do(http.MethodGet, path, "").ok().json())

	b.store.set(id, func(c *call.Call) {
		c.Status, c.ConnectedAt, c.AnsweredAt, c.RingSeconds = call.StatusAnswered, at(0, 5), at(0, 12), 7
	})
	talked := time.Since(*at(0, 12)).Seconds()
	live := b.do(http.MethodGet, path, "").ok().json()
	require.Equal(t, "answered", live["status"])
	require.Equal(t, true, live["connected"])
	require.Equal(t, "2026-11-01T12:00:12Z", live["answered_at"])
	require.InDelta(t, 7.0, live["ring_seconds"], 0)
	require.InDelta(t, talked, live["duration_seconds"], 30, "it counts while they talk")
	require.InDelta(t, live["duration_seconds"], live["duration"], 0)

	sip := 200
	b.store.set(id, func(c *call.Call) {
		c.Status, c.EndedAt = call.StatusEnded, at(1, 42)
		c.Outcome = &call.Outcome{
			CallStatus: call.Answered, Reason: call.ReasonCustomerHangup, SIPCode: &sip, DurationSeconds: 90, RingSeconds: 7,
			HangupBy: call.PartyCustomer, AnsweredAt: c.AnsweredAt, EndedAt: *c.EndedAt,
		}
	})
	ended := b.do(http.MethodGet, path, "").ok().json()
	for field, want := range map[string]any{
		"status": "ended", "connected": false, "call_status": "ANSWERED", "duration": 90.0, "duration_seconds": 90.0, "ring_seconds": 7.0,
		"disconnect_reason": "customer_hangup", "sip_disconnect_code": 200.0, "hangup_by": "customer",
		"connected_at": "2026-11-01T12:00:05Z", "ended_at": "2026-11-01T12:01:42Z",
	} {
		require.Equal(t, want, ended[field], field)
	}
}

func TestGetCallWithoutDatabase(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	b.store.fail(errDown)
	a := b.do(http.MethodGet, "/api/c2c/calls/"+string(id), "").isProblem(503, "store_unavailable")
	require.NotContains(t, string(a.body), "10.1.2.3")
	require.Contains(t, b.log.String(), "10.1.2.3", "the operator sees what the client does not")
}

func TestListCalls(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	list := func(query string) *answer {
		return b.do(http.MethodGet, "/api/c2c/calls"+query, "", "X-api-key", goodKey)
	}
	empty := list("").ok().json()
	require.Equal(t, map[string]any{"calls": []any{}, "next_cursor": nil}, empty)

	newer, older := call.NewID(), call.NewID()
	b.store.page = store.CallPage{Next: "next==", Calls: []call.Call{
		{ID: newer, Status: call.StatusRinging, CreatedAt: *at(1, 0)},
		{ID: older, Status: call.StatusEnded, CreatedAt: *at(0, 0), EndedAt: at(0, 9), Outcome: &call.Outcome{CallStatus: call.Failed, Reason: call.ReasonNeverConnected, HangupBy: call.PartySystem}},
	}}
	page := list("?case_id=c+1&agent_id=a&call_status=NOT_ANSWERED&since=2026-11-01T00:00:00Z&until=2026-11-01T05:30:00%2B05:30&limit=2&cursor=abc%3D").ok().json()
	require.Equal(t, "next==", page["next_cursor"])
	calls, ok := page["calls"].([]any)
	require.True(t, ok)
	require.Len(t, calls, 2)
	first, ok := calls[0].(map[string]any)
	require.True(t, ok)
	require.Equal(t, string(newer), first["call_id"])

	midnight := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	require.Equal(t, store.CallFilter{
		CaseID: "c 1", AgentID: "a", CallStatus: call.NotAnswered, Since: &midnight, Until: &midnight, Cursor: "abc=", Limit: 2,
	}, b.store.filters[1])

	b.store.listErr = store.ErrBadCursor
	list("?cursor=made-up").isProblem(http.StatusBadRequest, "invalid_request").names("cursor")
	b.store.listErr = errDown
	list("").isProblem(503, "store_unavailable")
}

func TestRefreshToken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	path := "/api/c2c/calls/" + string(id) + "/token"
	require.Equal(t, map[string]any{"ws_url": "wss://livekit.example.com", "token": "token-2-for-" + id.Room()}, b.do(http.MethodPost, path, "").ok().json())
	require.Equal(t, "token-3-for-"+id.Room(), b.post(path, `{}`).ok().str("token"))

	b.livekit.down = errDown
	b.do(http.MethodPost, path, "").isProblem(503, "livekit_unavailable")
	b.livekit.down = nil
	b.store.set(id, func(c *call.Call) { c.Status = call.StatusEnded })
	b.do(http.MethodPost, path, "").isProblem(http.StatusConflict, "call_ended")
}
