package api_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api"
)

// TestDraining: a server that is about to stop opens no calls, says so, and serves those that live.
func TestDraining(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var stopping atomic.Bool
	deps := b.deps()
	deps.Draining = stopping.Load
	b.handler = api.New(deps)
	b.do(http.MethodGet, "/readyz", "").ok()
	id := b.place(goodBody).ok().str("call_id")

	stopping.Store(true)
	a := b.do(http.MethodGet, "/readyz", "")
	require.Equal(t, http.StatusServiceUnavailable, a.status)
	require.Equal(t, "not_ready", a.str("status"))
	a = b.place(goodBody)
	require.Equal(t, http.StatusServiceUnavailable, a.status)
	require.Equal(t, "draining", a.problem.Code)
	require.NotEmpty(t, a.header.Get("Retry-After"))
	require.Len(t, b.workflows.opened(), 1)
	b.do(http.MethodPost, "/api/c2c/calls/"+id+"/connect", "").ok()
	b.do(http.MethodPost, "/api/c2c/calls/"+id+"/hangup", "").ok()
	b.do(http.MethodGet, "/healthz", "").ok()
}

// counted is an observer that keeps the latest request.
type counted struct {
	route  string
	status int
}

func (c *counted) HTTPRequest(route string, status int, _ time.Duration) {
	c.route, c.status = route, status
}

func TestRequestsAreCountedByRoute(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	seen := &counted{}
	deps := b.deps()
	deps.Observer = seen
	b.handler = api.New(deps)
	id := b.place(goodBody).ok().str("call_id")
	require.Equal(t, counted{"POST /api/c2c/click2call", 200}, *seen)
	b.do(http.MethodGet, "/api/c2c/calls/"+id, "").ok()
	require.Equal(t, counted{"GET /api/c2c/calls/{call_id}", 200}, *seen, "no label holds a call's id")
	b.do(http.MethodGet, "/api/c2c/calls/c2c_nonsense", "")
	require.Equal(t, counted{"GET /api/c2c/calls/{call_id}", 404}, *seen)
	b.do(http.MethodGet, "/etc/passwd", "")
	require.Equal(t, counted{"", 404}, *seen)
}
