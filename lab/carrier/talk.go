package carrier

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

const (
	// untilHold and afterHold are the talk before a hold and after it.
	untilHold = 2 * time.Second
	afterHold = 3 * time.Second

	// refreshEvery is much below what sessions have (RFC 4028 section 4 allows no less than 90 s), so that a test sees several.
	refreshEvery = 2 * time.Second
	// sessionExpires is the interval that our 200 states.
	sessionExpires = 90

	// deadFor is how long a phone that is gone keeps its Call-ID from being answered: longer than any caller repeats a BYE.
	deadFor = time.Minute

	sendRecv = "sendrecv"
)

// talk keeps the call up until somebody hangs up, as the plan says.
func (l *line) talk() {
	switch odd := l.plan.odd; {
	case odd.holds != "":
		l.hold(odd.holds)
	case odd.refreshes:
		l.refresh()
	case !l.talkFor(l.plan.Talk):
	case l.plan.fadesOut:
		l.media.mute(true)
		l.talkFor(0)
	case odd.dies:
		l.die()
	case odd.expires:
		l.sendBye(WhyExpired, sip.NewHeader("Reason", `SIP ;cause=408 ;text="Session timer expired"`))
	default:
		l.sendBye(WhyBye)
	}
}

// talkFor talks for d, 0 for ever, and reports whether the call is still up then.
func (l *line) talkFor(d time.Duration) bool {
	over := make(<-chan time.Time)
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		over = timer.C
	}
	check := time.NewTicker(time.Second)
	defer check.Stop()
	for {
		select {
		case <-l.byed.done:
			return false
		case <-l.hangUp.done:
			l.sendBye(WhyBye)
			return false
		case <-over:
			return true
		case <-check.C:
			if limit := l.c.cfg.MediaTimeout; limit > 0 && l.media.silentFor() > limit {
				l.sendBye(WhyMediaTimeout)
				return false
			}
		}
	}
}

// hold puts the caller on hold in silence for the talk time (RFC 3264 section 8.4), takes the call back, and hangs up.
func (l *line) hold(direction string) {
	if l.talkFor(untilHold) && l.offerAgain(direction) && l.talkFor(l.plan.Talk) && l.offerAgain(sendRecv) && l.talkFor(afterHold) {
		l.sendBye(WhyBye)
	}
}

// refresh keeps the session alive, as whoever is named its refresher must, until the talk time is over.
func (l *line) refresh() {
	began := time.Now()
	for l.talkFor(refreshEvery) && l.offerAgain(sendRecv) {
		if l.plan.Talk > 0 && time.Since(began) > l.plan.Talk {
			l.sendBye(WhyBye)
			return
		}
	}
}

// offerAgain sends INVITE inside the call and reports whether the call goes on. A refusal changes nothing (RFC 3261 section 14.1).
func (l *line) offerAgain(direction string) bool {
	sdp, err := ourSDP(l.offer, l.media.local(), l.c.session.Add(1), direction)
	if err != nil {
		l.log.Error().Err(err).Msg("could not offer again")
		return true
	}
	l.media.mute(direction != sendRecv)
	headers := append([]sip.Header{l.c.contact(), sip.NewHeader("Content-Type", "application/sdp")}, l.plan.odd.timer()...)
	invite := l.request(sip.INVITE, headers...)
	invite.SetBody(sdp)
	ctx, cancel := context.WithTimeout(context.Background(), byeTimeout) // outlives the INVITE's handler, as sendBye's
	defer cancel()
	res, err := l.c.client.Do(ctx, invite)
	if err != nil || res == nil || !res.IsSuccess() {
		l.log.Warn().Err(err).Msg("our INVITE in the call was not accepted")
		return !l.byed.fired()
	}
	if err := l.c.client.WriteRequest(l.request(sip.ACK)); err != nil {
		l.log.Warn().Err(err).Msg("could not acknowledge")
	}
	l.note(func(c *Call) { c.Reinvites++ })
	return true
}

// die is a phone without power: no sound, and no answer to anything.
func (l *line) die() {
	l.gone.Store(true)
	l.media.mute(true)
	l.note(func(c *Call) { c.down(WhyDead) })
	buried := time.NewTimer(deadFor)
	defer buried.Stop()
	select {
	case <-buried.C:
	case <-l.c.closing.done:
	}
}

// answerAndHangUp sends 200 and BYE back to back: the BYE overtakes the caller's ACK.
func (l *line) answerAndHangUp(sdp []byte) {
	if err := l.send(l.okay(sdp)); err != nil {
		l.log.Warn().Err(err).Msg("could not answer")
	}
	l.sendBye(WhyBye)
}

// misses reports whether a request inside this call never reaches the phone.
func (l *line) misses(req *sip.Request) bool {
	switch {
	case l.gone.Load():
		return true
	case req.IsAck() && l.plan.odd.losesAck:
		return true
	case req.IsAck() && l.plan.odd.bare: // its transaction does not know of a final reply
		l.acked.fire()
		return true
	}
	return false
}

// okay is our 200, or the 2xx that the plan says.
func (l *line) okay(sdp []byte) *sip.Response {
	reason := l.plan.reason
	if reason == "" {
		reason = "OK"
	}
	headers := append([]sip.Header{sip.NewHeader("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS")}, l.plan.odd.timer()...)
	res := l.response(l.plan.final2xx(), reason, sdp, headers...)
	if l.plan.odd.noTag {
		res.To().Params.Remove("tag")
	}
	return res
}

// elsewhere makes a response that of another phone, which a forking proxy has called as well: it has a tag of its own.
func (l *line) elsewhere(res *sip.Response) *sip.Response {
	res.To().Params.Add("tag", "elsewhere-"+sip.GenerateTagN(8))
	return res
}

// answerElsewhere has a second phone answer, too.
func (l *line) answerElsewhere(sdp []byte) {
	if !l.plan.odd.answersTwice {
		return
	}
	if err := l.send(l.elsewhere(l.okay(sdp))); err != nil {
		l.log.Warn().Err(err).Msg("could not answer a second time")
	}
}

// sendRefusal sends the final reply, letter by letter where SIP's own writer would be too proper.
func (l *line) sendRefusal(code int, reason string) error {
	res := l.response(code, reason, nil, l.extra(code)...)
	if body := l.plan.odd.body; body != nil {
		res.AppendHeader(sip.NewHeader("Content-Type", "application/octet-stream"))
		res.SetBody(body)
	}
	if !l.plan.odd.bare {
		return l.send(res)
	}
	return l.sendBare(res)
}

// sendBare writes a response whose status line ends with its code, without the space that RFC 3261 section 7.2 has after it.
func (l *line) sendBare(res *sip.Response) error {
	at, err := net.ResolveUDPAddr("udp", l.invite.Source())
	if err != nil {
		return fmt.Errorf("find whom to refuse: %w", err)
	}
	line := fmt.Sprintf("SIP/2.0 %d", res.StatusCode)
	text := strings.Replace(res.String(), line+" \r\n", line+"\r\n", 1)
	if _, err := l.c.udp.WriteTo([]byte(text), at); err != nil {
		return fmt.Errorf("send %d: %w", res.StatusCode, err)
	}
	return nil
}
