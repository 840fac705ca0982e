package carrier

import (
	"bytes"
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"
)

// wire sees every datagram before SIP's transactions do. They absorb retransmissions and answer CANCEL by themselves,
// which is right for a telephone and hides what a laboratory wants to count, lose, or cross.
type wire struct {
	c      *Carrier
	parser *sip.Parser // used by the one reading goroutine only
}

// filter is sipgo's read filter: nil swallows the datagram.
func (w *wire) filter(from sip.TransportReadProps, data []byte) ([]byte, error) {
	if bytes.HasPrefix(data, []byte("SIP/2.0 ")) {
		return data, nil
	}
	msg, err := w.parser.ParseSIP(data)
	req, ok := msg.(*sip.Request)
	if err != nil || !ok || req.CallID() == nil || req.CSeq() == nil || req.Via() == nil || req.From() == nil || req.To() == nil {
		return data, nil // SIP itself rejects what is malformed
	}
	req.SetTransport(from.Transport)
	req.SetSource(from.RemoteAddr.String())
	if l := w.c.line(req.CallID().Value()); l != nil && l.misses(req) {
		return nil, nil
	}
	switch req.Method {
	case sip.INVITE:
		return w.invite(req, data), nil
	case sip.CANCEL:
		return w.cancel(req, data), nil
	default:
		return data, nil
	}
}

func (w *wire) invite(req *sip.Request, data []byte) []byte {
	if req.To().Params.Has("tag") {
		return data // inside a call, not a new one
	}
	plan := w.c.cfg.Plan(req.Recipient.User)
	branch, _ := req.Via().Params.Get("branch")
	c := Call{
		ID: req.CallID().Value(), Number: req.Recipient.User, From: req.From().Address.User, Source: req.Source(),
		Scenario: plan.Name, State: StateRinging, InvitedAt: now(),
	}
	if plan.silent {
		c.down(WhySwallowed)
	}
	w.c.books.invited(c, fmt.Sprintf("%d %s", req.CSeq().SeqNo, branch))
	if plan.silent {
		return nil
	}
	return data
}

// cancel lets a line whose scenario crosses a CANCEL know of it first. Its 200 to the INVITE then leaves before
// the 200 to the CANCEL, as if both had been on their way at once (RFC 3261 section 9.2: no effect on a request that
// has a final reply).
func (w *wire) cancel(req *sip.Request, data []byte) []byte {
	id := req.CallID().Value()
	w.c.books.update(id, func(c *Call) {
		if c.CancelledAt.IsZero() {
			c.CancelledAt = now()
		}
	})
	l := w.lineOf(id)
	if l == nil || !l.plan.crosses {
		return data
	}
	select {
	case l.crossing <- req:
		return nil
	default: // it was crossed before: SIP answers this copy
		return data
	}
}

// inviteLimit is how long SIP may take until it has an INVITE that came in.
const inviteLimit = time.Second

// lineOf is a call's line, nil when it has none (any more). SIP gives each request a goroutine of its own: without the wait a
// CANCEL right behind its INVITE could overtake it, find nothing to cancel, and the phone would ring on.
func (w *wire) lineOf(id string) *line {
	for giveUp := time.Now().Add(inviteLimit); ; time.Sleep(time.Millisecond) {
		l := w.c.line(id)
		if call, known := w.c.books.one(id); l != nil || !known || call.State == StateDown || time.Now().After(giveUp) {
			return l
		}
	}
}
