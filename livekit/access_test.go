package livekit_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
	lk "github.com/livekit/protocol/livekit"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

func TestAgentTokenAllowsATalkAndNothingElse(t *testing.T) {
	t.Parallel()
	id := call.NewID()
	wsURL, token, err := clientOf(livekit.Credentials{URL: "https://lk.example.com/", APIKey: apiKey, APISecret: apiSecret}).AgentToken(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, "wss://lk.example.com", wsURL)

	v, err := auth.ParseAPIToken(token)
	require.NoError(t, err)
	registered, claims, err := v.Verify(apiSecret)
	require.NoError(t, err)
	require.Equal(t, apiKey, v.APIKey())
	require.Equal(t, call.AgentIdentity, claims.Identity)
	require.WithinDuration(t, time.Now().Add(10*time.Minute), registered.ExpiresAt.Time, 5*time.Second)

	yes, no := true, false
	require.Equal(t, &auth.VideoGrant{
		RoomJoin: true, Room: id.Room(), CanPublish: &yes, CanSubscribe: &yes, CanPublishData: &no,
		CanPublishSources: []string{"microphone"}, CanUpdateOwnMetadata: &no,
	}, claims.Video)
	require.Nil(t, claims.SIP)
	require.Nil(t, claims.RoomConfig)
}

func TestAgentTokenURL(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"ws://127.0.0.1:7880":       "ws://127.0.0.1:7880",
		"http://127.0.0.1:7880":     "ws://127.0.0.1:7880",
		"wss://x.livekit.cloud/":    "wss://x.livekit.cloud",
		" https://ws.example.com ":  "wss://ws.example.com",
		"https://http.example.com":  "wss://http.example.com",
		"https://example.com/lk/":   "wss://example.com/lk",
		"ftp://example.com":         "",
		"example.com":               "",
		"":                          "",
		"wss://user:pw@example.com": "",
	} {
		got, _, err := clientOf(livekit.Credentials{URL: given, APIKey: apiKey, APISecret: apiSecret}).AgentToken(t.Context(), call.NewID())
		require.Equal(t, want, got, given)
		require.Equal(t, want == "", err != nil, given)
	}
	_, _, err := clientOf(livekit.Credentials{URL: "ws://h"}).AgentToken(t.Context(), call.NewID())
	require.ErrorIs(t, err, livekit.ErrUnauthorized)
}

func TestCheckCredentials(t *testing.T) {
	t.Parallel()
	rooms, trunks := ok(&lk.ListRoomsResponse{}), ok(&lk.ListSIPOutboundTrunkResponse{})
	tests := []struct {
		name         string
		key, secret  string
		rooms, trunk http.HandlerFunc
		want         error
	}{
		{"right", apiKey, apiSecret, rooms, trunks, nil},
		{"it creates rooms by itself", apiKey, apiSecret, rooms, trunks, livekit.ErrAutoCreates},
		{"wrong key", "nokey", apiSecret, rooms, trunks, livekit.ErrWrongKey},
		{"wrong secret", apiKey, "guess", rooms, trunks, livekit.ErrWrongSecret},
		{"no key", "", apiSecret, rooms, trunks, livekit.ErrWrongKey},
		{"no secret", apiKey, "", rooms, trunks, livekit.ErrWrongSecret},
		{"no Redis", apiKey, apiSecret, rooms, jsonError(500, `{"code":"internal","msg":"sip not connected (redis required)"}`), livekit.ErrNoSIP},
		{"clocks apart", apiKey, apiSecret, func(w http.ResponseWriter, _ *http.Request) {
			plain(w, "invalid token: eyJ, error: go-jose/go-jose/jwt: validation failed, token not valid yet (nbf)")
		}, trunks, livekit.ErrClock},
		{"another web server", apiKey, apiSecret, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, trunks, livekit.ErrUnreachable},
		{"a login page", apiKey, apiSecret, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(302) }, trunks, livekit.ErrUnreachable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t).on("ListRooms", tt.rooms).on("ListSIPOutboundTrunk", tt.trunk).on("validate", func(w http.ResponseWriter, _ *http.Request) {
				if tt.want == livekit.ErrAutoCreates { //nolint:errorlint // a row of the table
					_, _ = w.Write([]byte("success"))
					return
				}
				w.WriteHeader(http.StatusNotFound)
			})
			// The client's own credentials play no part in the check.
			c := clientOf(livekit.Credentials{})
			err := c.CheckCredentials(t.Context(), livekit.Credentials{URL: f.wsURL(), APIKey: tt.key, APISecret: tt.secret})
			if tt.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, tt.want)
			require.NotContains(t, err.Error(), "eyJ")
		})
	}
	for _, url := range []string{"ws://127.0.0.1:1", "ftp://example.com", "nonsense"} {
		err := clientOf(livekit.Credentials{}).CheckCredentials(t.Context(), livekit.Credentials{URL: url, APIKey: apiKey, APISecret: apiSecret})
		require.ErrorIs(t, err, livekit.ErrUnreachable, url)
	}
}

func TestTrunksKeepsPasswordsIn(t *testing.T) {
	t.Parallel()
	f := newFake(t).on("ListSIPOutboundTrunk", ok(&lk.ListSIPOutboundTrunkResponse{Items: []*lk.SIPOutboundTrunkInfo{{
		SipTrunkId: "ST_1", Name: "main", Address: "sip.example.com", Numbers: []string{did}, Transport: lk.SIPTransport_SIP_TRANSPORT_TLS,
		AuthUsername: "user", AuthPassword: "pass",
	}}}))
	got, err := f.client().Trunks(t.Context())
	require.NoError(t, err)
	require.Equal(t, []livekit.TrunkInfo{{ID: "ST_1", Name: "main", Address: "sip.example.com", Transport: "tls", Numbers: []string{did}, HasAuth: true}}, got)
	require.True(t, f.requests("ListSIPOutboundTrunk")[0].grants.SIP.Admin)
}

func TestTrunksReadsAllPagesAndStops(t *testing.T) {
	t.Parallel()
	page := func(n int) *lk.ListSIPOutboundTrunkResponse {
		out := &lk.ListSIPOutboundTrunkResponse{}
		for i := range n {
			out.Items = append(out.Items, &lk.SIPOutboundTrunkInfo{SipTrunkId: "ST_" + strings.Repeat("x", i)})
		}
		return out
	}
	t.Run("two pages", func(t *testing.T) {
		t.Parallel()
		f := newFake(t)
		f.on("ListSIPOutboundTrunk", func(w http.ResponseWriter, r *http.Request) {
			n := 100
			if len(f.requests("ListSIPOutboundTrunk")) == 2 {
				n = 7
			}
			ok(page(n))(w, r)
		})
		got, err := f.client().Trunks(t.Context())
		require.NoError(t, err)
		require.Len(t, got, 107)
		second := decode(t, f.requests("ListSIPOutboundTrunk")[1].body, new(lk.ListSIPOutboundTrunkRequest))
		require.Equal(t, got[99].ID, second.Page.AfterId)
	})
	t.Run("a server without paging", func(t *testing.T) {
		t.Parallel()
		f := newFake(t).on("ListSIPOutboundTrunk", ok(page(100)))
		got, err := f.client().Trunks(t.Context())
		require.NoError(t, err)
		require.Len(t, got, 100)
		require.Len(t, f.requests("ListSIPOutboundTrunk"), 2)
	})
}
