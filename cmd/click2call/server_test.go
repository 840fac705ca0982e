package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// serveOn serves with the product's own limits, made shorter by faster.
func serveOn(t *testing.T, faster func(*http.Server)) net.Conn {
	t.Helper()
	server := newServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			w.WriteHeader(http.StatusRequestTimeout)
		}
	}), time.Minute)
	faster(server)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = server.Serve(listener) }() // ends with Close, and says only that
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	conn, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(30*time.Second))) // only for a server that never lets go
	return conn
}

func send(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	_, err := io.WriteString(conn, text)
	require.NoError(t, err)
}

func TestServerHasLimits(t *testing.T) {
	t.Parallel()
	s := newServer(http.NotFoundHandler(), time.Minute)
	for name, limit := range map[string]time.Duration{"headers": s.ReadHeaderTimeout, "reading": s.ReadTimeout, "writing": s.WriteTimeout, "idle": s.IdleTimeout} {
		require.Positive(t, limit, name)
		require.LessOrEqual(t, limit, 2*time.Minute, name)
	}
	require.LessOrEqual(t, s.ReadHeaderTimeout, 10*time.Second)
}

func TestServerLetsGoOfSlowHeaders(t *testing.T) {
	t.Parallel()
	conn := serveOn(t, func(s *http.Server) { s.ReadHeaderTimeout = 50 * time.Millisecond })
	send(t, conn, "GET /healthz HTTP/1.1\r\nHost: c2c\r\nX-Slow: ")
	_, err := io.ReadAll(conn) // until the server hangs up
	require.NoError(t, err)
}

func TestServerLetsGoOfSlowBodies(t *testing.T) {
	t.Parallel()
	conn := serveOn(t, func(s *http.Server) { s.ReadTimeout = 50 * time.Millisecond })
	send(t, conn, "POST /api/c2c/click2call HTTP/1.1\r\nHost: c2c\r\nContent-Length: 100\r\n\r\n{")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusRequestTimeout, resp.StatusCode)
	require.True(t, resp.Close)
}

func TestServerRefusesHugeHeaders(t *testing.T) {
	t.Parallel()
	conn := serveOn(t, func(*http.Server) {})
	send(t, conn, "GET /healthz HTTP/1.1\r\nHost: c2c\r\nX-Huge: "+strings.Repeat("x", 40<<10)+"\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, resp.StatusCode)
}
