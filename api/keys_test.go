package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

// talking is a call whose customer has answered.
func (b *bench) talking() call.ID {
	b.t.Helper()
	id := b.open()
	b.store.set(id, func(c *call.Call) { c.Status = call.StatusAnswered })
	return id
}

func (b *bench) press(id call.ID, digits string) *answer {
	return b.post("/api/c2c/calls/"+string(id)+"/dtmf", fmt.Sprintf(`{"digits":%q}`, digits))
}

func TestSendKeys(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.talking()
	require.Equal(t, map[string]any{"status": "sent"}, b.press(id, "0123456789*#ABCD").ok().json())
	b.press(id, "5").ok()
	require.Equal(t, []string{"0123456789*#ABCD in " + string(id), "5 in " + string(id)}, b.livekit.keys)
	entries := b.store.timeline(id)
	require.Equal(t, call.Entry{At: b.clock.now(), Source: call.SourceBrowser, Name: "dtmf", Detail: "keys sent: 16"}, entries[0])
	require.NotContains(t, fmt.Sprint(entries)+b.log.String(), "0123456789", "the digits may be a card's")
}

func TestSendKeysRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.talking()
	path := "/api/c2c/calls/" + string(id) + "/dtmf"
	for name, body := range map[string]string{
		"none": `{}`, "null": `{"digits":null}`, "empty": `{"digits":""}`, "a letter": `{"digits":"12E"}`, "small letters": `{"digits":"a"}`,
		"a pause": `{"digits":"1w2"}`, "33": `{"digits":"` + strings.Repeat("1", 33) + `"}`, "a number": `{"digits":12}`,
		"other digits": `{"digits":"١٢"}`, "another field": `{"digits":"1","duration":100}`,
	} {
		a := b.post(path, body).isProblem(400, "invalid_request")
		require.NotEmpty(t, a.problem.Errors, name)
	}
	b.post(path, `[`).isProblem(400, "invalid_body")
	b.do(http.MethodPost, path, `{"digits":"1"}`, "Content-Type", "text/plain").isProblem(415, "unsupported_media_type")
	b.press(call.NewID(), "1").isProblem(404, "call_not_found")
	b.post("/api/c2c/calls/nonsense/dtmf", `{"digits":"1"}`).isProblem(404, "call_not_found")
	for _, s := range []call.Status{call.StatusCreated, call.StatusEnded} {
		b.store.set(id, func(c *call.Call) { c.Status = s })
		b.press(id, "1").isProblem(409, "not_connected")
	}
	require.Empty(t, b.livekit.keys)
}

// TestSendKeysAsksLiveKit: the row may be behind, LiveKit knows whether there is a leg.
func TestSendKeysAsksLiveKit(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.talking()
	b.livekit.noLeg = fmt.Errorf("send keys: %w", livekit.ErrNotConnected)
	b.press(id, "1").isProblem(409, "not_connected")
	b.livekit.noLeg = livekit.ErrUnavailable
	b.press(id, "1").isProblem(503, "livekit_unavailable")
	require.Empty(t, b.store.timeline(id))

	b.livekit.noLeg = nil
	b.store.set(id, func(c *call.Call) { c.Status = call.StatusRinging })
	b.press(id, "1").ok()
	b.store.fail(errDown)
	b.press(id, "1").isProblem(503, "store_unavailable")
}

func TestKeysAreLimitedPerCall(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id, other := b.talking(), b.talking()
	b.press(id, strings.Repeat("1", 32)).ok()
	b.press(id, strings.Repeat("2", 32)).ok()
	wait := b.press(id, "34").isProblem(429, "rate_limited").header.Get("Retry-After")
	require.Equal(t, "1", wait)
	b.press(other, "1").ok()
	b.clock.forward(500 * time.Millisecond)
	b.press(id, "34").ok()
	b.press(id, "5").isProblem(429, "rate_limited")
	require.Len(t, b.livekit.keys, 4)
}
