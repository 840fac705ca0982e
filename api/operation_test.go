package api_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.store.fail(errDown)
	b.workflows.fail(errTrouble)
	require.Equal(t, map[string]any{"status": "ok", "version": "1.2.3"}, b.do(http.MethodGet, "/healthz", "").ok().json())
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	for missing, breakIt := range map[string]func(*bench){
		"":         func(*bench) {},
		"store":    func(b *bench) { b.store.fail(errDown) },
		"temporal": func(b *bench) { b.workflows.fail(errTrouble) },
		"livekit":  func(b *bench) { b.livekit.down = errDown },
	} {
		t.Run(missing, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			breakIt(b)
			a := b.do(http.MethodGet, "/readyz", "")
			var ready struct {
				Status       string
				Dependencies map[string]string
			}
			require.NoError(t, json.Unmarshal(a.body, &ready))
			require.Len(t, ready.Dependencies, 3)
			for name, state := range ready.Dependencies {
				require.Equal(t, name != missing, state == "ok", "%s: %s", name, state)
			}
			require.NotContains(t, string(a.body), "10.1.2.3")
			if missing == "" {
				require.Equal(t, http.StatusOK, a.status)
				require.Equal(t, "ready", ready.Status)
			} else {
				require.Equal(t, http.StatusServiceUnavailable, a.status)
				require.Equal(t, "not_ready", ready.Status)
				require.Contains(t, b.log.String(), "10.1.2.3")
			}
		})
	}
}

// hanging answers no ping, whatever its context says.
type hanging struct {
	*fakeLiveKit
	released chan struct{}
}

func (h hanging) Ping(context.Context) error {
	<-h.released
	return nil
}

func TestReadinessDoesNotWait(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stuck := hanging{b.livekit, make(chan struct{})}
	defer close(stuck.released)
	deps := b.deps()
	deps.LiveKit = stuck
	b.handler = api.New(deps)
	a := b.do(http.MethodGet, "/readyz", "")
	require.Equal(t, http.StatusServiceUnavailable, a.status)
	require.Contains(t, string(a.body), "LiveKit does not answer")
}

// TestOverTheWire asks a real server, for what a recorder does not show.
func TestOverTheWire(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	server := httptest.NewServer(b.handler)
	defer server.Close()
	get := func(method, path string) (*http.Response, string) {
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
		require.NoError(t, err)
		response, err := server.Client().Do(r)
		require.NoError(t, err)
		defer func() { require.NoError(t, response.Body.Close()) }()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response, string(body)
	}
	contract, err := os.ReadFile("openapi.yaml")
	require.NoError(t, err)
	response, body := get(http.MethodGet, "/openapi.yaml")
	require.Equal(t, "application/yaml", response.Header.Get("Content-Type"))
	require.Equal(t, string(contract), body)

	published, err := os.ReadFile("schema/outcome.v1.json")
	require.NoError(t, err)
	response, body = get(http.MethodGet, "/schemas/outcome.v1.json")
	require.Equal(t, "application/schema+json", response.Header.Get("Content-Type"))
	require.Equal(t, "public, max-age=86400", response.Header.Get("Cache-Control"))
	require.Equal(t, string(published), body)
	again, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/schemas/outcome.v1.json", nil)
	require.NoError(t, err)
	again.Header.Set("If-None-Match", response.Header.Get("ETag"))
	unchanged, err := server.Client().Do(again)
	require.NoError(t, err)
	require.NoError(t, unchanged.Body.Close())
	require.Equal(t, http.StatusNotModified, unchanged.StatusCode)

	for _, path := range []string{"/openapi.yaml", "/schemas/outcome.v1.json", "/healthz", "/readyz"} {
		response, body = get(http.MethodHead, path)
		require.Equal(t, http.StatusOK, response.StatusCode, path)
		require.Empty(t, body, path)
	}
	response, body = get(http.MethodHead, "/no/such/path")
	require.Equal(t, http.StatusNotFound, response.StatusCode)
	require.Empty(t, body)
}

func TestPathsAndMethodsThatDoNotExist(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, path := range []string{"/", "/api", "/api/c2c", "/api/c2c/calls/", "/api/c2c//click2call", "/api/c2c/click2call/", "/api/c2c/calls/x/y", "/../etc/passwd", "/api/admin"} {
		b.do(http.MethodPost, path, "").isProblem(http.StatusNotFound, "not_found")
	}
	for path, allow := range map[string]string{"/api/c2c/click2call": "POST", "/api/c2c/calls": "GET", "/api/c2c/calls/x/hangup": "POST", "/healthz": "GET"} {
		a := b.do(http.MethodDelete, path, "").isProblem(http.StatusMethodNotAllowed, "method_not_allowed")
		require.Equal(t, allow, a.header.Get("Allow"))
	}
	b.do(http.MethodGet, "/api/c2c/click2call", "").isProblem(http.StatusMethodNotAllowed, "method_not_allowed")
}

func TestPanicIsAnInternalError(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	b.store.panicky = true
	a := b.do(http.MethodGet, "/api/c2c/calls/"+string(id), "").isProblem(http.StatusInternalServerError, "internal")
	require.NotContains(t, string(a.body), "a row that nobody")
	require.NotContains(t, string(a.body), "goroutine")
	require.Contains(t, b.log.String(), "a row that nobody thought of")
	require.Contains(t, b.log.String(), "calls.go")
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.Equal(t, "crm-7.a_B", b.do(http.MethodGet, "/healthz", "", "X-Request-Id", "crm-7.a_B").header.Get("X-Request-Id"))
	seen := map[string]bool{}
	for _, bad := range []string{"", "a b", "x\r\ny", strings.Repeat("x", 129), "ü"} {
		id := b.do(http.MethodGet, "/healthz", "", "X-Request-Id", bad).header.Get("X-Request-Id")
		require.NotEqual(t, bad, id)
		require.False(t, seen[id])
		seen[id] = true
	}
}

// TestAccessLog: one line a request, and nothing in it that must not be there.
func TestAccessLog(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	b.connect(id).ok()
	b.do(http.MethodGet, "/api/c2c/calls?case_id=secret-case", "", "X-api-key", goodKey).ok()
	lines := strings.Split(strings.TrimSpace(b.log.String()), "\n")
	require.Len(t, lines, 3)
	var line map[string]any
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &line))
	require.NotEmpty(t, line["request_id"])
	delete(line, "request_id")
	require.Equal(t, map[string]any{
		"level": "info", "route": "POST /api/c2c/calls/{call_id}/connect", "status": 200.0, "ms": 0.0, "call_id": string(id), "message": "request",
	}, line)
	require.Contains(t, lines[0], string(id), "the call that /click2call opened")
	for _, secret := range []string{number, goodKey, "token-1", "secret-case", "agent-42"} {
		require.NotContains(t, b.log.String(), secret)
	}
}
