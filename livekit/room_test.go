package livekit_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	lk "github.com/livekit/protocol/livekit"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

const (
	noResponse = `{"code":"unavailable","msg":"twirp error unknown: no response from servers"}`
	noSuchRoom = `{"code":"not_found","msg":"twirp error unknown: requested room does not exist"}`
)

func TestOpenRoomKeepsTheRoomLongerThanWeNeedIt(t *testing.T) {
	t.Parallel()
	f := newFake(t).on("CreateRoom", ok(&lk.Room{}))
	id, knobs := call.NewID(), call.DefaultKnobs()
	require.NoError(t, f.client().OpenRoom(t.Context(), id, knobs))

	sent := f.requests("CreateRoom")
	require.Len(t, sent, 1)
	req := decode(t, sent[0].body, new(lk.CreateRoomRequest))
	require.Equal(t, id.Room(), req.Name)
	require.Greater(t, time.Duration(req.EmptyTimeout)*time.Second, knobs.ConnectTimeout)
	require.Greater(t, time.Duration(req.DepartureTimeout)*time.Second, knobs.AgentRejoinGrace)
	require.Greater(t, time.Duration(req.DepartureTimeout)*time.Second, knobs.ConnectTimeout, "who left may come back for /connect")
	require.JSONEq(t, `{"call_id":"`+string(id)+`"}`, req.Metadata)
	require.True(t, sent[0].grants.Video.RoomCreate)
	require.False(t, sent[0].grants.Video.RoomAdmin)
	require.NotEmpty(t, sent[0].header.Get("X-Twirp-Timeout-Ms"), "a deadline must be set when the context has none")
}

func TestCloseRoom(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		reply http.HandlerFunc
		want  error
	}{
		{"deletes", ok(&lk.DeleteRoomResponse{}), nil},
		{"is content when the room is gone", jsonError(404, noSuchRoom), nil},
		{"says when LiveKit is down", jsonError(503, noResponse), livekit.ErrUnavailable},
		{"says when a proxy is down", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) }, livekit.ErrUnavailable},
		{"says when it may not", jsonError(401, `{"code":"unauthenticated","msg":"permissions denied"}`), livekit.ErrUnauthorized},
		{"says when the request is bad", jsonError(400, `{"code":"invalid_argument","msg":"no room name"}`), livekit.ErrRefused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t).on("DeleteRoom", tt.reply).on("CreateRoom", jsonError(503, noResponse))
			id := call.NewID()
			err := f.client().CloseRoom(t.Context(), id)
			require.ErrorIs(t, err, tt.want)
			require.Equal(t, id.Room(), decode(t, f.requests("DeleteRoom")[0].body, new(lk.DeleteRoomRequest)).Room)
		})
	}
}

// TestCloseRoomWhoseServerDied: LiveKit knows the room and its server is gone, as after a kill, or gone and still on its list, as
// when it came back within 5 s.
func TestCloseRoomWhoseServerDied(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]http.HandlerFunc{
		"off the list": jsonError(500, `{"code":"unknown","msg":"could not find object"}`), "still on it": jsonError(503, noResponse),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hosted := false
			f := newFake(t)
			f.on("CreateRoom", func(w http.ResponseWriter, r *http.Request) {
				hosted = true
				ok(&lk.Room{})(w, r)
			}).on("DeleteRoom", func(w http.ResponseWriter, r *http.Request) {
				if !hosted {
					refused(w, r)
					return
				}
				ok(&lk.DeleteRoomResponse{})(w, r)
			})
			require.NoError(t, f.client().CloseRoom(t.Context(), call.NewID()))
			require.Len(t, f.requests("DeleteRoom"), 2)
		})
	}
}

// TestCloseForgottenRoom: the customer's leg joined while the room was being deleted.
func TestCloseForgottenRoom(t *testing.T) {
	t.Parallel()
	known := false
	f := newFake(t)
	f.on("ListParticipants", ok(&lk.ListParticipantsResponse{Participants: []*lk.ParticipantInfo{{Identity: "sip-1"}}}))
	f.on("CreateRoom", func(w http.ResponseWriter, r *http.Request) {
		known = true
		ok(&lk.Room{})(w, r)
	}).on("DeleteRoom", func(w http.ResponseWriter, r *http.Request) {
		if !known {
			jsonError(404, noSuchRoom)(w, r)
			return
		}
		ok(&lk.DeleteRoomResponse{})(w, r)
	})
	require.NoError(t, f.client().CloseRoom(t.Context(), call.NewID()))
	require.Len(t, f.requests("DeleteRoom"), 2)
}

func TestCallRooms(t *testing.T) {
	t.Parallel()
	id := call.NewID()
	f := newFake(t).on("ListRooms", ok(&lk.ListRoomsResponse{Rooms: []*lk.Room{{Name: "somebody-else's"}, {Name: id.Room()}, {Name: "c2c-"}}}))
	ids, err := f.client().CallRooms(t.Context())
	require.NoError(t, err)
	require.Equal(t, []call.ID{id}, ids)

	_, err = newFake(t).on("ListRooms", jsonError(503, noResponse)).client().CallRooms(t.Context())
	require.ErrorIs(t, err, livekit.ErrUnavailable)
}

func TestLook(t *testing.T) {
	t.Parallel()
	const (
		joining = lk.ParticipantInfo_JOINING
		active  = lk.ParticipantInfo_ACTIVE
		left    = lk.ParticipantInfo_DISCONNECTED
	)
	id := call.NewID()
	customer := id.CustomerIdentity()
	list := func(ps ...*lk.ParticipantInfo) http.HandlerFunc {
		return ok(&lk.ListParticipantsResponse{Participants: ps})
	}
	exists, missing := ok(&lk.ListRoomsResponse{Rooms: []*lk.Room{{Name: id.Room()}}}), ok(&lk.ListRoomsResponse{})
	tests := []struct {
		name         string
		participants http.HandlerFunc
		rooms        http.HandlerFunc // nil: must not be asked
		want         livekit.Room
	}{
		{"agent alone", list(participant("agent", "PA_1", active, "")), nil,
			livekit.Room{Exists: true, Agent: true, AgentSID: "PA_1", Leg: call.LegGone}},
		{"agent not through yet", list(participant("agent", "PA_1", joining, "")), nil, livekit.Room{Exists: true, Leg: call.LegGone}},
		{"agent on the way out", list(participant("agent", "PA_1", left, "")), nil, livekit.Room{Exists: true, Leg: call.LegGone}},
		{"somebody else", list(participant("agent2", "PA_1", active, "")), nil, livekit.Room{Exists: true, Leg: call.LegGone}},
		{"those whom nobody sees", list(participant("c2c-keys-ABC", "PA_3", active, ""), participant("agent", "PA_1", active, "")), nil,
			livekit.Room{Exists: true, Agent: true, AgentSID: "PA_1", Leg: call.LegGone}},
		{"dialing", list(participant(customer, "PA_2", active, "dialing")), nil,
			livekit.Room{Exists: true, Leg: call.LegDialing, LegSID: "PA_2"}},
		{"joined, no status yet", list(participant(customer, "PA_2", joining, "")), nil,
			livekit.Room{Exists: true, Leg: call.LegDialing, LegSID: "PA_2"}},
		{"ringing", list(participant(customer, "PA_2", active, "ringing")), nil,
			livekit.Room{Exists: true, Leg: call.LegRinging, LegSID: "PA_2"}},
		{"both talk", list(participant("agent", "PA_1", active, ""), participant(customer, "PA_2", active, "active")), nil,
			livekit.Room{Exists: true, Agent: true, AgentSID: "PA_1", Leg: call.LegActive, LegSID: "PA_2"}},
		{"hung up, still listed", list(participant(customer, "PA_2", left, "hangup")), nil,
			livekit.Room{Exists: true, Leg: call.LegHangup, LegSID: "PA_2"}},
		{"left while active", list(participant(customer, "PA_2", left, "active")), nil,
			livekit.Room{Exists: true, Leg: call.LegGone, LegSID: "PA_2"}},
		{"a status of the future", list(participant(customer, "PA_2", active, "on_hold")), nil,
			livekit.Room{Exists: true, Leg: call.LegUnknown, LegSID: "PA_2"}},
		{"empty room", list(), exists, livekit.Room{Exists: true, Leg: call.LegGone}},
		{"no room, read from the store", list(), missing, livekit.Room{Leg: call.LegNoRoom}},
		{"no room, asked of its node", jsonError(503, noResponse), missing, livekit.Room{Leg: call.LegNoRoom}},
		{"no room, said plainly", jsonError(404, noSuchRoom), missing, livekit.Room{Leg: call.LegNoRoom}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t).on("ListParticipants", tt.participants)
			if tt.rooms != nil {
				f.on("ListRooms", tt.rooms)
			}
			got, err := f.client().Look(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
			require.Equal(t, id.Room(), f.requests("ListParticipants")[0].grants.Video.Room)
			if tt.rooms == nil {
				require.Empty(t, f.requests("ListRooms"))
			}
		})
	}
}

func TestLookDoesNotWaitForAnAnswerAboutNoRoom(t *testing.T) {
	t.Parallel()
	f := newFake(t).on("ListRooms", ok(&lk.ListRoomsResponse{})).
		on("ListParticipants", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	got, err := f.client().Look(t.Context(), call.NewID())
	require.NoError(t, err)
	require.Equal(t, livekit.Room{Leg: call.LegNoRoom}, got)
	require.Len(t, f.requests("ListRooms"), 1)
}

func TestLookWaitsForASlowRoom(t *testing.T) {
	t.Parallel()
	id := call.NewID()
	asked := make(chan struct{})
	f := newFake(t)
	f.on("ListRooms", func(w http.ResponseWriter, r *http.Request) {
		ok(&lk.ListRoomsResponse{Rooms: []*lk.Room{{Name: id.Room()}}})(w, r)
		close(asked)
	}).on("ListParticipants", func(w http.ResponseWriter, r *http.Request) {
		<-asked
		ok(&lk.ListParticipantsResponse{Participants: []*lk.ParticipantInfo{
			participant("agent", "PA_1", lk.ParticipantInfo_ACTIVE, "")}})(w, r)
	})
	got, err := f.client().Look(t.Context(), id)
	require.NoError(t, err)
	require.True(t, got.Agent)
}

func TestLookDoesNotTakeTroubleForAbsence(t *testing.T) {
	t.Parallel()
	id := call.NewID()
	rooms := ok(&lk.ListRoomsResponse{Rooms: []*lk.Room{{Name: id.Room()}}})
	tests := map[string]*fakeLiveKit{
		"the room's node does not answer": newFake(t).on("ListParticipants", jsonError(503, noResponse)).on("ListRooms", rooms),
		"the store is down":               newFake(t).on("ListParticipants", jsonError(500, `{"code":"internal","msg":"redis"}`)),
		"the list of rooms fails":         newFake(t).on("ListParticipants", ok(&lk.ListParticipantsResponse{})).on("ListRooms", jsonError(503, noResponse)),
	}
	for name, f := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := f.client().Look(t.Context(), id)
			require.ErrorIs(t, err, livekit.ErrUnavailable)
			require.Equal(t, name == "the room's node does not answer", errors.Is(err, livekit.ErrUnhosted))
			require.Equal(t, livekit.Room{}, got)
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		f := newFake(t)
		f.Close()
		_, err := f.client().Look(t.Context(), id)
		require.ErrorIs(t, err, livekit.ErrUnavailable)
		require.Contains(t, err.Error(), string(id))
	})
	t.Run("the caller gave up", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := newFake(t).client().Look(ctx, id)
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestChangedCredentialsHoldFromTheNextRequest(t *testing.T) {
	t.Parallel()
	f := newFake(t).on("ListRooms", ok(&lk.ListRoomsResponse{}))
	creds := livekit.Credentials{URL: f.URL, APIKey: apiKey, APISecret: "wrong"}
	c := livekit.New(func(context.Context) (livekit.Credentials, error) { return creds, nil })
	require.ErrorIs(t, c.Ping(t.Context()), livekit.ErrUnauthorized)
	creds.APISecret = apiSecret
	require.NoError(t, c.Ping(t.Context()))
}

func TestErrorsNeverHoldTheTokenOrTheSecret(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	creds := livekit.Credentials{URL: f.URL, APIKey: apiKey, APISecret: "a-wrong-secret"}
	c := clientOf(creds)
	for name, err := range map[string]error{
		"ping":  c.Ping(t.Context()),
		"look":  func() error { _, err := c.Look(t.Context(), call.NewID()); return err }(),
		"check": c.CheckCredentials(t.Context(), creds),
	} {
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "eyJ", name)
		require.NotContains(t, err.Error(), creds.APISecret, name)
	}
	require.NotContains(t, creds.String(), creds.APISecret)
}
