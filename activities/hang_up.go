package activities

import (
	"context"
	"time"

	"github.com/click2call/click2call/call"
)

// CallRef names a call.
type CallRef struct {
	CallID call.ID `json:"call_id"`
}

// HangUpInput names the call to hang up.
type HangUpInput struct {
	CallID  call.ID `json:"call_id"`
	Dialing bool    `json:"dialing,omitempty"` // its dial has not returned: the customer's leg may be about to join the room
}

// HangUpResult is what HangUp saw and did.
type HangUpResult struct {
	Leg    call.LegStatus `json:"leg,omitempty"`    // the customer's leg just before the room was first deleted
	Seen   call.LegStatus `json:"seen,omitempty"`   // the customer's leg now
	Closed bool           `json:"closed,omitempty"` // the room is gone
	Reply  *call.Dial     `json:"reply,omitempty"`  // of the dial, when its worker had written it down; only while dialing
}

// HangUp looks at the customer's leg, which tells who hung up, and then deletes the room, which ends every leg.
//
// Idempotent: the first look is kept in the store, so that a second run after a crash, when the room is already
// empty, does not take the agent's hang-up for the customer's. A store that is down costs only that memory.
// A leg that is about to join is waited for, 1.5 s at most.
// Local activity, 5 s. It does not fail when LiveKit does: Closed is false, and CloseRoom must insist.
func (a *Calling) HangUp(ctx context.Context, in HangUpInput) (HangUpResult, error) {
	leg, joining := call.LegUnknown, false
	look, cancel := context.WithTimeout(ctx, time.Second)
	if room, err := a.Rooms.Look(look, in.CallID); err == nil {
		leg, joining = room.Leg, in.Dialing && room.Leg == call.LegGone
	}
	seen := leg
	cancel()
	keep, cancel := context.WithTimeout(ctx, time.Second)
	if first, err := a.Outcomes.KeepLegAtHangUp(keep, in.CallID, leg); err == nil {
		leg = first
	}
	cancel()
	if joining { // after the store was told, which gives no dial away any more
		a.awaitLeg(ctx, in.CallID)
	}
	result := HangUpResult{Leg: leg, Seen: seen}
	if in.Dialing && seen.Absent() {
		if written, ok := a.writtenDown(ctx, in.CallID, call.Dial{Source: call.SourceRoom}); ok {
			result.Reply = &written
		}
	}
	closing, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	err := a.Rooms.CloseRoom(closing, in.CallID)
	if err != nil {
		a.Log.Warn().Err(err).Str("call_id", string(in.CallID)).Msg("could not delete the room yet")
	}
	result.Closed = err == nil
	return result, nil
}

const (
	legJoinsIn = 1500 * time.Millisecond // from the dial, on a busy machine; 50 to 100 ms on a quiet one
	legLooks   = 100 * time.Millisecond
)

// awaitLeg waits until the leg that is being dialed has joined the room, or the dial is over. A leg that joins while its room is
// being deleted can end up in a room that LiveKit has forgotten: nobody can delete that one, and a phone rings for nobody
// (livekit-server v1.11.0: pkg/service/roommanager.go, getOrCreateRoom puts the new room where deleteRoom removes the old one).
func (a *Calling) awaitLeg(ctx context.Context, id call.ID) {
	ctx, cancel := context.WithTimeout(ctx, legJoinsIn)
	defer cancel()
	for ctx.Err() == nil {
		pause(ctx, legLooks)
		if room, err := a.Rooms.Look(ctx, id); err == nil && !room.Leg.Absent() {
			return
		}
		if _, over := a.writtenDown(ctx, id, call.Dial{}); over {
			return
		}
	}
}

// CloseRoom deletes the call's room. Idempotent; tried again until the room is gone.
func (a *Calling) CloseRoom(ctx context.Context, in CallRef) error {
	return a.Rooms.CloseRoom(ctx, in.CallID)
}

// LookForAgent reports whether the agent is in the room. Read-only; local activity, 3 s. It fails when LiveKit
// cannot be asked: not knowing is not the same as being gone.
func (a *Calling) LookForAgent(ctx context.Context, in CallRef) (bool, error) {
	room, err := a.Rooms.Look(ctx, in.CallID)
	return room.Agent, err
}

// LookForCustomer reports how the customer's leg stands, for calls that began before [Calling.LookForLeg]. Read-only; local activity, 3 s.
func (a *Calling) LookForCustomer(ctx context.Context, in CallRef) (call.LegStatus, error) {
	room, err := a.Rooms.Look(ctx, in.CallID)
	return room.Leg, err
}
