package livekit_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/livekit/protocol/auth"
	lk "github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/utils/protojson"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

func signedFor(t *testing.T, key, secret, body string, valid time.Duration) string {
	t.Helper()
	sum := sha256.Sum256([]byte(body))
	token, err := auth.NewAccessToken(key, secret).
		SetValidFor(valid).SetSha256(base64.StdEncoding.EncodeToString(sum[:])).ToJWT()
	require.NoError(t, err)
	return token
}

func post(body, authorization string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/webhooks/livekit", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/webhook+json")
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	return r
}

func ourClient() *livekit.Client {
	return clientOf(livekit.Credentials{URL: "ws://127.0.0.1:1", APIKey: apiKey, APISecret: apiSecret})
}

func eventJSON(t *testing.T, e *lk.WebhookEvent) string {
	t.Helper()
	b, err := protojson.Marshal(e)
	require.NoError(t, err)
	return string(b)
}

func TestReceiveEventRefusesForgeries(t *testing.T) {
	t.Parallel()
	body := `{"event":"participant_left","id":"EV_1","room":{"name":"` + call.NewID().Room() + `"}}`
	c := ourClient()
	_, agentToken, err := c.AgentToken(t.Context(), call.NewID())
	require.NoError(t, err)
	good := signedFor(t, apiKey, apiSecret, body, time.Minute)
	tests := map[string]*http.Request{
		"unsigned":            post(body, ""),
		"not a token":         post(body, "Bearer nonsense"),
		"another key":         post(body, signedFor(t, "otherkey", apiSecret, body, time.Minute)),
		"another secret":      post(body, signedFor(t, apiKey, "guess", body, time.Minute)),
		"another body":        post(body+" ", good),
		"an agent's token":    post(body, agentToken),
		"unsigned algorithm":  post(body, base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))+"."+strings.Split(good, ".")[1]+"."),
		"expired":             post(body, expired(t, body)),
		"signature cut short": post(body, good[:len(good)-4]),
	}
	for name, r := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := c.ReceiveEvent(r)
			require.ErrorIs(t, err, livekit.ErrForged)
			require.NotContains(t, err.Error(), "eyJ")
		})
	}
	t.Run("nobody can sign for empty credentials", func(t *testing.T) {
		t.Parallel()
		_, err := clientOf(livekit.Credentials{URL: "ws://h"}).ReceiveEvent(post(body, good))
		require.ErrorIs(t, err, livekit.ErrForged)
	})
	t.Run("the same again is as good", func(t *testing.T) {
		t.Parallel()
		for range 2 {
			e, err := c.ReceiveEvent(post(body, good))
			require.NoError(t, err)
			require.Equal(t, "EV_1", e.ID)
		}
	})
}

// expired signs an event that went out seven minutes ago: LiveKit signs for five, and the verifier forgives one more.
func expired(t *testing.T, body string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(body))
	sent := time.Now().Add(-7 * time.Minute)
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": apiKey, "nbf": sent.Unix(), "exp": sent.Add(5 * time.Minute).Unix(),
		"sha256": base64.StdEncoding.EncodeToString(sum[:]),
	}).SignedString([]byte(apiSecret))
	require.NoError(t, err)
	return token
}

func TestReceiveEventTellsALongBodyFromAForgery(t *testing.T) {
	t.Parallel()
	r := post(strings.Repeat("x", 2000), "x")
	r.Body = http.MaxBytesReader(httptest.NewRecorder(), r.Body, 1000)
	_, err := ourClient().ReceiveEvent(r)
	var tooLong *http.MaxBytesError
	require.ErrorAs(t, err, &tooLong)
	require.NotErrorIs(t, err, livekit.ErrForged)
}

func TestReceiveEventReads(t *testing.T) {
	t.Parallel()
	id := call.NewID()
	customer := func(reason lk.DisconnectReason, status string) *lk.ParticipantInfo {
		p := participant(id.CustomerIdentity(), "PA_2", lk.ParticipantInfo_DISCONNECTED, status)
		p.DisconnectReason = reason
		return p
	}
	tests := []struct {
		name  string
		event string
		room  string
		p     *lk.ParticipantInfo
		ours  bool
		want  *call.RoomEvent
	}{
		{"the customer hangs up", "participant_left", id.Room(), customer(lk.DisconnectReason_CLIENT_INITIATED, "hangup"), true,
			&call.RoomEvent{Participant: call.ParticipantCustomer, SID: "PA_2", Reason: call.LeaveOrdinary, Status: call.LegHangup}},
		{"the customer declines", "participant_left", id.Room(), customer(lk.DisconnectReason_USER_REJECTED, "ringing"), true,
			&call.RoomEvent{Participant: call.ParticipantCustomer, SID: "PA_2", Reason: call.LeaveRejected, Status: call.LegRinging}},
		{"the agent is lost", "participant_connection_aborted", id.Room(),
			&lk.ParticipantInfo{Identity: "agent", Sid: "PA_1", DisconnectReason: lk.DisconnectReason_CONNECTION_TIMEOUT}, true,
			&call.RoomEvent{Participant: call.ParticipantAgent, SID: "PA_1", Reason: call.LeaveLost}},
		{"no reason", "participant_left", id.Room(), customer(lk.DisconnectReason_UNKNOWN_REASON, "active"), true,
			&call.RoomEvent{Participant: call.ParticipantCustomer, SID: "PA_2", Reason: call.LeaveUnknown, Status: call.LegActive}},
		{"we deleted the room", "participant_left", id.Room(), customer(lk.DisconnectReason_ROOM_DELETED, "active"), true, nil},
		{"somebody else leaves", "participant_left", id.Room(), &lk.ParticipantInfo{Identity: "agent2"}, true, nil},
		{"whom nobody saw leaves", "participant_left", id.Room(), &lk.ParticipantInfo{Identity: "c2c-keys-ABC", DisconnectReason: lk.DisconnectReason_CLIENT_INITIATED}, true, nil},
		{"the customer of another call", "participant_left", id.Room(), &lk.ParticipantInfo{Identity: call.NewID().CustomerIdentity()}, true, nil},
		{"somebody joins", "participant_joined", id.Room(), customer(0, "dialing"), true, nil},
		{"the room ends", "room_finished", id.Room(), nil, true, nil},
		{"a track", "track_published", id.Room(), customer(0, ""), true, nil},
		{"a room of another program", "participant_left", "lobby", customer(0, "hangup"), false, nil},
		{"no room", "egress_ended", "", nil, false, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := &lk.WebhookEvent{Event: tt.event, Id: "EV_9", CreatedAt: time.Now().Unix(), Participant: tt.p}
			if tt.room != "" {
				e.Room = &lk.Room{Name: tt.room}
			}
			body := eventJSON(t, e)
			got, err := ourClient().ReceiveEvent(post(body, signedFor(t, apiKey, apiSecret, body, time.Minute)))
			require.NoError(t, err)
			require.Equal(t, "EV_9", got.ID)
			require.Equal(t, tt.event, got.Name)
			require.Equal(t, tt.ours, got.CallID == id)
			if tt.want == nil {
				require.Nil(t, got.Room)
				return
			}
			require.WithinDuration(t, time.Now(), got.Room.At, 2*time.Second)
			tt.want.At, tt.want.Source, tt.want.EventID = got.Room.At, call.SourceWebhook, "EV_9"
			require.Equal(t, tt.want, got.Room)
		})
	}
}

func TestReceiveEventReadsWhatIsNewInLiveKit(t *testing.T) {
	t.Parallel()
	id := call.NewID()
	body := `{"event":"participant_left","id":"EV_1","createdAt":"1771351907","newField":{"a":1},"room":{"name":"` + id.Room() + `"},
		"participant":{"sid":"PA_1","identity":"` + id.CustomerIdentity() + `","attributes":{"sip.callStatus":"active"}}}`
	e, err := ourClient().ReceiveEvent(post(body, signedFor(t, apiKey, apiSecret, body, time.Minute)))
	require.NoError(t, err)
	require.Equal(t, call.LegActive, e.Room.Status)
	require.Equal(t, time.Unix(1771351907, 5e8).UTC(), e.Room.At, "an old event happened when LiveKit says")
}

func TestReceiveEventSaysWhenASignedBodyIsNoEvent(t *testing.T) {
	t.Parallel()
	body := `[1,2`
	_, err := ourClient().ReceiveEvent(post(body, signedFor(t, apiKey, apiSecret, body, time.Minute)))
	require.ErrorContains(t, err, "parse LiveKit event")
	require.NotErrorIs(t, err, livekit.ErrForged)
}
