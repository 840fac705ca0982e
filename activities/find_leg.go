package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/click2call/click2call/call"
)

const (
	// goneAfter is how many looks in a row must miss the leg before it counts as gone: LiveKit's list may lag.
	goneAfter = 3
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
// Read-only, so idempotent and tried again without limit; it heartbeats every 3 s. It ends at the latest
// RingTimeout + 60 s after the dial began; past that it reports DialUnknown.
func (a *Calling) FindLeg(ctx context.Context, in FindLegInput) (call.Dial, error) {
	stopBeating := beat(ctx)
	defer stopBeating()
	d := call.Dial{State: call.DialUnknown, StartedAt: in.StartedAt, Source: call.SourceRoom}
	deadline := in.StartedAt.Add(in.RingTimeout + findLegMargin)
	missed := 0
	for {
		room, err := a.Rooms.Look(ctx, in.CallID)
		d.EndedAt = time.Now().UTC()
		switch {
		case err != nil:
			d.Detail = "LiveKit could not be asked"
		case room.Leg.Answered():
			d.State = call.DialAnswered
			a.beside(ctx, in.CallID, "answered", func(ctx context.Context) error {
				return a.Calls.MarkAnswered(ctx, in.CallID, d.EndedAt)
			})
			return d, nil
		case room.Leg.Absent():
			if missed++; missed == goneAfter {
				d.Detail = "no leg in the room"
				return d, nil
			}
		default:
			missed = 0
			d.LastStatus = room.Leg
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
