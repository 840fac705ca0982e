package livekit

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/livekit/server-sdk-go/v2"
	"github.com/twitchtv/twirp"

	"github.com/click2call/click2call/call"
)

const (
	// ringSlack allows for clocks when we compare how long it rang with how long it might.
	ringSlack = time.Second
	// maxDetail keeps a carrier from writing novels into our timeline, in bytes.
	maxDetail = 200
)

// errTransient marks refusals of [Retryable].
var errTransient = errors.New("it may work in a moment")

// attempt is one dial that is over.
type attempt struct {
	req            DialRequest
	started, ended time.Time
	connected      bool   // a connection was ready, so the request may have left
	legSID         string // LiveKit's id of the leg's session, from the reply to an answered dial
}

// rule gives the verdict on replies of one code whose text contains one of the words; no words match any text.
type rule struct {
	code      twirp.ErrorCode
	words     []string
	state     call.DialState
	transient bool
}

// rules hold for replies without a SIP status; the first that matches counts, and what matches none is DialUnknown.
// Texts are those of livekit/sip v1.8.0 (pkg/sip/errors.go, outbound.go, protocol.go), livekit-server v1.11.0
// (pkg/service/errors.go, sip.go) and psrpc v0.7 (errors.go).
var rules = []rule{
	{code: twirp.Canceled, words: []string{"transaction failed to complete (0 "}, state: call.DialNoReply},
	// The carrier had answered with a 180 or the like, and LiveKit's Timer B fired all the same after 32 s: sipgo starts it after it
	// has sent the INVITE, and a reply that is quicker than that cannot stop it.
	{code: twirp.Canceled, words: []string{"transaction failed to complete"}, state: call.DialRangOut},
	{code: twirp.Canceled, words: []string{"service shutting down", "call already closed", "context canceled"}, state: call.DialCancelled},

	{code: twirp.Unavailable, words: []string{"cpu exhausted", "no response from servers"}, state: call.DialNotSent, transient: true},

	// The carrier answered 401 or 407 and the trunk has no, or wrong, credentials. LiveKit does not say which.
	{code: twirp.FailedPrecondition, words: []string{"required auth", "auth header", "auth retry"}, state: call.DialRefused},
	// The far end and LiveKit share no codec or encryption.
	{code: twirp.FailedPrecondition, words: []string{"codec", "crypto", "encryption", "sdp"}, state: call.DialRefused},
	{code: twirp.FailedPrecondition, words: []string{"no numbers on outbound trunk"}, state: call.DialNotSent},
	// Since v1.7.0 whatever else fails once the INVITE is out, above all the network.
	{code: twirp.FailedPrecondition, state: call.DialNoReply},

	// The trunk's host name does not resolve.
	{code: twirp.InvalidArgument, words: []string{"lookup ", "no such host", "address "}, state: call.DialNoReply},
	{code: twirp.InvalidArgument, state: call.DialNotSent},

	{code: twirp.NotFound, state: call.DialNotSent}, // the trunk or the room
	{code: twirp.Unauthenticated, state: call.DialNotSent},
	{code: twirp.PermissionDenied, state: call.DialNotSent},
	{code: twirp.BadRoute, state: call.DialNotSent},
	{code: twirp.Malformed, state: call.DialNotSent},
	{code: twirp.Unimplemented, state: call.DialNotSent},
	// The leg joins the room before it sends the INVITE; this is how a failed join is told.
	{code: twirp.Internal, words: []string{"sip not connected", "update room failed"}, state: call.DialNotSent},
}

// verdict turns LiveKit's reply, or the lack of one, into what is known of the dial.
func (a attempt) verdict(err error) (call.Dial, error) {
	d := call.Dial{Source: call.SourceDial, StartedAt: a.started, EndedAt: a.ended}
	if err == nil {
		d.State, d.SIPCode, d.Detail, d.LegSID = call.DialAnswered, 200, "answered", a.legSID
		return d, nil
	}
	if cause := localCause(err); cause != nil {
		return a.lost(d, cause)
	}
	if st := lksdk.SIPStatusFrom(err); st != nil && st.Code >= 300 {
		phrase := st.Status
		if phrase == "" {
			phrase = st.Code.ShortName()
		}
		d.State, d.SIPCode, d.Detail = call.DialRefused, int(st.Code), a.req.scrub(phrase)
		return d, nil
	}
	state, transient := a.read(err)
	d.State, d.Detail = state, a.req.scrub(message(err))
	if state != call.DialNotSent && state != call.DialUnknown {
		return d, nil
	}
	if state == call.DialNotSent {
		d.StartedAt = time.Time{}
	}
	reason := fmt.Errorf("dial %s: %w: %s", a.req.CallID, kind(err), d.Detail)
	if transient {
		reason = fmt.Errorf("%w: %w", reason, errTransient)
	}
	return d, reason
}

// lost is for a request that got no readable reply.
func (a attempt) lost(d call.Dial, cause error) (call.Dial, error) {
	d.State, d.Detail = call.DialUnknown, a.req.scrub("no reply from LiveKit: "+cause.Error())
	err := fmt.Errorf("dial %s: %w: %s", a.req.CallID, ErrUnavailable, d.Detail)
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(cause, ended) {
			err = fmt.Errorf("dial %s: %w: no reply from LiveKit: %w", a.req.CallID, ErrUnavailable, ended)
		}
	}
	if !a.connected {
		d.State, d.StartedAt = call.DialNotSent, time.Time{}
		if !errors.Is(err, context.Canceled) {
			err = fmt.Errorf("%w: %w", err, errTransient)
		}
	}
	return d, err
}

// read gives the state that a reply without a SIP status stands for, and whether it is [Retryable].
func (a attempt) read(err error) (call.DialState, bool) {
	text := strings.ToLower(message(err))
	if status, _ := fromIntermediary(err); status != "" {
		// LiveKit's 401, or a proxy that did not pass the request on. A proxy's 5xx may come after it did.
		if strings.HasPrefix(status, "3") || strings.HasPrefix(status, "4") {
			return call.DialNotSent, false
		}
		return call.DialUnknown, false
	}
	// LiveKit has one text for "rang too long" and "the room was closed"; only the time tells.
	if code(err) == twirp.Canceled && strings.Contains(text, "sip request timed out") {
		if a.ended.Sub(a.started) >= a.req.RingTimeout-ringSlack {
			return call.DialRangOut, false
		}
		return call.DialCancelled, false
	}
	for _, r := range rules {
		if r.code == code(err) && r.matches(text) {
			return r.state, r.transient
		}
	}
	return call.DialUnknown, false
}

func (r rule) matches(text string) bool {
	for _, w := range r.words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return len(r.words) == 0
}

var (
	// longNumber is anything that may be a phone number, separators included. It hides IP addresses too.
	longNumber = regexp.MustCompile(`\+?[0-9](?:[ ().-]{0,2}[0-9]){6,}`)
	control    = regexp.MustCompile(`[\pC\s]+`)
)

// scrub makes a text of LiveKit or the carrier fit for timelines and logs: one short line without numbers.
func (r DialRequest) scrub(text string) string {
	for _, number := range []string{r.To, r.From, strings.TrimPrefix(r.From, "+")} {
		if number != "" {
			text = strings.ReplaceAll(text, number, "•••")
		}
	}
	text = longNumber.ReplaceAllString(text, "•••")
	text = strings.TrimSpace(control.ReplaceAllString(text, " "))
	if len(text) > maxDetail {
		text = strings.ToValidUTF8(text[:maxDetail], "") + "…"
	}
	return text
}
