package activities

import (
	"cmp"
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/click2call/click2call/call"
)

const (
	// goneAfter is how many looks in a row must miss the leg before it counts as gone: LiveKit's list may lag. legGrace is how long one
	// that was seen to ring must be missed: LiveKit may be restarting its session.
	goneAfter = 3
	legGrace  = 15 * time.Second
	// ringSlack is how much before the ring timeout a leg that goes may have rung out: clocks differ, looks are coarse.
	ringSlack = time.Second
	// stuckAfter is how long after the ring timeout a leg that still stands as it began cannot end by itself any more.
	stuckAfter = 5 * time.Second
	// findLegMargin is how long after the ring timeout the search goes on while LiveKit cannot be reached.
	findLegMargin = 60 * time.Second
)

// FindLegInput names the call whose dial lost its reply.
type FindLegInput struct {
	CallID      call.ID       `json:"call_id"`
	StartedAt   time.Time     `json:"started_at"` // when the dial was scheduled
	RingTimeout time.Duration `json:"ring_timeout"`
}

// FindLeg goes on where a lost dial stopped: it looks into the room until the customer's leg is answered or
// gone. It never dials.
//
// What the lost dial had written down counts without a look, and so does that the call waits for a line (DialQueued). A leg that goes when the ring timeout is due has rung out (DialRangOut): LiveKit cancels the INVITE then by itself.
// One that was seen to ring and is missing before that may come back within 15 s: LiveKit restarts sessions.
// One that still stands as it began long after that has no connection to its carrier (DialRangOut with LegDialing).
//
// Read-only, so idempotent and tried again without limit; it heartbeats every 3 s. It ends at the latest
// RingTimeout + 60 s after the dial began; past that it reports DialUnknown.
func (a *Calling) FindLeg(ctx context.Context, in FindLegInput) (call.Dial, error) {
	stopBeating := beat(ctx)
	defer stopBeating()
	d := call.Dial{State: call.DialUnknown, StartedAt: in.StartedAt, Source: call.SourceRoom}
	deadline := in.StartedAt.Add(in.RingTimeout + findLegMargin)
	if written, ok := a.writtenDown(ctx, in.CallID, d); ok {
		return written, nil
	}
	if waiting, ok := a.queued(ctx, in.CallID); ok {
		return waiting, nil
	}
	missed, stuck, gone := 0, 0, time.Time{}
	for {
		room, err := a.Rooms.Look(ctx, in.CallID)
		d.EndedAt = time.Now().UTC()
		switch {
		case err != nil:
			d.Detail = "LiveKit could not be asked"
		case room.Leg.Answered():
			d.LegSID = room.LegSID
			return a.foundTalking(ctx, in.CallID, d), nil
		case room.Leg.Absent():
			if missed++; missed == 1 {
				gone = d.EndedAt
			}
			if missed >= goneAfter && (d.EndedAt.Sub(gone) >= a.legGrace() || d.LastStatus == call.LegUnknown || in.rangOut(gone)) {
				if written, ok := a.writtenDown(ctx, in.CallID, d); ok {
					return written, nil
				}
				return in.missing(d, gone), nil
			}
		default:
			missed = 0
			d.LastStatus = room.Leg
			if stuck++; room.Leg != call.LegDialing || d.EndedAt.Before(in.StartedAt.Add(in.RingTimeout+stuckAfter)) {
				stuck = 0
			}
			if stuck == goneAfter {
				d.State, d.Detail = call.DialRangOut, "the connection to the carrier was never ready: no reply to the INVITE, or no end of the TLS handshake"
				return d, nil
			}
		}
		if time.Now().After(deadline) {
			return d, nil
		}
		select {
		case <-ctx.Done():
			return d, ctx.Err()
		case <-activity.GetWorkerStopChannel(ctx):
			return d, context.Canceled // another worker looks on
		case <-time.After(time.Second):
		}
	}
}

// foundTalking is for a leg that is answered now.
func (a *Calling) foundTalking(ctx context.Context, id call.ID, d call.Dial) call.Dial {
	if written, ok := a.writtenDown(ctx, id, d); ok {
		return written
	}
	d.State = call.DialAnswered
	a.writeDown(ctx, id, d)
	return d
}

// writtenDown is the reply of the lost dial, if its worker lived long enough to write it down; false when not, and when
// the store cannot say.
func (a *Calling) writtenDown(ctx context.Context, id call.ID, d call.Dial) (call.Dial, bool) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if reply, err := a.Replies.DialReply(ctx, id); err == nil && reply != nil {
		return *reply, true
	}
	c, err := a.Outcomes.Call(ctx, id)
	if err != nil || c.AnsweredAt == nil {
		return call.Dial{}, false
	}
	// The dial's own word on the moment: no report of a browser's is better.
	d.State, d.EndedAt, d.Source = call.DialAnswered, *c.AnsweredAt, call.SourceDial
	return d, true
}

// rangOut reports whether a leg that is gone since a moment may have gone because the ring timeout was due.
func (in FindLegInput) rangOut(gone time.Time) bool {
	return gone.Sub(in.StartedAt) >= in.RingTimeout-ringSlack
}

func (a *Calling) legGrace() time.Duration { return cmp.Or(a.LegGrace, legGrace) }

// missing is the verdict on a leg that is not there, or not any more since gone.
func (in FindLegInput) missing(d call.Dial, gone time.Time) call.Dial {
	d.EndedAt, d.Detail = gone, "no leg in the room"
	// A leg that LiveKit takes away earlier was refused, answered and hung up, or cancelled by us: nobody here can say.
	if d.LastStatus != call.LegUnknown && in.rangOut(gone) {
		d.State, d.Detail = call.DialRangOut, "rang out while nobody had the dial result"
	}
	return d
}
