package servers

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestFrontSparesTheDead: connections go round both servers, and to the other one when one is dead.
func TestFrontSparesTheDead(t *testing.T) {
	t.Parallel()
	ports, release, err := FreePorts()
	require.NoError(t, err)
	t.Cleanup(release)
	var servers []*httptest.Server
	var backends []int
	for _, name := range []string{"a", "b"} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, name) }))
		t.Cleanup(s.Close)
		port, err := strconv.Atoi(s.URL[strings.LastIndex(s.URL, ":")+1:])
		require.NoError(t, err)
		servers, backends = append(servers, s), append(backends, port)
	}
	f := newFront(ports.LiveKitFront, backends...)
	require.NoError(t, f.start(t.Context()))
	t.Cleanup(f.close)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	ask := func() string {
		resp, err := client.Get("http://127.0.0.1:" + strconv.Itoa(ports.LiveKitFront))
		if err != nil {
			return err.Error()
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return string(text)
	}
	seen := map[string]bool{}
	for range 4 {
		seen[ask()] = true
	}
	require.Equal(t, map[string]bool{"a": true, "b": true}, seen)
	servers[0].Close()
	require.Eventually(t, func() bool { return !f.backends[0].isWell() }, 5*time.Second, 10*time.Millisecond)
	for range 4 {
		require.Equal(t, "b", ask())
	}
}
