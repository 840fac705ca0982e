package activities

import (
	"context"
	"errors"
	"time"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

func (r *round) lookAndTime(c *watched) {
	c.slow = r.look(r.looking, c) >= slowLook
	c.busy.Store(false) // at last: from here on the next round may have it
}

// look compares one room with what was known and signals what has changed. It returns how long LiveKit took for the first look.
func (r *round) look(ctx context.Context, c *watched) (took time.Duration) {
	at := time.Now().UTC()
	room, took, err := r.lookOnce(ctx, c.ID, 1)
	if err != nil {
		r.unseen(ctx, c, at, err)
		return took
	}
	at = time.Now().UTC()
	if room.Leg == call.LegNoRoom { // it went with the LiveKit server that could not be asked
		at = r.missed.since(c.ID, nobody, at)
	} else {
		r.missed.back(c.ID, nobody)
	}
	r.missed.back(c.ID, unhosted)
	c.answered = c.answered || room.Leg.Answered()
	if c.Status == call.StatusCreated && !c.answered {
		return took // nobody needs to be there yet
	}
	untold := !room.Agent && r.agentUntold(c)
	if (c.answered && room.Leg.Absent()) || untold {
		pause(ctx, confirmAfter)
		if room, _, err = r.lookOnce(ctx, c.ID, 0); err != nil {
			return took
		}
	}
	if !c.answered && c.Status != call.StatusQueued && r.ringingStopped(ctx, c, room, at) {
		return took
	}
	if c.answered && room.Leg.Absent() {
		r.tellLeg(ctx, c, call.RoomEvent{At: r.missed.since(c.ID, call.ParticipantCustomer, at), Status: room.Leg, SID: room.LegSID})
		return took
	}
	c.legTold = time.Time{} // what the call was told, it has found not to be so
	r.missed.back(c.ID, call.ParticipantCustomer)
	switch {
	case room.Agent:
		c.agentTold = time.Time{}
		r.missed.back(c.ID, call.ParticipantAgent)
	case untold:
		r.tellAgent(ctx, c, at)
	}
	return took
}

// unansweredFor is how long a leg that nobody answered must be missing: its dial's reply comes at once, and ends the call.
const unansweredFor = 3 * time.Second

// ringingStopped tells a call that its leg has gone without an answer, and reports whether it has. The call knows that from its dial,
// unless LiveKit cannot pass the carrier's reply on.
func (r *round) ringingStopped(ctx context.Context, c *watched, room livekit.Room, at time.Time) bool {
	if room.Leg != call.LegGone || c.rings == call.LegUnknown {
		c.rings = room.Leg
		return false
	}
	since := r.missed.since(c.ID, call.ParticipantCustomer, at)
	if at.Sub(since) >= unansweredFor {
		r.tellLeg(ctx, c, call.RoomEvent{At: since, Status: c.rings})
	}
	return true
}

func (r *round) tellLeg(ctx context.Context, c *watched, e call.RoomEvent) {
	if time.Since(c.legTold) < r.sayAgain() {
		return
	}
	e.Participant, e.Source = call.ParticipantCustomer, call.SourcePoll
	if r.signal(ctx, c.ID, e) {
		c.legTold = time.Now()
	}
}

// tellAgent tells a call that its agent is missing, since the look that first missed the agent. When it is told again that
// moment does not count any more: the call has looked since.
func (r *round) tellAgent(ctx context.Context, c *watched, at time.Time) {
	if !c.agentTold.IsZero() {
		r.missed.back(c.ID, call.ParticipantAgent)
		at = time.Now().UTC()
	}
	at = r.missed.since(c.ID, call.ParticipantAgent, at)
	if r.signal(ctx, c.ID, call.RoomEvent{At: at, Participant: call.ParticipantAgent, Source: call.SourcePoll}) {
		c.agentTold = time.Now()
	}
}

// unseen is for a room that could not be looked into. LiveKit being unreachable says nothing about the call; but when it
// answers again, again and again that no server has the room, and nobody came back to it in time, then the server that had
// it died, and the call with it.
func (r *round) unseen(ctx context.Context, c *watched, at time.Time, err error) {
	since := r.missed.since(c.ID, nobody, at)
	if !c.answered || !errors.Is(err, livekit.ErrUnhosted) {
		return
	}
	if at.Sub(r.missed.since(c.ID, unhosted, at)) >= r.deadRoom()/6 && at.Sub(since) >= r.deadRoom() {
		r.tellLeg(ctx, c, call.RoomEvent{At: since, Status: call.LegNoRoom})
	}
}

func (w *Watching) deadRoom() time.Duration {
	if w.DeadRoom == 0 {
		return DefaultDeadRoom
	}
	return w.DeadRoom
}

// lookOnce returns also how long LiveKit took. The first request of a room's first look has been waited for; all others only make the
// next rooms wait longer: who was missed is looked for again at once, whatever the rates are.
func (r *round) lookOnce(ctx context.Context, id call.ID, waited int) (room livekit.Room, took time.Duration, err error) {
	if waited == 0 {
		r.limit.Reserve()
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	ctx, made := livekit.CountRequests(ctx)
	began := time.Now()
	room, err = r.Rooms.Look(ctx, id)
	r.allowed.charge(made() - waited)
	if errors.Is(err, livekit.ErrThrottled) {
		r.allowed.throttle(time.Now())
	}
	return room, time.Since(began), err
}

func (r *round) signal(ctx context.Context, id call.ID, e call.RoomEvent) (sent bool) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := r.Temporal.RoomEvent(ctx, id, e); err != nil && !errors.Is(err, call.ErrOver) {
		if !errors.Is(err, context.Canceled) {
			r.Log.Warn().Err(err).Str("call_id", string(id)).Msg("cannot signal a change in the room; the next round will")
		}
		return false
	}
	return true
}
