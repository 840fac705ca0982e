package livekit_test

import (
	"context"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/livekit"
)

// TestPrivateAuthority has a LiveKit whose certificate no system knows. It changes what a whole process trusts, so nothing runs beside it.
func TestPrivateAuthority(t *testing.T) { //nolint:paralleltest // see above
	before := websocket.DefaultDialer
	t.Cleanup(func() { websocket.DefaultDialer = before })
	var requests atomic.Int64
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		http.Error(w, "not today", http.StatusServiceUnavailable)
	}))
	t.Cleanup(server.Close)
	server.Config.ErrorLog = nil
	credentials := func(context.Context) (livekit.Credentials, error) {
		return livekit.Credentials{URL: server.URL, APIKey: "key", APISecret: "a secret of more than thirty-two characters"}, nil
	}
	stranger := livekit.New(credentials)
	t.Cleanup(stranger.Close)
	require.ErrorContains(t, stranger.Ping(t.Context()), "certificate")
	require.Zero(t, requests.Load())

	pool, err := livekit.Authorities(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	require.NoError(t, err)
	friend := livekit.New(credentials, livekit.WithAuthorities(pool))
	t.Cleanup(friend.Close)
	require.NotContains(t, friend.Ping(t.Context()).Error(), "certificate")
	require.Positive(t, requests.Load())

	_, response, err := websocket.DefaultDialer.DialContext(t.Context(), "wss"+server.URL[len("https"):]+"/rtc", nil)
	require.Error(t, err)
	require.NotNil(t, response, "it was let in, and said no: %v", err)
	require.NoError(t, response.Body.Close())

	_, err = livekit.Authorities([]byte("no certificate"))
	require.Error(t, err)
}
