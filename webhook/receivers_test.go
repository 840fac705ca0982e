package webhook_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/webhook"
)

func TestHang(t *testing.T) {
	t.Parallel()
	url, _ := receiver(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	sender := newSender()
	sender.SetTotal(200 * time.Millisecond)
	res := sender.Send(t.Context(), request(url))
	require.Equal(t, webhook.ClassTimeout, res.Class, res.Error)
	require.Zero(t, res.Status)
	require.Less(t, res.Total, 5*time.Second)
}

func TestDrip(t *testing.T) {
	t.Parallel()
	url, _ := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		for flusher := http.NewResponseController(w); r.Context().Err() == nil; {
			if _, err := w.Write([]byte(".")); err != nil || flusher.Flush() != nil {
				return
			}
			select {
			case <-r.Context().Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	sender := newSender()
	sender.SetTotal(300 * time.Millisecond)
	res := sender.Send(t.Context(), request(url))
	require.Equal(t, webhook.ClassTimeout, res.Class, res.Error)
	require.Equal(t, http.StatusOK, res.Status)
	require.True(t, res.Truncated)
	require.NotEmpty(t, res.ResponseBody)
}

func TestHugeBody(t *testing.T) {
	t.Parallel()
	const size = 100 << 20
	var sent atomic.Int64
	url, _ := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
		chunk := make([]byte, 64<<10)
		for sent.Load() < size {
			n, err := w.Write(chunk)
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	})
	res := newSender().Send(t.Context(), request(url))
	require.Empty(t, res.Class, res.Error)
	require.True(t, res.Truncated)
	require.Len(t, res.ResponseBody, webhook.MaxResponse)
	require.Less(t, sent.Load(), int64(size), "the rest was not read")
}

func TestClosedInMidResponse(t *testing.T) {
	t.Parallel()
	url, _ := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(`{"rec`))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	res := newSender().Send(t.Context(), request(url))
	require.Equal(t, webhook.ClassClosed, res.Class, res.Error)
	require.Equal(t, http.StatusOK, res.Status)
	require.Equal(t, `{"rec`, string(res.ResponseBody))
	require.True(t, res.Truncated)
}

func TestClosedBeforeResponse(t *testing.T) {
	t.Parallel()
	url, _ := receiver(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	res := newSender().Send(t.Context(), request(url))
	require.Equal(t, webhook.ClassClosed, res.Class, res.Error)
	require.Zero(t, res.Status)
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, ln.Close())
	res := newSender().Send(t.Context(), request("http://"+ln.Addr().String()))
	require.Equal(t, webhook.ClassConnect, res.Class, res.Error)
	require.Equal(t, ln.Addr().String(), res.RemoteAddr)
}

// TestStaleConnection has a receiver that closes kept connections just when the next webhook comes, as every server does
// sooner or later: that must not count as a failing endpoint.
func TestStaleConnection(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = ln.Close() })
	var posts atomic.Int64
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close() //nolint:errcheck // the test is about the client
				for first, r := true, bufio.NewReader(conn); ; first = false {
					req, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, req.Body)
					posts.Add(1)
					if !first {
						return
					}
					_, _ = conn.Write([]byte("HTTP/1.1 204 No Content\r\n\r\n"))
				}
			}()
		}
	}()
	sender, url := newSender(), "http://"+ln.Addr().String()
	for range 2 {
		res := sender.Send(t.Context(), request(url))
		require.Empty(t, res.Class, res.Error)
	}
	require.Equal(t, int64(3), posts.Load())
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*webhook.Request){
		"no URL":           func(r *webhook.Request) { r.URL = "" },
		"not http":         func(r *webhook.Request) { r.URL = "ftp://127.0.0.1/hunter2" },
		"a bad secret":     func(r *webhook.Request) { r.Secrets = []string{"whsec_hunter2!"} },
		"no secret":        func(r *webhook.Request) { r.Secrets = nil },
		"a bad CA":         func(r *webhook.Request) { r.TLS.CA = "hunter2" },
		"a lonely key":     func(r *webhook.Request) { r.TLS.ClientKey = "hunter2" },
		"half a key pair":  func(r *webhook.Request) { r.TLS.ClientCert, r.TLS.ClientKey = "hunter2", "hunter2" },
		"a URL with NULs":  func(r *webhook.Request) { r.URL = "http://127.0.0.1/\x00hunter2" },
		"a URL of nothing": func(r *webhook.Request) { r.URL = "https://" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := request("http://127.0.0.1:1/")
			spoil(&r)
			res := newSender().Send(t.Context(), r)
			require.Equal(t, webhook.ClassConfiguration, res.Class)
			require.NotEmpty(t, res.Error)
			require.NotContains(t, res.Error, "hunter2")
		})
	}
}
