package livekit

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	lk "github.com/livekit/protocol/livekit"
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

// errNotFound marks refusals because LiveKit does not know the trunk or the room.
var errNotFound = errors.New("it is not there")

// attempt is one dial that is over.
type attempt struct {
	req            DialRequest
	started, ended time.Time
	connected      bool   // a connection was ready, so the request may have left
	legSID         string // LiveKit's id of the leg's session, from the reply to an answered dial
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
	if st := lksdk.SIPStatusFrom(err); st != nil {
		return a.final(d, int(st.Code), st), nil
	}
	meant := a.read(err)
	d.State, d.Detail, d.Unlisted = meant.is, a.req.scrub(message(err)), meant.unlistedAs(err)
	d.TrunkFault = meant.trunk
	if meant.advice != "" {
		d.Detail += ": " + meant.advice
	}
	if meant.answered {
		d.SIPCode, d.ByeAt = 200, &a.ended
	}
	if d.State != call.DialNotSent && d.State != call.DialUnknown {
		return d, nil
	}
	if d.State == call.DialNotSent {
		d.StartedAt = time.Time{}
	}
	reason := fmt.Errorf("dial %s: %w: %s", a.req.CallID, kind(err), d.Detail)
	if code(err) == twirp.NotFound {
		reason = fmt.Errorf("%w: %w", reason, errNotFound)
	}
	if meant.transient {
		reason = fmt.Errorf("%w: %w", reason, errTransient)
	}
	return d, reason
}

// final is for a final reply of the carrier's. LiveKit takes 200 alone for an answer and leaves any other 2xx unacknowledged.
func (a attempt) final(d call.Dial, code int, st *lk.SIPStatus) call.Dial {
	phrase := st.Status
	if phrase == "" {
		phrase = st.Code.ShortName()
	}
	d.State, d.SIPCode, d.Detail = call.DialRefused, code, a.req.scrub(phrase)
	switch {
	case code >= 200 && code < 300:
		d.SIPCode, d.Detail = 0, a.req.scrub(fmt.Sprintf("%d %s: LiveKit takes no answer but 200", code, phrase))
	case code < 300 || code >= 700:
		d.State, d.SIPCode, d.Detail = call.DialNoReply, 0, a.req.scrub(fmt.Sprintf("%d %s: not a final reply of SIP", code, phrase))
	}
	return d
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

// read says what a reply without a SIP status means.
func (a attempt) read(err error) said {
	text := strings.ToLower(message(err))
	if status, _ := fromIntermediary(err); status != "" {
		// LiveKit's 401, or a proxy that did not pass the request on. A proxy's 5xx may come after it did.
		if strings.HasPrefix(status, "3") || strings.HasPrefix(status, "4") {
			return said{is: call.DialNotSent}
		}
		return said{is: call.DialUnknown}
	}
	for _, s := range replies() {
		if !s.matches(code(err), text) {
			continue
		}
		if s.then != "" && a.ended.Sub(a.started) >= a.req.RingTimeout-ringSlack {
			s.is = s.then
		}
		return s
	}
	return said{is: call.DialUnknown, unlisted: true}
}

// unlistedAs names the reply for the metric, by its code alone, of which there are few.
func (s said) unlistedAs(err error) string {
	if !s.unlisted {
		return ""
	}
	return string(code(err))
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
