package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
)

const (
	// replyOnItsWay is how long the dial's reply may come after LiveKit's event that the leg has left: both say how the dial ended.
	replyOnItsWay = 2 * time.Second
	// legGrace is how long a leg that left without a goodbye may take to come back, and how long a LiveKit that does not answer is
	// left alone. A session that LiveKit restarts is back within a second; after an outage of the network it takes longer.
	legGrace = 15 * time.Second
)

// longestBlind bounds how long a LiveKit that does not answer is left alone: the wait doubles.
const longestBlind = 2 * time.Minute

// legRun is what a call knows of the customer's leg beside the evidence.
//
// Word that the leg has left is a suspicion, whoever brings it: LiveKit says the same when it restarts the session of a leg whose
// phone is up, even that the leg left of its own accord. A look decides, and a second one after legGrace when the leg is absent and
// had not said goodbye. Only the clean case ends a call by itself: the session that we know, with the customer's BYE.
type legRun struct {
	suspect *call.LegLeft // the best word that the leg left, until a look decides
	lookAt  time.Time     // when to look; zero: no need
	missed  time.Time     // of the first look that missed the leg; zero: none did
	session string        // LiveKit's id of the session that a look found, "" while that is the dialed one
	reply   *call.Dial    // of the dial, as its worker had written it down
	lost    bool          // the leg is gone, and the dial's reply will not come
	blind   int           // looks in a row that LiveKit did not answer
}

// ruleOfEndings keeps calls that began under older code on it. It is asked only where the two differ.
func (c *callRun) ruleOfEndings() bool {
	return workflow.GetVersion(c.ctx, "one rule for endings", workflow.DefaultVersion, 1) == 1
}

func (c *callRun) onLegLeft(left call.LegLeft) {
	if c.waits { // nobody was dialed yet
		return
	}
	if c.clean(left) || !c.ruleOfEndings() {
		c.believe(left)
		return
	}
	if !left.Better(c.leg.suspect) {
		return
	}
	c.leg.suspect = &left
	at := workflow.Now(c.ctx)
	if c.evidence.Dial.State == call.DialNone {
		at = at.Add(replyOnItsWay)
	}
	if c.leg.lookAt.IsZero() || at.Before(c.leg.lookAt) {
		c.leg.lookAt = at
	}
}

// clean reports whether left is the customer's BYE, said by the session of the leg that we know.
func (c *callRun) clean(left call.LegLeft) bool {
	byItself := left.Reason == call.LeaveOrdinary || left.Source == call.SourcePoll
	return left.Status == call.LegHangup && byItself && c.ours(left.SID)
}

func (c *callRun) ours(sid string) bool {
	known := c.leg.session
	if known == "" {
		known = c.evidence.Dial.LegSID
	}
	return sid == "" || known == "" || sid == known
}

// believe counts left as the end of the leg. Under older code, an event of another session than the dialed one needed a look.
func (c *callRun) believe(left call.LegLeft) {
	if dialed := c.evidence.Dial.LegSID; c.leg.session == "" && dialed != "" && left.SID != "" && left.SID != dialed {
		c.legUnclear = true
		return
	}
	if left.Better(c.evidence.Left) {
		c.evidence.Left = &left
	}
}

// legAnswered judges again what was heard before the answer: it may be of an earlier session.
func (c *callRun) legAnswered() {
	if bye := c.evidence.Dial.ByeAt; bye != nil {
		c.evidence.Left = &call.LegLeft{At: *bye, Reason: call.LeaveOrdinary, Status: call.LegHangup, Source: call.SourceDial}
		return
	}
	early := c.evidence.Left
	if early != nil && !c.ours(early.SID) && c.ruleOfEndings() {
		c.evidence.Left, c.leg.suspect = nil, early
	}
	if c.leg.suspect != nil {
		c.leg.lookAt = workflow.Now(c.ctx)
	}
}

// lookForLeg decides on a suspicion.
func (c *callRun) lookForLeg() {
	word := c.leg.suspect
	c.leg.lookAt = time.Time{}
	if word == nil {
		return
	}
	dialing := c.evidence.Dial.State == call.DialNone
	var seen activities.LegSeen
	ctx := c.local(5*time.Second, "is the customer there?")
	err := workflow.ExecuteLocalActivity(ctx, calling.LookForLeg,
		activities.LookForLegInput{CallID: c.in.CallID, Dialing: dialing, Answered: c.evidence.Dial.State == call.DialAnswered,
			NoServer: word.Status == call.LegNoRoom}).Get(ctx, &seen)
	now := workflow.Now(c.ctx)
	switch {
	case c.evidence.Left != nil: // a goodbye came meanwhile
	case err != nil || seen.Leg == call.LegUnknown:
		c.leg.lookAt = now.Add(min(legGrace<<c.leg.blind, longestBlind))
		c.leg.blind = min(c.leg.blind+1, 3)
		return
	case seen.Reply != nil: // the worker that dialed had written it down and died
		c.evidence.Dial, c.leg.lost = *seen.Reply, true
	case !seen.Leg.Absent():
		c.legStays(seen.SID)
	case goodbye(*c.leg.suspect, seen.Leg) || !c.leg.missed.IsZero() && now.Sub(c.leg.missed) >= legGrace:
		c.legIsGone(dialing)
	default:
		if c.leg.missed.IsZero() {
			c.leg.missed = now
			c.note(call.SourceRoom, "customer_missing", "not in the room; looking again")
		}
		c.leg.lookAt = c.leg.missed.Add(legGrace)
	}
	c.leg.blind = 0
}

// goodbye reports whether the leg went for good, given that a look misses it: the far end said so, or its room is no more. LiveKit's
// "of its own accord" is none: its SIP service says that too when it restarts a session.
func goodbye(left call.LegLeft, seen call.LegStatus) bool {
	switch left.Reason {
	case call.LeaveRejected, call.LeaveUnavailable, call.LeaveTrunk, call.LeaveMedia:
		return true
	default:
		return left.Status == call.LegHangup || left.Status == call.LegNoRoom && seen == call.LegNoRoom
	}
}

// legStays ends a suspicion: the leg is there, perhaps in a new session, whose events count from now on.
func (c *callRun) legStays(session string) {
	c.leg.suspect, c.leg.missed, c.leg.session = nil, time.Time{}, session
	c.note(call.SourceRoom, "customer_there", "LiveKit had only restarted the leg's session")
}

// legIsGone confirms a suspicion. While the dial is under way it also says that its reply is lost.
func (c *callRun) legIsGone(dialing bool) {
	c.evidence.Left, c.leg.suspect = c.leg.suspect, nil
	if dialing {
		c.leg.lost = true
		c.note(call.SourceRoom, "dial_lost", "the leg has left, and LiveKit does not say how the dial ended")
	}
}

// lastWord settles a suspicion when the call ends for another reason: our look, just before we deleted the room, is the second sign.
func (c *callRun) lastWord() {
	word := c.leg.suspect
	if word == nil || !word.Better(c.evidence.Left) {
		return
	}
	seen := c.evidence.LegAtHangUp
	if !seen.Absent() && (seen != call.LegUnknown || !goodbye(*word, call.LegGone)) {
		return
	}
	c.evidence.Left, c.leg.suspect = word, nil
}
