package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

func (b *bench) setHold(id call.ID, verb string) *answer {
	return b.do(http.MethodPost, "/api/c2c/calls/"+string(id)+"/"+verb, "")
}

func TestHold(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.talking()
	b.livekit.leg = call.LegActive
	for range 2 { // idempotent
		require.Equal(t, map[string]any{"on_hold": true}, b.setHold(id, "hold").ok().json())
		require.Equal(t, true, b.do(http.MethodGet, "/api/c2c/calls/"+string(id), "").ok().json()["on_hold"])
	}
	for range 2 {
		require.Equal(t, map[string]any{"on_hold": false}, b.setHold(id, "unhold").ok().json())
		require.Equal(t, false, b.do(http.MethodGet, "/api/c2c/calls/"+string(id), "").ok().json()["on_hold"])
	}
	require.Equal(t, []bool{true, true, false, false}, b.livekit.holds, "each order is carried out: the last one may have been lost")
	var names []string
	for _, e := range b.store.timeline(id) {
		names = append(names, e.Name)
	}
	require.Equal(t, []string{"hold", "unhold"}, names)
}

func TestHoldNeedsACustomer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.talking()
	for _, verb := range []string{"hold", "unhold"} {
		b.livekit.leg = call.LegRinging
		b.setHold(id, verb).isProblem(409, "not_connected")
		b.setHold(call.NewID(), verb).isProblem(404, "call_not_found")
		b.setHold("nonsense", verb).isProblem(404, "call_not_found")
		b.livekit.leg, b.livekit.down = call.LegActive, livekit.ErrUnavailable
		b.setHold(id, verb).isProblem(503, "livekit_unavailable")
		b.livekit.down = nil
		b.clock.forward(10 * time.Second)
	}
	require.Empty(t, b.livekit.holds)
	require.Empty(t, b.store.timeline(id))
	b.store.set(id, func(c *call.Call) { c.Status = call.StatusEnded })
	b.setHold(id, "hold").isProblem(409, "not_connected")
}

func TestHoldIsLimitedPerCall(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.talking()
	b.livekit.leg = call.LegActive
	for range 10 {
		b.setHold(id, "hold").ok()
		b.setHold(id, "unhold").ok()
	}
	b.setHold(id, "hold").isProblem(429, "rate_limited")
	b.setHold(id, "unhold").isProblem(429, "rate_limited")
}
