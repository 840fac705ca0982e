package call

import "time"

// CallStatus is the CRM's view of how a call ended.
type CallStatus string

// The three call statuses.
const (
	Answered    CallStatus = "ANSWERED"
	NotAnswered CallStatus = "NOT_ANSWERED"
	Failed      CallStatus = "FAILED"
)

// Reason says why a call ended the way it did.
type Reason string

// The reasons, grouped by the call status they go with.
const (
	// With ANSWERED.
	ReasonCustomerHangup Reason = "customer_hangup"
	ReasonAgentHangup    Reason = "agent_hangup"
	ReasonAgentLost      Reason = "agent_lost"
	ReasonMaxDuration    Reason = "max_duration"
	ReasonMediaTimeout   Reason = "media_timeout"
	ReasonConnectionLost Reason = "connection_lost"
	// With NOT_ANSWERED.
	ReasonBusy           Reason = "busy"
	ReasonDeclined       Reason = "declined"
	ReasonNoAnswer       Reason = "no_answer"
	ReasonAgentCancelled Reason = "agent_cancelled"
	// With FAILED.
	ReasonInvalidNumber       Reason = "invalid_number"
	ReasonTrunkRejected       Reason = "trunk_rejected"
	ReasonTrunkUnavailable    Reason = "trunk_unavailable"
	ReasonTrunkCapacity       Reason = "trunk_capacity"
	ReasonNeverConnected      Reason = "never_connected"
	ReasonCancelledBeforeDial Reason = "cancelled_before_dial"
	ReasonLiveKitUnavailable  Reason = "livekit_unavailable"
	ReasonDialStateUnknown    Reason = "dial_state_unknown"
)

// Party is who ended a call.
type Party string

// The parties. PartySystem is a deadline or a failure of ours.
const (
	PartyCustomer Party = "customer"
	PartyAgent    Party = "agent"
	PartyOperator Party = "operator"
	PartySystem   Party = "system"
)

// Outcome is how a call ended. A call has exactly one.
type Outcome struct {
	CallStatus      CallStatus
	Reason          Reason
	SIPCode         *int // nil when no SIP reply stands behind the outcome
	DurationSeconds int  // whole seconds from answer to end, 0 when never answered
	RingSeconds     int  // whole seconds from the INVITE to the answer or the end of ringing
	HangupBy        Party
	AnsweredAt      *time.Time
	EndedAt         time.Time
}

// Classify turns a call's evidence into its one outcome. It is total (any evidence gives an outcome) and
// does not depend on the order in which evidence came.
//
// What outranks what, and why:
//
//  1. The reply to our own dial. It is synchronous, authenticated and the only place where LiveKit shows the
//     carrier's SIP code. Whatever it says about the answer is the answer: a browser that reports ANSWERED
//     during a call that ends busy changes nothing.
//  2. A look into the room by the recovery activity, which speaks only when the dial's reply was lost in a crash.
//  3. LiveKit's signed event that the leg left: sip.callStatus "active" or "hangup" in it proves an answer.
//  4. The Watch round: it sees that a leg is gone, never why.
//  5. The browser's report. Anyone who holds the call id can send it, so it proves an answer only when the
//     dial's reply is lost and neither the room nor LiveKit says otherwise; it then also gives the moment.
func Classify(e Evidence) Outcome {
	switch {
	case e.Dial.State == DialNone:
		return e.neverDialed()
	case e.answered():
		return e.afterAnswer()
	default:
		return e.withoutAnswer()
	}
}

func (e Evidence) answered() bool {
	switch e.Dial.State {
	case DialAnswered:
		return true
	case DialCancelled: // our own look, just before we took the leg away, saw it talk
		return e.LegAtHangUp.Answered()
	case DialUnknown:
		if e.LegAtHangUp.Answered() || e.Left != nil && e.Left.Status.Answered() {
			return true
		}
		// LiveKit saw the leg go while it still rang: a report cannot be true. The Watch, which looks now and then, may miss an answer.
		contradicted := e.Left != nil && e.Left.Source != SourcePoll && (e.Left.Status == LegDialing || e.Left.Status == LegRinging)
		return e.Report != nil && !contradicted
	default:
		return false
	}
}

func (e Evidence) neverDialed() Outcome {
	o := Outcome{CallStatus: Failed, Reason: ReasonNeverConnected, HangupBy: PartySystem, EndedAt: e.ClosedAt}
	if gaveUp := e.gaveUpAt(); gaveUp != nil { // an agent can vanish only from a queue
		o.Reason, o.HangupBy, o.EndedAt = ReasonCancelledBeforeDial, e.givenUpBy(), *gaveUp
	}
	return o
}

func (e Evidence) afterAnswer() Outcome {
	answered := e.answerMoment()
	o := Outcome{CallStatus: Answered, SIPCode: code(200), AnsweredAt: &answered}
	o.Reason, o.HangupBy, o.EndedAt = e.whoEnded(answered)
	if o.EndedAt.Before(answered) {
		o.EndedAt = answered
	}
	o.DurationSeconds = wholeSeconds(answered, o.EndedAt)
	o.RingSeconds = wholeSeconds(e.Dial.StartedAt, answered)
	return o
}

// answerMoment prefers the dial's reply. A recovery that found the leg talking knows only that the answer came
// before its look; then the browser's report, if it lies between dial and look, is the better moment.
func (e Evidence) answerMoment() time.Time {
	if e.Dial.State == DialAnswered && e.Dial.Source == SourceDial {
		return e.Dial.EndedAt
	}
	late := e.Dial.EndedAt
	if e.Left != nil && (late.IsZero() || e.Left.At.Before(late)) {
		late = e.Left.At
	}
	if e.Report != nil && !e.Report.Before(e.Dial.StartedAt) && (late.IsZero() || e.Report.Before(late)) {
		return *e.Report
	}
	if e.Dial.State == DialAnswered {
		return e.Dial.EndedAt
	}
	return late
}

// whoEnded reads who hung up from the leg, not from who asked: when this side gave an answered call up and the leg was
// already gone, the customer had left first, and word of it was lost or is late.
func (e Evidence) whoEnded(answered time.Time) (Reason, Party, time.Time) {
	gaveUp := e.gaveUpAt()
	// A look from before the answer may have come before the leg, and says nothing about it.
	gone := gaveUp != nil && !gaveUp.Before(answered) && e.LegAtHangUp.Absent()
	switch {
	case e.legLeftFirst(gone):
		return e.legEnd()
	case gone && e.LegAtHangUp == LegNoRoom:
		return ReasonConnectionLost, PartySystem, *gaveUp
	case gone:
		return ReasonCustomerHangup, PartyCustomer, *gaveUp
	case e.HangUp != nil:
		return ReasonAgentHangup, e.HangUp.party(), e.HangUp.At
	case e.MaxedOutAt != nil:
		return ReasonMaxDuration, PartySystem, *e.MaxedOutAt
	case e.AgentLostAt != nil:
		return ReasonAgentLost, PartySystem, *e.AgentLostAt
	case e.Left != nil:
		return ReasonConnectionLost, PartySystem, e.Left.At
	default:
		return ReasonConnectionLost, PartySystem, e.ClosedAt
	}
}

// legLeftFirst reports whether the leg left before we took it away. Word of its leaving may come after we emptied the
// room, and then it says nothing, unless our look had already missed the leg.
func (e Evidence) legLeftFirst(gone bool) bool {
	if e.Left == nil || e.Left.Reason == LeaveRemoved {
		return false
	}
	if e.Left.Status == LegHangup && e.LegAtHangUp.Absent() { // a BYE, before our look: word of it, and of the answer, may come later
		return true
	}
	gaveUp := e.gaveUpAt()
	return gaveUp == nil || gone || !e.Left.At.After(*gaveUp)
}

func (e Evidence) gaveUpAt() *time.Time {
	switch {
	case e.HangUp != nil:
		return &e.HangUp.At
	case e.MaxedOutAt != nil:
		return e.MaxedOutAt
	default:
		return e.AgentLostAt
	}
}

func (e Evidence) legEnd() (Reason, Party, time.Time) {
	at := e.leftAt()
	switch {
	case e.Left.Status == LegHangup:
		return ReasonCustomerHangup, PartyCustomer, at
	case e.Left.Reason == LeaveLost || e.Left.Status == LegNoRoom:
		return ReasonConnectionLost, PartySystem, at
	case e.Left.Reason == LeaveMedia, e.Left.Reason == LeaveOrdinary && e.Left.Status == LegActive:
		return ReasonMediaTimeout, PartySystem, e.lastSound(at)
	default: // seen by a poll only: legs that vanish have nearly always hung up
		return ReasonCustomerHangup, PartyCustomer, at
	}
}

// lastSound is by when the far end had certainly fallen silent, of a leg that LiveKit took out for that. It had waited for
// MediaTimeout, from the answer on at the least; how long its BYE was not answered after that, 32 s at most over UDP, nobody can see.
func (e Evidence) lastSound(left time.Time) time.Time {
	if answered := e.answerMoment(); left.Sub(answered) < e.MediaTimeout {
		return left // it never sent any, for which LiveKit waits for another time
	}
	return left.Add(-e.MediaTimeout)
}

// leftAt is when the leg left. A poll knows only by when it was gone, and after a crash that may be long after; the
// browser, which asks for a hang-up when the customer drops, was there.
func (e Evidence) leftAt() time.Time {
	if e.Left.Source == SourcePoll && e.HangUp != nil && e.LegAtHangUp.Absent() && e.HangUp.At.Before(e.Left.At) {
		return e.HangUp.At
	}
	return e.Left.At
}

func (e Evidence) withoutAnswer() Outcome {
	o := e.refusal()
	o.EndedAt = e.unansweredEnd()
	if !e.Dial.StartedAt.IsZero() {
		o.RingSeconds = wholeSeconds(e.Dial.StartedAt, o.EndedAt)
	}
	return o
}

// unansweredEnd is when the ringing ended. Of a dial whose reply was lost it is the first moment that somebody gave up
// or saw the leg leave: the recovery looks later.
func (e Evidence) unansweredEnd() time.Time {
	end := e.Dial.EndedAt
	if end.IsZero() {
		return e.ClosedAt
	}
	if e.Dial.Source == SourceDial {
		return end
	}
	for _, moment := range []*time.Time{e.gaveUpAt(), e.leftMoment()} {
		if moment != nil && moment.Before(end) && !moment.Before(e.Dial.StartedAt) {
			end = *moment
		}
	}
	return end
}

func (e Evidence) leftMoment() *time.Time {
	if e.Left == nil {
		return nil
	}
	return &e.Left.At
}

// refusal is the outcome of a dial that nobody answered. A SIP code that the carrier sent outranks our own
// wish to hang up, because it came first; 487 alone may be the echo of our CANCEL.
func (e Evidence) refusal() Outcome {
	gaveUp := e.HangUp != nil || e.AgentLostAt != nil
	if gaveUp && !e.endedByItself() {
		return Outcome{CallStatus: NotAnswered, Reason: ReasonAgentCancelled, SIPCode: code(487), HangupBy: e.givenUpBy()}
	}
	switch e.Dial.State {
	case DialNoAgent:
		return Outcome{CallStatus: Failed, Reason: ReasonCancelledBeforeDial, HangupBy: PartyAgent}
	case DialNoLine:
		return Outcome{CallStatus: Failed, Reason: ReasonTrunkCapacity, HangupBy: PartySystem}
	case DialNotPermitted:
		return Outcome{CallStatus: Failed, Reason: ReasonCancelledBeforeDial, HangupBy: PartySystem}
	case DialNotSent:
		if at := e.gaveUpAt(); at != nil && !e.Dial.EndedAt.Before(*at) { // we had deleted the room by then
			return Outcome{CallStatus: Failed, Reason: ReasonCancelledBeforeDial, HangupBy: e.givenUpBy()}
		}
		return Outcome{CallStatus: Failed, Reason: ReasonLiveKitUnavailable, HangupBy: PartySystem}
	case DialRefused:
		if e.Dial.SIPCode == 0 { // a 401 or 407 that LiveKit does not show the number of
			return Outcome{CallStatus: Failed, Reason: ReasonTrunkRejected, HangupBy: PartySystem}
		}
		return FromSIPCode(e.Dial.SIPCode)
	case DialRangOut:
		if e.Dial.LastStatus == LegDialing { // not even a 180: nothing ever rang
			return Outcome{CallStatus: Failed, Reason: ReasonTrunkUnavailable, HangupBy: PartySystem}
		}
		return Outcome{CallStatus: NotAnswered, Reason: ReasonNoAnswer, SIPCode: code(408), HangupBy: PartySystem}
	case DialNoReply:
		return Outcome{CallStatus: Failed, Reason: ReasonTrunkUnavailable, HangupBy: PartySystem}
	case DialUnknown:
		return e.unknownDial()
	default: // DialCancelled by nobody we know
		return Outcome{CallStatus: Failed, Reason: ReasonLiveKitUnavailable, HangupBy: PartySystem}
	}
}

// hangUpOnDrop is how soon browsers ask for a hang-up because the leg has left.
const hangUpOnDrop = 3 * time.Second

// givenUpBy is who gave up a call that was not answered: the agent, unless an operator asked.
func (e Evidence) givenUpBy() Party {
	if e.HangUp != nil {
		return e.HangUp.party()
	}
	return PartyAgent
}

// endedByItself reports whether the dial had come to an end of its own before anyone gave up.
func (e Evidence) endedByItself() bool {
	switch e.Dial.State {
	case DialRefused: // 487 answers our CANCEL, unless the leg had left before we took it away
		return e.Dial.SIPCode != 487 || e.LegAtHangUp == LegGone
	case DialUnknown:
		if e.Left != nil && (e.Left.SIPCode >= 300 || e.Left.Reason == LeaveRejected || e.Left.Reason == LeaveUnavailable ||
			e.Left.Reason == LeaveTrunk || e.Left.Reason == LeaveLost) {
			return true // LiveKit's event says that the far end refused, or that its SIP service is gone
		}
		// The leg had been seen, and was gone before we took it away: the browser asks for a hang-up then as well.
		return e.Dial.LastStatus != LegUnknown && e.LegAtHangUp == LegGone
	case DialRangOut:
		// A recovery may come so late that the phone has rung on long after somebody gave up.
		return e.Dial.Source == SourceDial || e.Dial.EndedAt.Sub(*e.gaveUpAt()) < hangUpOnDrop
	case DialNoReply, DialNotSent, DialNoAgent, DialNoLine, DialNotPermitted:
		return true
	default:
		return false
	}
}

// unknownDial is for a dial whose reply was lost and that nobody saw answered. LiveKit's event, if one came,
// still tells the class of the refusal, though not the code.
func (e Evidence) unknownDial() Outcome {
	o := Outcome{CallStatus: NotAnswered, HangupBy: PartyCustomer}
	switch {
	case e.Left != nil && e.Left.SIPCode >= 300:
		return FromSIPCode(e.Left.SIPCode)
	case e.Left != nil && e.Left.Reason == LeaveRejected:
		o.Reason = ReasonDeclined
	case e.rangForNobody():
		o.CallStatus, o.Reason, o.HangupBy = Failed, ReasonTrunkUnavailable, PartySystem
	case e.Left != nil && e.Left.Reason == LeaveUnavailable:
		o.Reason, o.SIPCode, o.HangupBy = ReasonNoAnswer, code(408), PartySystem
	case e.Left != nil && (e.Left.Reason == LeaveTrunk || e.Left.Reason == LeaveOrdinary):
		o.CallStatus, o.Reason, o.HangupBy = Failed, ReasonTrunkUnavailable, PartySystem
	case e.Left != nil && e.Left.Reason == LeaveLost: // LiveKit lost its SIP service while it rang
		o.CallStatus, o.Reason, o.HangupBy = Failed, ReasonLiveKitUnavailable, PartySystem
	case e.Dial.LastStatus == LegRinging || e.Left != nil && e.Left.Status == LegRinging: // somebody saw it ring, and then it was gone
		o.Reason, o.SIPCode, o.HangupBy = ReasonNoAnswer, code(408), PartySystem
	default:
		o.CallStatus, o.Reason, o.HangupBy = Failed, ReasonDialStateUnknown, PartySystem
	}
	return o
}

// rangForNobody reports whether LiveKit gave up at the ring timeout a leg that the carrier had not even let ring: what the dial's own
// reply would have told as DialRangOut with LegDialing. Before the timeout, the same words tell of a refusal such as 480.
func (e Evidence) rangForNobody() bool {
	return e.Left != nil && e.Left.Reason == LeaveUnavailable && e.Left.Status == LegDialing && e.RingTimeout > 0 &&
		e.Left.At.Sub(e.Dial.StartedAt) >= e.RingTimeout-time.Second
}

func (r Request) party() Party {
	if r.Source == SourceOperator {
		return PartyOperator
	}
	return PartyAgent
}

func code(c int) *int { return &c }

func wholeSeconds(from, to time.Time) int {
	if from.IsZero() || to.Before(from) {
		return 0
	}
	return int(to.Sub(from) / time.Second)
}
