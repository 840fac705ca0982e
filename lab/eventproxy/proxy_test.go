package eventproxy_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/webhook"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/eventproxy"
)

const (
	key    = "labkey"
	secret = "a-secret-of-more-than-thirty-two-characters"
	within = 5 * time.Second
)

// product collects the names of the events that reach it, and verifies them as the product would.
type product struct {
	server *httptest.Server
	names  chan string
}

func startProduct(t *testing.T) *product {
	t.Helper()
	p := &product{names: make(chan string, 100)}
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e, err := webhook.ReceiveWebhookEvent(r, auth.NewSimpleKeyProvider(key, secret))
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		p.names <- e.Id
	}))
	t.Cleanup(p.server.Close)
	return p
}

func (p *product) next(t *testing.T) string {
	t.Helper()
	select {
	case name := <-p.names:
		return name
	case <-time.After(within):
		require.FailNow(t, "no event came")
		return ""
	}
}

func startProxy(t *testing.T, p *product) *eventproxy.Proxy {
	t.Helper()
	proxy, err := eventproxy.Start(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, proxy.Close()) })
	proxy.Forward(p.server.URL)
	return proxy
}

func event(t *testing.T, id string) eventproxy.Event {
	t.Helper()
	e, err := eventproxy.Forge([]byte(`{"id":"`+id+`","event":"participant_left","room":{"name":"r"},"participant":{"identity":"agent","sid":"PA_1"}}`),
		key, secret, time.Now())
	require.NoError(t, err)
	return e
}

// post does what LiveKit does.
func post(t *testing.T, proxy *eventproxy.Proxy, e eventproxy.Event) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, proxy.URL(), strings.NewReader(string(e.Body)))
	require.NoError(t, err)
	req.Header = e.Header
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}

func TestPassDoubleDrop(t *testing.T) {
	t.Parallel()
	p := startProduct(t)
	proxy := startProxy(t, p)
	require.Equal(t, http.StatusOK, post(t, proxy, event(t, "one")))
	require.Equal(t, "one", p.next(t))
	proxy.Behave(eventproxy.Always(eventproxy.Double))
	require.Equal(t, http.StatusOK, post(t, proxy, event(t, "two")))
	require.Equal(t, []string{"two", "two"}, []string{p.next(t), p.next(t)})
	proxy.Behave(eventproxy.Always(eventproxy.Drop))
	require.Equal(t, http.StatusOK, post(t, proxy, event(t, "lost")))
	proxy.Behave(eventproxy.Always(eventproxy.Pass))
	require.Equal(t, http.StatusOK, post(t, proxy, event(t, "three")))
	require.Equal(t, "three", p.next(t))
	require.Len(t, proxy.Seen(), 4)
	seen, err := proxy.WaitFor(t.Context(), func(e eventproxy.Event) bool { return e.ID == "lost" })
	require.NoError(t, err)
	require.Equal(t, "participant_left agent PA_1 r", strings.Join([]string{seen.Name, seen.Identity, seen.SID, seen.Room}, " "))
}

func TestDelayAndHold(t *testing.T) {
	t.Parallel()
	p := startProduct(t)
	proxy := startProxy(t, p)
	proxy.Behave(func(e eventproxy.Event) eventproxy.Fate {
		switch e.ID {
		case "slow":
			return eventproxy.Fate{Copies: 1, Delay: 200 * time.Millisecond}
		case "held":
			return eventproxy.Fate{Hold: true}
		default:
			return eventproxy.Pass
		}
	})
	for _, id := range []string{"held", "slow", "quick"} {
		require.Equal(t, http.StatusOK, post(t, proxy, event(t, id)))
	}
	require.Equal(t, []string{"quick", "slow"}, []string{p.next(t), p.next(t)})
	n, err := proxy.Release(t.Context(), func(eventproxy.Event) bool { return true })
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, "held", p.next(t))
}

func TestForgeries(t *testing.T) {
	t.Parallel()
	p := startProduct(t)
	proxy := startProxy(t, p)
	good := event(t, "good")
	wrongSecret, err := eventproxy.Forge(good.Body, key, secret+"x", time.Now())
	require.NoError(t, err)
	old, err := eventproxy.Forge(good.Body, key, secret, time.Now().Add(-24*time.Hour))
	require.NoError(t, err)
	for name, e := range map[string]eventproxy.Event{
		"wrong secret": wrongSecret, "a day old": old, "another body": good.Tampered([]byte(`{"id":"evil"}`)), "no signature": {Body: good.Body},
	} {
		status, err := proxy.Send(t.Context(), e)
		require.NoError(t, err, name)
		require.Equal(t, http.StatusUnauthorized, status, name)
	}
	require.Equal(t, http.StatusOK, post(t, proxy, good))
	require.Equal(t, "good", p.next(t))
}

func TestProductAway(t *testing.T) {
	t.Parallel()
	p := startProduct(t)
	proxy := startProxy(t, p)
	p.server.Close()
	require.Equal(t, http.StatusBadGateway, post(t, proxy, event(t, "one")), "LiveKit must hear that the product is away")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := proxy.WaitFor(ctx, func(e eventproxy.Event) bool { return e.ID == "two" })
	require.ErrorIs(t, err, context.Canceled)
}
