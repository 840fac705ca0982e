package livekit_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	lk "github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/utils/xtwirp"
	"github.com/stretchr/testify/require"
	"github.com/twitchtv/twirp"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

const (
	dialed = "919530251797"
	did    = "+919999999999"
)

func dialRequest(ring time.Duration) livekit.DialRequest {
	return livekit.DialRequest{CallID: call.NewID(), TrunkID: "ST_1", To: dialed, From: did, RingTimeout: ring, MaxDuration: time.Hour,
		MediaTimeout: 10 * time.Minute}
}

// sipReply is how LiveKit passes on a carrier's final reply: an error with the SIP status in its details.
func sipReply(code int, reason string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		err := fmt.Errorf("INVITE failed: %w", &lk.SIPStatus{Code: lk.SIPStatusCode(code), Status: reason})
		_ = twirp.WriteError(w, xtwirp.ToError(err))
	}
}

// recorded486 came off a real server.
const recorded486 = `{"code":"resource_exhausted","msg":"twirp error unknown: INVITE failed: sip status: 486: Reason for +919530251486","meta":{"error_details":"CAgSOElOVklURSBmYWlsZWQ6IHNpcCBzdGF0dXM6IDQ4NjogUmVhc29uIGZvciArOTE5NTMwMjUxNDg2GkYKJXR5cGUuZ29vZ2xlYXBpcy5jb20vbGl2ZWtpdC5TSVBTdGF0dXMSHQjmAxIYUmVhc29uIGZvciArOTE5NTMwMjUxNDg2","sip_status":"Reason for +919530251486","sip_status_code":"486"}}`

func TestDialAsksOnceAndSaysEverything(t *testing.T) {
	t.Parallel()
	f := newFake(t).on("CreateSIPParticipant", ok(&lk.SIPParticipantInfo{ParticipantId: "PA_7"}))
	req := dialRequest(45 * time.Second)
	before := time.Now()
	d, err := f.client().Dial(t.Context(), req)
	require.NoError(t, err)
	require.Equal(t, call.DialAnswered, d.State)
	require.Equal(t, call.SourceDial, d.Source)
	require.Equal(t, "PA_7", d.LegSID)
	require.False(t, d.StartedAt.Before(before))
	require.False(t, d.EndedAt.Before(d.StartedAt))

	sent := f.requests("CreateSIPParticipant")
	require.Len(t, sent, 1)
	p := decode(t, sent[0].body, new(lk.CreateSIPParticipantRequest))
	require.Equal(t, "ST_1", p.SipTrunkId)
	require.Equal(t, dialed, p.SipCallTo)
	require.Equal(t, did, p.SipNumber)
	require.Equal(t, req.CallID.Room(), p.RoomName)
	require.Equal(t, req.CallID.CustomerIdentity(), p.ParticipantIdentity)
	require.Equal(t, string(req.CallID), p.ParticipantAttributes[livekit.AttributeCallID])
	require.NotContains(t, p.ParticipantName+p.ParticipantMetadata, dialed)
	require.True(t, p.WaitUntilAnswered && p.HidePhoneNumber && p.PlayDialtone) //nolint:staticcheck // livekit-sip v1.8.0 knows no other
	require.Equal(t, 45*time.Second, p.RingingTimeout.AsDuration())
	require.Equal(t, 45*time.Second+time.Hour+time.Minute, p.MaxCallDuration.AsDuration())
	require.Equal(t, 10*time.Minute, p.Media.MediaTimeout.AsDuration(), "a customer on hold is silent, not gone")
	require.Nil(t, p.Media.Encryption, "the trunk says that")
	require.True(t, sent[0].grants.SIP.Call)
	require.False(t, sent[0].grants.SIP.Admin)

	// The deadline must go out, or LiveKit cuts the ringing by its own.
	ms := sent[0].header.Get("X-Twirp-Timeout-Ms")
	budget, perr := time.ParseDuration(ms + "ms")
	require.NoError(t, perr)
	require.InDelta(t, (55 * time.Second).Seconds(), budget.Seconds(), 1)
}

func TestDialNeverAsksForMoreThanLiveKitAllows(t *testing.T) {
	t.Parallel()
	f := newFake(t).on("CreateSIPParticipant", ok(&lk.SIPParticipantInfo{}))
	req := dialRequest(45 * time.Second)
	req.MaxDuration = 24 * time.Hour
	_, err := f.client().Dial(t.Context(), req)
	require.NoError(t, err)
	p := decode(t, f.requests("CreateSIPParticipant")[0].body, new(lk.CreateSIPParticipantRequest))
	require.Equal(t, 24*time.Hour, p.MaxCallDuration.AsDuration())
}

func TestDialVerdicts(t *testing.T) {
	t.Parallel()
	twirpError := func(status int, code, msg string) http.HandlerFunc {
		return jsonError(status, fmt.Sprintf(`{"code":%q,"msg":"twirp error unknown: %s"}`, code, msg))
	}
	page := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	tests := []struct {
		name      string
		reply     http.HandlerFunc
		state     call.DialState
		sip       int
		retryable bool
	}{
		{"recorded busy", jsonError(429, recorded486), call.DialRefused, 486, false},
		{"moved", sipReply(302, "Moved"), call.DialRefused, 302, false},
		{"forbidden", sipReply(403, "Forbidden"), call.DialRefused, 403, false},
		{"not found", sipReply(404, "Not Found"), call.DialRefused, 404, false},
		{"timeout of the carrier", sipReply(408, "Request Timeout"), call.DialRefused, 408, false},
		{"cancelled by the carrier", sipReply(487, "Request Terminated"), call.DialRefused, 487, false},
		{"overloaded", sipReply(503, "Service Unavailable"), call.DialRefused, 503, false},
		{"declined", sipReply(603, "Decline"), call.DialRefused, 603, false},
		{"unwanted", sipReply(607, "Unwanted"), call.DialRefused, 607, false},

		{"credentials asked for", twirpError(412, "failed_precondition", "sip server required auth, but no username or password was provided"), call.DialRefused, 0, false},
		{"credentials not accepted", twirpError(412, "failed_precondition", "max auth retry attempts reached for SIP invite"), call.DialRefused, 0, false},
		{"no common codec", twirpError(412, "failed_precondition", "common audio codec not found"), call.DialRefused, 0, false},
		{"unreadable answer", twirpError(412, "failed_precondition", "sdp: syntax error at pos 1"), call.DialRefused, 0, false},

		{"the room was closed", twirpError(408, "canceled", "sip request timed out"), call.DialCancelled, 0, false},
		{"the SIP service stops", twirpError(408, "canceled", "service shutting down"), call.DialCancelled, 0, false},
		{"timer B", twirpError(408, "canceled", "transaction failed to complete (0 intermediate responses)"), call.DialNoReply, 0, false},
		{"timer B while it rings", twirpError(408, "canceled", "transaction failed to complete (1 intermediate responses)"), call.DialRangOut, 0, false},
		{"no such host", twirpError(400, "invalid_argument", `fail to resolve target: lookup sip.invalid: no such host`), call.DialNoReply, 0, false},
		{"carrier's port closed", twirpError(412, "failed_precondition", "transport<TCP> dial err=dial tcp: connection refused"), call.DialNoReply, 0, false},

		{"SIP service busy", twirpError(503, "unavailable", "cpu exhausted"), call.DialNotSent, 0, true},
		{"SIP service absent", jsonError(503, noResponse), call.DialNotSent, 0, true},
		{"no such trunk", jsonError(404, `{"code":"not_found","msg":"requested sip trunk does not exist"}`), call.DialNotSent, 0, false},
		{"bad number", jsonError(400, `{"code":"invalid_argument","msg":"missing sip callee number"}`), call.DialNotSent, 0, false},
		{"no room", twirpError(500, "internal", "update room failed: not found"), call.DialNotSent, 0, false},
		{"no SIP", jsonError(500, `{"code":"internal","msg":"sip not connected (redis required)"}`), call.DialNotSent, 0, false},
		{"may not dial", jsonError(401, `{"code":"unauthenticated","msg":"permissions denied"}`), call.DialNotSent, 0, false},
		{"not LiveKit at all", page(404), call.DialNotSent, 0, false},
		{"a redirect", page(302), call.DialNotSent, 0, false},

		{"LiveKit's patience ended first", twirpError(408, "deadline_exceeded", "request timed out"), call.DialUnknown, 0, false},
		{"proxy lost LiveKit", page(502), call.DialUnknown, 0, false},
		{"proxy lost patience", page(504), call.DialUnknown, 0, false},
		{"a new kind of unavailable", twirpError(503, "unavailable", "something new"), call.DialUnknown, 0, false},
		{"a new kind of internal", twirpError(500, "internal", "something new"), call.DialUnknown, 0, false},
		{"a panic", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, call.DialUnknown, 0, false},
		{"an answer that breaks off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(200)
			panic(http.ErrAbortHandler)
		}, call.DialUnknown, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t).on("CreateSIPParticipant", tt.reply)
			d, err := f.client().Dial(t.Context(), dialRequest(30*time.Second))
			require.Equal(t, tt.state, d.State, "%s %v", d.Detail, err)
			require.Equal(t, tt.sip, d.SIPCode)
			require.Equal(t, tt.retryable, livekit.Retryable(d, err))
			require.Equal(t, tt.state == call.DialNotSent || tt.state == call.DialUnknown, err != nil)
			require.Equal(t, tt.state == call.DialNotSent, d.StartedAt.IsZero())
			require.False(t, d.EndedAt.IsZero())
			require.NotEmpty(t, d.Detail)
			require.NotContains(t, d.Detail, "twirp")
			require.Len(t, f.requests("CreateSIPParticipant"), 1, "a dial must never repeat itself")
		})
	}
}

func TestDialTellsRangOutFromCancelledByTime(t *testing.T) {
	t.Parallel()
	f := newFake(t).on("CreateSIPParticipant", jsonError(408, `{"code":"canceled","msg":"twirp error unknown: sip request timed out"}`))
	d, err := f.client().Dial(t.Context(), dialRequest(time.Millisecond)) // over before any reply can come
	require.NoError(t, err)
	require.Equal(t, call.DialRangOut, d.State)
	require.Zero(t, d.SIPCode)
}

func TestDialHidesNumbers(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{
		"no route to " + dialed, "9530251797 is busy", "+91 95302 51797 unknown", "from (999) 999-9999 rejected", "caller " + did,
		"line\r\nbreak 95302-51797", strings.Repeat("long ", 100),
	} {
		f := newFake(t).on("CreateSIPParticipant", sipReply(404, reason))
		d, err := f.client().Dial(t.Context(), dialRequest(time.Minute))
		require.NoError(t, err)
		require.NotRegexp(t, `[0-9]{5}|[0-9]{3}-[0-9]{4}|[\r\n]`, d.Detail)
		require.LessOrEqual(t, len(d.Detail), 204)
	}
	f := newFake(t).on("CreateSIPParticipant", jsonError(400, `{"code":"invalid_argument","msg":"bad callee `+dialed+`"}`))
	d, err := f.client().Dial(t.Context(), dialRequest(time.Minute))
	require.Error(t, err)
	require.NotContains(t, err.Error()+d.Detail, dialed)
}

func TestDialKnowsWhetherTheRequestLeft(t *testing.T) {
	t.Parallel()
	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		f := newFake(t)
		f.Close()
		d, err := f.client().Dial(t.Context(), dialRequest(time.Minute))
		require.Equal(t, call.DialNotSent, d.State)
		require.ErrorIs(t, err, livekit.ErrUnavailable)
		require.True(t, livekit.Retryable(d, err))
	})
	t.Run("cancelled before", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		d, err := newFake(t).client().Dial(ctx, dialRequest(time.Minute))
		require.Equal(t, call.DialNotSent, d.State)
		require.ErrorIs(t, err, context.Canceled)
		require.False(t, livekit.Retryable(d, err))
	})
	t.Run("cancelled while it rings", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		f := newFake(t).on("CreateSIPParticipant", func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
		})
		d, err := f.client().Dial(ctx, dialRequest(time.Minute))
		require.Equal(t, call.DialUnknown, d.State)
		require.ErrorIs(t, err, context.Canceled)
		require.False(t, d.StartedAt.IsZero())
	})
	t.Run("no credentials", func(t *testing.T) {
		t.Parallel()
		c := livekit.New(func(context.Context) (livekit.Credentials, error) {
			return livekit.Credentials{}, context.DeadlineExceeded
		})
		d, err := c.Dial(t.Context(), dialRequest(time.Minute))
		require.Equal(t, call.DialNotSent, d.State)
		require.Error(t, err)
	})
	t.Run("incomplete request", func(t *testing.T) {
		t.Parallel()
		f := newFake(t)
		d, err := f.client().Dial(t.Context(), livekit.DialRequest{CallID: call.NewID()})
		require.Equal(t, call.DialNotSent, d.State)
		require.ErrorIs(t, err, livekit.ErrRefused)
		require.Empty(t, f.requests("CreateSIPParticipant"))
	})
}
