package carrier

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/rs/zerolog"
)

// line is one call in progress. run is its whole life; everything else only tells it what happened.
type line struct {
	c      *Carrier
	id     string
	plan   Plan
	offer  offer
	invite *sip.Request // with our tag in To
	tx     sip.ServerTransaction
	log    zerolog.Logger
	media  *media // nil before 183 or 200

	cancelled *signal           // SIP has answered 487
	acked     *signal           // our 200
	byed      *signal           // by the caller
	hangUp    *signal           // an operator, a test, or Close
	crossing  chan *sip.Request // the CANCEL that the scenario crosses
	crossedBy *sip.Request

	cseq uint32      // of our last request in the call
	gone atomic.Bool // this phone answers nothing any more
}

// transit is how long a reply is under way at least, as on any network but this one. livekit-sip sends its INVITE before it has set its
// timers, and one that is refused in between is "failed to complete" (livekit/sipgo of 19 May 2026: transaction/client_tx.go, Init).
const transit = 10 * time.Millisecond

// run plays the plan from the INVITE to the end of the call.
func (l *line) run() {
	defer l.release()
	if !l.tx.OnCancel(func(*sip.Request) { l.cancelled.fire() }) {
		l.noteCancelled()
		return
	}
	select {
	case <-time.After(transit):
	case <-l.cancelled.done:
		l.noteCancelled()
		l.awaitAck()
		return
	}
	if !l.ring() {
		return
	}
	if l.plan.final >= 300 {
		l.refuse(l.plan.final, l.plan.reason)
		return
	}
	l.answer()
}

// ring plays the time before the final reply and reports whether the plan's final reply is still to come.
func (l *line) ring() bool {
	if err := l.progress(); err != nil {
		l.log.Warn().Err(err).Msg("could not ring")
		l.note(func(c *Call) { c.down(WhyTransport) })
		return false
	}
	enough := time.NewTimer(l.plan.Ring)
	defer enough.Stop()
	select {
	case <-enough.C:
		if l.plan.final != 0 {
			return true
		}
		l.refuse(sip.StatusTemporarilyUnavailable, "Temporarily Unavailable")
	case l.crossedBy = <-l.crossing:
		return true
	case <-l.cancelled.done:
		l.noteCancelled()
		l.awaitAck()
	case <-l.hangUp.done:
		l.refuse(sip.StatusTemporarilyUnavailable, "Temporarily Unavailable")
	case <-l.tx.Done():
		l.note(func(c *Call) { c.down(WhyTransport) })
	}
	return false
}

// progress sends the provisional reply, if the plan has one.
func (l *line) progress() error {
	ringing := func(c *Call) { c.RingingAt = now() }
	switch {
	case l.plan.provisional == sip.StatusTrying:
		return l.reply(sip.StatusTrying, "Trying")
	case l.plan.provisional == sip.StatusSessionInProgress:
		sdp, err := l.openMedia()
		if err != nil {
			return err
		}
		l.note(ringing)
		l.media.speak(l.c.tone)
		return l.send(l.response(sip.StatusSessionInProgress, "Session Progress", sdp, l.reliability()...))
	case l.plan.Ring > 0:
		l.note(ringing)
		if l.plan.odd.forks {
			if err := l.send(l.elsewhere(l.response(sip.StatusRinging, "Ringing", nil))); err != nil {
				return err
			}
		}
		return l.reply(sip.StatusRinging, "Ringing")
	default:
		return nil
	}
}

func (l *line) refuse(code int, reason string) {
	l.note(func(c *Call) { c.FinalCode = code; c.down(WhyRefused) })
	if err := l.sendRefusal(code, reason); err != nil {
		l.log.Warn().Err(err).Msg("could not refuse")
	}
	if l.cancelled.fired() { // the CANCEL was quicker: 487 had left before
		l.noteCancelled()
	}
	l.awaitAck()
}

// noteCancelled writes down that SIP answered a CANCEL with 487.
func (l *line) noteCancelled() {
	l.note(func(c *Call) {
		c.FinalCode, c.AnsweredAt = sip.StatusRequestTerminated, time.Time{}
		c.down(WhyCancelled)
	})
}

func (l *line) answer() {
	sdp, err := l.openMedia()
	if err != nil {
		l.log.Error().Err(err).Msg("could not answer")
		l.refuse(sip.StatusServiceUnavailable, "Service Unavailable")
		return
	}
	if l.cancelled.fired() {
		l.noteCancelled()
		l.awaitAck()
		return
	}
	l.note(func(c *Call) { c.FinalCode, c.State, c.AnsweredAt = l.plan.final2xx(), StateUp, now() })
	if !l.plan.mute && l.plan.provisional != sip.StatusSessionInProgress {
		l.media.speak(l.c.tone)
	}
	if l.plan.odd.sdp != nil {
		sdp = l.plan.odd.sdp()
	}
	if l.plan.odd.overtakes {
		l.answerAndHangUp(sdp)
		return
	}
	switch acked := l.sendOK(sdp); {
	case acked:
		l.answerElsewhere(sdp)
		l.talk()
	case l.byed.fired():
	case l.cancelled.fired(): // it came between the check above and the 200: SIP sent 487
		l.noteCancelled()
	default:
		l.sendBye(WhyNoAck)
	}
}

// openMedia opens the RTP port once and returns the SDP answer.
func (l *line) openMedia() ([]byte, error) {
	if l.media == nil {
		m, err := openMedia(l.offer, l.c.ip, l.c.ports, l.c.books.touch)
		if err != nil {
			return nil, err
		}
		l.media = m
		l.c.books.listen(l.id, m.measured)
	}
	return ourSDP(l.offer, l.media.local(), l.c.session.Add(1), sendRecv)
}

func (l *line) release() {
	if l.media != nil {
		l.media.close()
		l.c.books.listen(l.id, nil)
	}
}

// note writes into the books.
func (l *line) note(change func(*Call)) { l.c.books.update(l.id, change) }

// signal is an event that happens at most once.
type signal struct {
	once sync.Once
	done chan struct{}
}

func newSignal() *signal { return &signal{done: make(chan struct{})} }

func (s *signal) fire() { s.once.Do(func() { close(s.done) }) }

func (s *signal) fired() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}
