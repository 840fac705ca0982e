package activities

import (
	"context"
	"errors"
	"time"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

// restoreWithin leaves a look that has found the leg most of its time.
const restoreWithin = 2 * time.Second

// LookForLegInput names a call whose customer's leg is said to have left.
type LookForLegInput struct {
	CallID   call.ID `json:"call_id"`
	Dialing  bool    `json:"dialing,omitempty"`   // its dial has not returned
	Answered bool    `json:"answered,omitempty"`  // the customer has answered
	NoServer bool    `json:"no_server,omitempty"` // the Watch has found for long that no LiveKit server has the room
}

// LegSeen is what a look for the customer's leg found.
type LegSeen struct {
	Leg   call.LegStatus `json:"leg,omitempty"`
	SID   string         `json:"sid,omitempty"`   // LiveKit's id of the leg's session
	Reply *call.Dial     `json:"reply,omitempty"` // of the dial, when its worker had written it down; only while dialing
}

// LookForLeg reports how the customer's leg stands. It fails when LiveKit cannot be asked: not knowing is not the same as being gone;
// but that no server has the room, once more, confirms the Watch.
//
// The leg of a call that was answered is made whole, where it is there: in a session that LiveKit restarted it does not hear the agent.
//
// Side effect: that, which may be done twice. Local activity, 5 s.
func (a *Calling) LookForLeg(ctx context.Context, in LookForLegInput) (LegSeen, error) {
	room, err := a.Rooms.Look(ctx, in.CallID)
	if in.NoServer && errors.Is(err, livekit.ErrUnhosted) {
		return LegSeen{Leg: call.LegNoRoom}, nil
	}
	seen := LegSeen{Leg: room.Leg, SID: room.LegSID}
	if err == nil && in.Dialing && seen.Leg.Absent() {
		if written, ok := a.writtenDown(ctx, in.CallID, call.Dial{Source: call.SourceRoom}); ok {
			seen.Reply = &written
		} else if a.betweenTrunks(ctx, in.CallID) {
			seen.Leg = call.LegUnknown // what left is an earlier attempt's: the worker that dials says more, or Temporal that it died
		}
	}
	if err == nil && in.Answered && !seen.Leg.Absent() {
		a.restore(ctx, in.CallID)
	}
	return seen, err
}

// restore may fail: the call goes on, and what the look found stands.
func (a *Calling) restore(ctx context.Context, id call.ID) {
	ctx, cancel := context.WithTimeout(ctx, restoreWithin)
	defer cancel()
	held, err := letHear(ctx, a.Calls, a.Rooms, id, func() error { return a.Rooms.RestoreLeg(ctx, id, true) })
	if err == nil && held {
		err = a.Rooms.RestoreLeg(ctx, id, false) // its keeper lets them hear each other when that ends
	}
	if err != nil {
		a.Log.Warn().Err(err).Str("call_id", string(id)).Msg("since LiveKit restarted the leg's session the customer may not hear the agent")
	}
}

// betweenTrunks reports whether a dial that has no reply yet goes on through another trunk.
func (a *Calling) betweenTrunks(ctx context.Context, id call.ID) bool {
	attempts, err := a.Calls.DialAttempts(ctx, id)
	return err == nil && len(attempts) > 0 && (len(attempts) > 1 || !attempts[0].EndedAt.IsZero())
}
