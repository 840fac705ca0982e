package carrier

import (
	"context"
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"
)

// dialog.go holds a line's words in SIP. sipgo's own DialogServerSession is not used: it blocks in the 200 until the
// ACK and decides itself what a CANCEL means, and the scenarios need both in their hands.

// byeTimeout bounds the wait for the reply to our BYE. The line is down whatever comes.
const byeTimeout = 5 * time.Second

func (l *line) reply(code int, reason string, headers ...sip.Header) error {
	return l.send(l.response(code, reason, nil, headers...))
}

func (l *line) response(code int, reason string, sdp []byte, headers ...sip.Header) *sip.Response {
	res := sip.NewResponseFromRequest(l.invite, code, reason, nil)
	if code > 100 && code < 300 {
		res.AppendHeader(l.c.contact())
	}
	for _, h := range headers {
		res.AppendHeader(h)
	}
	if sdp != nil {
		res.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	}
	res.SetBody(sdp)
	return res
}

func (l *line) send(res *sip.Response) error {
	if err := l.tx.Respond(res); err != nil {
		return fmt.Errorf("send %d: %w", res.StatusCode, err)
	}
	return nil
}

// extra are the headers that a refusal must carry.
func (l *line) extra(code int) []sip.Header {
	challenge := `Digest realm="carrier.lab", nonce="` + sip.GenerateTagN(16) + `", algorithm=MD5`
	switch code {
	case sip.StatusUnauthorized:
		return []sip.Header{sip.NewHeader("WWW-Authenticate", challenge)}
	case sip.StatusProxyAuthRequired:
		return []sip.Header{sip.NewHeader("Proxy-Authenticate", challenge)}
	case sip.StatusBadExtension:
		return []sip.Header{sip.NewHeader("Unsupported", "100rel")}
	case 301, 302, 305:
		return []sip.Header{&sip.ContactHeader{Address: sip.Uri{Scheme: "sip", User: l.invite.Recipient.User, Host: "127.0.0.1", Port: 9}}}
	default:
		return nil
	}
}

// sendOK sends 200 again and again until the ACK (RFC 3261 section 13.3.1.4: T1 doubling to T2, for 64*T1). It reports
// whether the ACK came.
func (l *line) sendOK(sdp []byte) bool {
	res := l.okay(sdp)
	giveUp := time.NewTimer(64 * sip.T1)
	defer giveUp.Stop()
	if err := l.send(res); err != nil {
		l.log.Warn().Err(err).Msg("could not answer")
		return false
	}
	l.crossed()
	for wait := sip.T1; ; wait = min(2*wait, sip.T2) {
		again := time.NewTimer(wait)
		select {
		case <-l.acked.done:
		case <-l.tx.Acks(): // an ACK with the INVITE's branch, against section 17.1.1.3 but seen in the wild
			l.acked.fire()
		case <-l.byed.done: // a BYE may overtake the ACK
		case <-l.cancelled.done: // just before the 200, which was then not sent
		case <-l.c.closing.done:
		case <-giveUp.C:
		case <-again.C:
			if err := l.send(res); err == nil {
				continue
			}
		}
		again.Stop()
		return l.acked.fired()
	}
}

// crossed answers the CANCEL that made us answer the call.
func (l *line) crossed() {
	if l.crossedBy == nil {
		return
	}
	if err := l.c.server.WriteResponse(sip.NewResponseFromRequest(l.crossedBy, sip.StatusOK, "OK", nil)); err != nil {
		l.log.Warn().Err(err).Msg("could not answer CANCEL")
	}
}

// awaitAck waits for the ACK to a refusal. The transaction gives up by itself after 64*T1.
func (l *line) awaitAck() {
	select {
	case <-l.tx.Acks():
		l.note(func(c *Call) { c.AckedAt = now() })
	case <-l.acked.done: // of a refusal that the transaction knows nothing of
		l.note(func(c *Call) { c.AckedAt = now() })
	case <-l.tx.Done():
	case <-l.c.closing.done:
	}
}

// sendBye ends the call from our side. The session is over when BYE leaves (RFC 3261 section 15.1.1), so an unanswered
// BYE changes nothing for the line.
func (l *line) sendBye(why string, headers ...sip.Header) {
	l.note(func(c *Call) {
		if c.ByeAt.IsZero() {
			c.ByeAt, c.ByeBy = now(), Callee
		}
		c.down(why)
	})
	ctx, cancel := context.WithTimeout(context.Background(), byeTimeout) // outlives the INVITE's handler by intent
	defer cancel()
	res, err := l.c.client.Do(ctx, l.request(sip.BYE, headers...))
	switch {
	case err != nil || res == nil: // sipgo says neither when its transaction is torn down by Close
		l.log.Warn().Err(err).Msg("nobody answered our BYE")
	case res.StatusCode != sip.StatusOK:
		l.log.Info().Int("sip_status", res.StatusCode).Msg("our BYE was refused")
	}
}

// request is one of ours inside the call.
func (l *line) request(method sip.RequestMethod, headers ...sip.Header) *sip.Request {
	if method != sip.ACK { // which carries its INVITE's number
		l.cseq++
	}
	req := sip.NewRequest(method, l.invite.Contact().Address)
	from, to, id := l.invite.To().AsFrom(), l.invite.From().AsTo(), sip.CallIDHeader(l.id)
	req.AppendHeader(&from)
	req.AppendHeader(&to)
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: l.cseq, MethodName: method})
	for _, r := range l.invite.GetHeaders("Record-Route") {
		req.AppendHeader(sip.NewHeader("Route", r.Value()))
	}
	for _, h := range headers {
		req.AppendHeader(h)
	}
	req.SetTransport("UDP")
	return req
}
