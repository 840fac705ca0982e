package carrier

import (
	"github.com/emiago/sipgo/sip"
)

// defaultLines is the default of Config.Lines.
const defaultLines = 5000

// route tells SIP requests to their lines.
func (c *Carrier) route() {
	c.server.OnInvite(c.onInvite)
	c.server.OnAck(c.onAck)
	c.server.OnBye(c.onBye)
	c.server.OnCancel(func(req *sip.Request, tx sip.ServerTransaction) {
		c.answer(req, tx, 481, "Call/Transaction Does Not Exist")
	})
	c.server.OnOptions(func(req *sip.Request, tx sip.ServerTransaction) { c.answer(req, tx, 200, "OK") })
}

// onInvite runs the whole call: sipgo gives each request a goroutine of its own and ends the transaction when the
// handler returns.
func (c *Carrier) onInvite(req *sip.Request, tx sip.ServerTransaction) {
	if req.To().Params.Has("tag") {
		c.reInvite(req, tx)
		return
	}
	l := c.newLine(req, tx)
	o, err := readOffer(req.Body())
	switch {
	case req.Contact() == nil:
		l.log.Warn().Msg("refused an INVITE without Contact")
		l.refuse(sip.StatusBadRequest, "Bad Request")
	case err != nil:
		l.log.Warn().Err(err).Msg("refused an INVITE")
		l.refuse(sip.StatusNotAcceptableHere, "Not Acceptable Here")
	case !c.seize(l):
		l.note(func(call *Call) { call.down(WhyFull) })
		l.refuse(sip.StatusServiceUnavailable, "Service Unavailable")
	default:
		l.offer = o
		defer c.leave(l)
		l.log.Info().Msg("call came in")
		l.run()
		l.log.Info().Msg("call is over")
	}
}

func (c *Carrier) newLine(req *sip.Request, tx sip.ServerTransaction) *line {
	plan, id := c.cfg.Plan(req.Recipient.User), req.CallID().Value()
	invite := req.Clone() // the transaction keeps the original
	invite.To().Params.Add("tag", sip.GenerateTagN(16))
	return &line{
		c: c, id: id, plan: plan, invite: invite, tx: tx,
		log:       c.cfg.Logger.With().Str("sip_call_id", id).Str("scenario", plan.Name).Logger(),
		cancelled: newSignal(), acked: newSignal(), byed: newSignal(), hangUp: newSignal(), crossing: make(chan *sip.Request, 1),
	}
}

// reInvite refuses to change a session that is up: the caller keeps what it has (RFC 3261 section 14.2).
func (c *Carrier) reInvite(req *sip.Request, tx sip.ServerTransaction) {
	if c.within(req) == nil {
		c.answer(req, tx, 481, "Call/Transaction Does Not Exist")
		return
	}
	c.answer(req, tx, sip.StatusNotAcceptableHere, "Not Acceptable Here")
}

func (c *Carrier) onAck(req *sip.Request, _ sip.ServerTransaction) {
	l := c.within(req)
	if l == nil {
		return // ACK has no reply
	}
	l.note(func(call *Call) {
		if call.AckedAt.IsZero() {
			call.AckedAt = now()
		}
	})
	l.acked.fire()
}

func (c *Carrier) onBye(req *sip.Request, tx sip.ServerTransaction) {
	l := c.within(req)
	if l == nil {
		c.answer(req, tx, 481, "Call/Transaction Does Not Exist")
		return
	}
	l.note(func(call *Call) {
		if call.ByeAt.IsZero() {
			call.ByeAt, call.ByeBy = now(), Caller
			call.down(WhyBye)
		}
	})
	l.byed.fire()
	c.answer(req, tx, sip.StatusOK, "OK")
}

func (c *Carrier) answer(req *sip.Request, tx sip.ServerTransaction, code int, reason string) {
	if err := tx.Respond(sip.NewResponseFromRequest(req, code, reason, nil)); err != nil {
		c.cfg.Logger.Warn().Err(err).Int("sip_status", code).Str("method", string(req.Method)).Msg("could not reply")
	}
}

// seize takes a line for l, unless the carrier is full or closing.
func (c *Carrier) seize(l *line) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing.fired() || len(c.lines) >= c.cfg.Lines || c.lines[l.id] != nil {
		return false
	}
	c.lines[l.id] = l
	c.running.Add(1)
	return true
}

func (c *Carrier) leave(l *line) {
	c.mu.Lock()
	delete(c.lines, l.id)
	c.mu.Unlock()
	c.books.touch()
	c.running.Done()
}

func (c *Carrier) idle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.lines) == 0
}

func (c *Carrier) line(id string) *line {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lines[id]
}

// within returns the line that req belongs to, nil when its tags do not match.
func (c *Carrier) within(req *sip.Request) *line {
	if req.CallID() == nil || req.To() == nil {
		return nil
	}
	l := c.line(req.CallID().Value())
	if l == nil {
		return nil
	}
	ours, _ := l.invite.To().Params.Get("tag")
	if theirs, _ := req.To().Params.Get("tag"); theirs != ours {
		return nil
	}
	return l
}

func (c *Carrier) contact() *sip.ContactHeader {
	return &sip.ContactHeader{Address: sip.Uri{Scheme: "sip", User: "carrier", Host: c.ip.String(), Port: c.port}}
}
