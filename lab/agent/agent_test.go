package agent_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/agent"
)

// product answers as the product does, one call at a time, and keeps what it was asked.
type product struct {
	mu    sync.Mutex
	asked []string
	body  string
	key   string
}

func (p *product) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, r.Method+" "+r.URL.Path)
	p.body, p.key = string(body), r.Header.Get("X-api-key")
	switch r.URL.Path {
	case "/api/c2c/click2call":
		_ = json.NewEncoder(w).Encode(agent.Response{CallID: "c2c_x", Room: "c2c-x", WSURL: "ws://127.0.0.1:1", Token: "t"})
	case "/api/c2c/calls/c2c_x/connect":
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(w, `{"code":"agent_not_in_room","title":"…"}`)
	case "/api/c2c/calls/c2c_x/status":
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "a proxy's page")
	}
}

func (p *product) last() (asked, body, key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[len(p.asked)-1], p.body, p.key
}

func TestPlaceSendsWhatItWasGiven(t *testing.T) {
	t.Parallel()
	p := new(product)
	srv := httptest.NewServer(p)
	t.Cleanup(srv.Close)
	a := agent.New(srv.URL + "/")
	r, err := a.Place(t.Context(), "key-1", map[string]string{"case_id": "abc123"})
	require.NoError(t, err)
	require.Equal(t, "c2c_x", r.CallID)
	asked, body, key := p.last()
	require.Equal(t, "POST /api/c2c/click2call", asked)
	require.JSONEq(t, `{"case_id":"abc123"}`, body)
	require.Equal(t, "key-1", key)
	require.Equal(t, "placed", a.Events()[0].Name)
}

func TestJoinSaysWhenThereIsNoRoomAndDialsNobody(t *testing.T) {
	t.Parallel()
	p := new(product)
	srv := httptest.NewServer(p)
	t.Cleanup(srv.Close)
	a := agent.New(srv.URL)
	r, err := a.Place(t.Context(), "k", struct{}{})
	require.NoError(t, err)
	require.ErrorContains(t, a.Join(t.Context(), r), "join room of c2c_x")
	asked, _, _ := p.last()
	require.Equal(t, "POST /api/c2c/click2call", asked, "nobody may be dialed before the agent is in the room")
	require.ErrorIs(t, a.Mute(true), agent.ErrNotJoined)
	require.Equal(t, agent.Heard{}, a.Heard())
	a.Leave() // harmless
	a.Vanish()
}

func TestErrorsCarryTheAnswer(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(new(product))
	t.Cleanup(srv.Close)
	a := agent.New(srv.URL)
	a.Adopt(agent.Response{CallID: "c2c_x"})
	var status *agent.StatusError
	require.ErrorAs(t, a.Connect(t.Context()), &status)
	require.Equal(t, 409, status.Status)
	require.Equal(t, "agent_not_in_room", status.Code)
	require.ErrorAs(t, a.PostStatus(t.Context(), "ANSWERED"), &status)
	require.Equal(t, 502, status.Status)
	require.Equal(t, "a proxy's page", status.Body)
	require.NoError(t, a.PostHangUp(t.Context()))
	require.Len(t, a.Events(), 1)
}

func TestAwait(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(new(product))
	t.Cleanup(srv.Close)
	a := agent.New(srv.URL)
	a.Adopt(agent.Response{CallID: "c2c_x"})
	found := make(chan error, 1)
	go func() {
		_, err := a.Await(t.Context(), "hangup")
		found <- err
	}()
	require.NoError(t, a.PostHangUp(t.Context()))
	require.NoError(t, <-found)

	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := a.Await(ctx, "customer_active")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "hangup", "the error says what did happen")
}
