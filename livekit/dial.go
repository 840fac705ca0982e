package livekit

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/livekit/protocol/auth"
	lk "github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/click2call/click2call/call"
)

const (
	// replyMargin is how much longer than the ringing we wait for LiveKit's reply: joining the room and cancelling
	// an INVITE both take time, and a reply that we do not hear leaves the dial unknown.
	replyMargin = 10 * time.Second
	// maxDurationMargin keeps LiveKit's own limit, which counts from the request, behind ours.
	maxDurationMargin = time.Minute
	// maxDuration is the longest that livekit-sip accepts (pkg/sip/participant.go).
	maxDuration = 24 * time.Hour

	// AttributeCallID is the participant attribute of the customer's leg that holds the call id.
	AttributeCallID = "c2c.call_id"
)

// DialRequest says whom to dial into a call's room.
type DialRequest struct {
	CallID      call.ID
	TrunkID     string        // LiveKit's id of the trunk
	To          string        // the dialed string: prefix and number
	From        string        // the DID that the customer sees
	RingTimeout time.Duration // must be positive, at most 75 s: LiveKit's own limit is 80 s where it does not read ours
	MaxDuration time.Duration // talk time, the net under our own limit
	// MediaTimeout is the silence of the customer's line after which LiveKit hangs up, at most 10 min (protocol v1.54.0,
	// livekit/sip.go, MaxSIPMediaTimeout). Zero: what livekit-sip's media_timeout says, 15 s when nothing.
	MediaTimeout time.Duration
}

// Dial dials the customer into the call's room and returns when that ended in an answer or not. It sends exactly
// one CreateSIPParticipant and never a second: a second one would kick the first leg out and ring again.
//
// The error is nil unless State is DialNotSent (it is certain that no INVITE left) or DialUnknown (the request left, the
// reply was lost; look into the room). When ctx is cancelled LiveKit goes on dialing: close the room to stop it.
// Neither the error nor Detail holds a phone number.
func (c *Client) Dial(ctx context.Context, req DialRequest) (call.Dial, error) {
	if req.RingTimeout <= 0 || req.To == "" || req.TrunkID == "" {
		return notSent(req, fmt.Errorf("%w: trunk, number and ring timeout must be set", ErrRefused))
	}
	ctx, cancel := context.WithTimeout(ctx, req.RingTimeout+replyMargin)
	defer cancel()
	s, ctx, done, err := c.request(ctx, grants{sip: &auth.SIPGrant{Call: true}})
	if err != nil {
		return notSent(req, err)
	}
	defer done()
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})

	a := attempt{req: req, started: time.Now()}
	leg, err := s.dial.CreateSIPParticipant(ctx, participantOf(req))
	a.ended, a.connected, a.legSID = time.Now(), connected.Load(), leg.GetParticipantId()
	return a.verdict(err)
}

func participantOf(req DialRequest) *lk.CreateSIPParticipantRequest {
	var media *lk.SIPMediaConfig // encryption and codecs stay the trunk's
	if req.MediaTimeout > 0 {
		media = &lk.SIPMediaConfig{MediaTimeout: durationpb.New(req.MediaTimeout)}
	}
	longest := min(req.RingTimeout+req.MaxDuration+maxDurationMargin, maxDuration)
	return &lk.CreateSIPParticipantRequest{
		SipTrunkId:            req.TrunkID,
		SipCallTo:             req.To,
		SipNumber:             req.From,
		RoomName:              req.CallID.Room(),
		ParticipantIdentity:   req.CallID.CustomerIdentity(),
		ParticipantName:       "Customer",
		ParticipantAttributes: map[string]string{AttributeCallID: string(req.CallID)},
		PlayDialtone:          true, //nolint:staticcheck // livekit-sip v1.8.0 knows no other
		HidePhoneNumber:       true,
		RingingTimeout:        durationpb.New(req.RingTimeout),
		MaxCallDuration:       durationpb.New(longest),
		WaitUntilAnswered:     true,
		Media:                 media,
	}
}

func notSent(req DialRequest, err error) (call.Dial, error) {
	d := call.Dial{State: call.DialNotSent, EndedAt: time.Now(), Source: call.SourceDial, Detail: req.scrub(err.Error())}
	return d, fmt.Errorf("dial %s: %w", req.CallID, err)
}

// Retryable reports whether the dial may be tried again: only when no INVITE can have left and the obstacle may pass
// within seconds, such as a SIP service with a busy CPU, or a connection that was refused.
func Retryable(d call.Dial, err error) bool {
	return d.State == call.DialNotSent && errors.Is(err, errTransient)
}
