package api_test

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tmaxmax/go-sse"

	"github.com/click2call/click2call/api"
)

// ear is a listener's connection.
type ear struct {
	t    *testing.T
	next func() (sse.Event, error, bool)
}

// server serves the bench with the real clock.
func (b *bench) server(change func(*api.Deps)) *httptest.Server {
	b.t.Helper()
	d := b.deps()
	d.Now, d.Heartbeat = nil, 50*time.Millisecond
	if change != nil {
		change(&d)
	}
	s := httptest.NewServer(api.New(d))
	b.t.Cleanup(s.Close)
	return s
}

func (b *bench) listen(s *httptest.Server, headers ...string) *ear {
	b.t.Helper()
	return b.listenTo(s, "", headers...)
}

func (b *bench) listenTo(s *httptest.Server, query string, headers ...string) *ear {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute) // only for a server that says nothing
	b.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/api/c2c/listen"+query, nil)
	require.NoError(b.t, err)
	r.Header.Set("X-api-key", goodKey)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := s.Client().Do(r)
	require.NoError(b.t, err)
	b.t.Cleanup(func() { _ = resp.Body.Close() })
	require.Equal(b.t, http.StatusOK, resp.StatusCode)
	require.Equal(b.t, "text/event-stream", resp.Header.Get("Content-Type"))
	require.Equal(b.t, "no-store", resp.Header.Get("Cache-Control"))
	next, stop := iter.Pull2(iter.Seq2[sse.Event, error](sse.Read(resp.Body, nil)))
	b.t.Cleanup(stop)
	return &ear{b.t, next}
}

// hears returns the next event that says something.
func (e *ear) hears(name string) (data map[string]any, id string) {
	e.t.Helper()
	for {
		event, err, ok := e.next()
		require.True(e.t, ok, "the stream ended")
		require.NoError(e.t, err)
		if event.Type == "" {
			continue // a heartbeat with its place
		}
		require.Equal(e.t, name, event.Type, event.Data)
		require.NoError(e.t, json.Unmarshal([]byte(event.Data), &data))
		return data, event.LastEventID
	}
}

// ends waits until the server ends the stream.
func (e *ear) ends() {
	e.t.Helper()
	for {
		if _, err, ok := e.next(); !ok || err != nil {
			return
		}
	}
}

func TestListen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.server(nil)
	b.store.deliver(time.Now(), `{"from":"before"}`)
	one := b.listen(s)
	_, id := one.hears("listening")
	require.NotEmpty(t, id)

	exact := "{\"a\": 1,\n\"é\":\"\\u0000\"}"
	first := b.store.deliver(time.Now(), exact)
	data, id := one.hears("webhook")
	require.Equal(t, map[string]any{
		"event_id": first.EventID, "type": "call.ended", "endpoint_id": "ep_crm", "call_id": string(first.CallID),
		"created_at": first.CreatedAt.UTC().Format(time.RFC3339Nano), "body": data["body"],
	}, data)
	var body []byte
	require.NoError(t, json.Unmarshal([]byte(`"`+data["body"].(string)+`"`), &body))
	require.Equal(t, exact, string(body))

	// A second one goes on from there, and one that was lost for long is told what it missed.
	second := b.store.deliver(time.Now(), `{}`)
	data, _ = one.hears("webhook")
	require.Equal(t, second.EventID, data["event_id"])
	two := b.listen(s, "Last-Event-ID", id)
	ids := map[any]bool{}
	for range 3 { // what is within the overlap comes again
		data, _ = two.hears("webhook")
		ids[data["event_id"]] = true
	}
	require.Len(t, ids, 3)
	require.True(t, ids[second.EventID])
	two.hears("listening")
	three := b.listen(s, "Last-Event-ID", "1")
	data, _ = three.hears("missed")
	require.Equal(t, "1970-01-01T00:00:00.000001Z", data["since"])
}

// An outcome may go to several endpoints: who names none hears it once.
func TestListenToAnEndpoint(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.server(nil)
	usual, crm, other := b.listen(s), b.listenTo(s, "?endpoint_id=ep_crm"), b.listenTo(s, "?endpoint_id=ep_other")
	for _, e := range []*ear{usual, crm, other} {
		e.hears("listening")
	}
	for range 2 {
		d := b.store.deliver(time.Now(), `{}`)
		second := b.store.deliverTo("ep_other", d)
		for e, want := range map[*ear]string{usual: d.EventID, crm: d.EventID, other: second.EventID} {
			data, _ := e.hears("webhook")
			require.Equal(t, want, data["event_id"])
		}
	}
}

func TestListenOutlivesTheServersLimits(t *testing.T) {
	t.Parallel()
	const limit = 5 * time.Second // a machine under load must not reach it before the stream begins
	b := newBench(t)
	d := b.deps()
	d.Now, d.Heartbeat = nil, 100*time.Millisecond
	s := httptest.NewUnstartedServer(api.New(d))
	s.Config.ReadTimeout, s.Config.WriteTimeout = limit, limit
	s.Start()
	t.Cleanup(s.Close)
	e := b.listen(s)
	e.hears("listening")
	for began := time.Now(); time.Since(began) < limit+time.Second; { // its heartbeats
		_, err, ok := e.next()
		require.True(t, ok)
		require.NoError(t, err)
	}
	last := b.store.deliver(time.Now(), `{}`)
	data, _ := e.hears("webhook")
	require.Equal(t, last.EventID, data["event_id"])
}

func TestListenEnds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	closing := make(chan struct{})
	s := b.server(func(d *api.Deps) { d.Closing = closing })
	stopped := b.listen(s)
	stopped.hears("listening")
	close(closing)
	stopped.ends()

	s = b.server(nil)
	revoked := b.listen(s)
	revoked.hears("listening")
	b.store.revoke()
	data, _ := revoked.hears("dropped")
	require.Equal(t, "key_revoked", data["reason"])
	revoked.ends()
}

func TestListenRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.do(http.MethodGet, "/api/c2c/listen", "").isProblem(http.StatusUnauthorized, "unauthorized")
	b.do(http.MethodGet, "/api/c2c/listen", "", "X-api-key", "another").isProblem(http.StatusUnauthorized, "unauthorized")
	for _, id := range []string{"x", "-1", "1.5", "99999999999999999999"} {
		b.do(http.MethodGet, "/api/c2c/listen", "", "X-api-key", goodKey, "Last-Event-ID", id).isProblem(http.StatusBadRequest, "invalid_request").names("Last-Event-ID")
	}
	b.do(http.MethodGet, "/api/c2c/listen?endpoint_id=ep_none", "", "X-api-key", goodKey).isProblem(http.StatusNotFound, "not_found")
	s := b.server(nil)
	for range 10 {
		b.listen(s).hears("listening")
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/api/c2c/listen", nil)
	require.NoError(t, err)
	r.Header.Set("X-api-key", goodKey)
	resp, err := s.Client().Do(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
	require.NotEmpty(t, resp.Header.Get("Retry-After"))
}
