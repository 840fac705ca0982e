package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// OpenRoomInput names the call whose room is to be opened.
type OpenRoomInput struct {
	CallID call.ID    `json:"call_id"`
	Knobs  call.Knobs `json:"knobs"`
}

// OpenRoom creates the call's LiveKit room and marks the call as accepted, in this order, so that an accepted
// call always has a room.
//
// Idempotent. Local activity, at most 4 s with two tries. It fails with ErrTypeLiveKitUnavailable, or with
// ErrTypeRefused when the API has already answered 503 and deleted the row, or with ErrTypeAgentBusy when the agent's other call was
// accepted first; then it deletes the room again.
func (a *Calling) OpenRoom(ctx context.Context, in OpenRoomInput) error {
	if err := a.Rooms.OpenRoom(ctx, in.CallID, in.Knobs); err != nil {
		return temporal.NewApplicationErrorWithCause("LiveKit could not open the room", ErrTypeLiveKitUnavailable, err)
	}
	err := a.Calls.AcceptCall(ctx, in.CallID, time.Now().UTC())
	if errors.Is(err, store.ErrConflict) {
		a.clearRoom(ctx, in.CallID)
		return temporal.NewNonRetryableApplicationError("the agent has another live call", ErrTypeAgentBusy, err)
	}
	if errors.Is(err, store.ErrNotFound) {
		a.clearRoom(ctx, in.CallID)
		return temporal.NewNonRetryableApplicationError("the call was refused before its room was open", ErrTypeRefused, err)
	}
	if err != nil {
		return fmt.Errorf("accept %s: %w", in.CallID, err)
	}
	return nil
}

// Withdraw takes back a call whose OpenRoom failed, its room included. It reports false when the call was accepted all the
// same, by a try whose reply was lost or by a worker that died with it: such a call stands and must get its outcome.
//
// Idempotent: accepting a call and withdrawing it exclude each other. Tried again until the store answers.
func (a *Calling) Withdraw(ctx context.Context, in CallRef) (withdrawn bool, err error) {
	withdrawn, err = a.Outcomes.RefuseCall(ctx, in.CallID)
	if err != nil {
		return false, fmt.Errorf("withdraw %s: %w", in.CallID, err)
	}
	if withdrawn {
		a.clearRoom(ctx, in.CallID)
	}
	return withdrawn, nil
}

// clearRoom deletes the room of a call that will not be. A room that stays closes by itself, because nobody joins it.
func (a *Calling) clearRoom(ctx context.Context, id call.ID) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := a.Rooms.CloseRoom(ctx, id); err != nil {
		a.Log.Warn().Err(err).Str("call_id", string(id)).Msg("could not close the room of a refused call")
	}
}
