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
// ErrTypeRefused when the API has already answered 503 and deleted the row; then it deletes the room again.
func (a *Calling) OpenRoom(ctx context.Context, in OpenRoomInput) error {
	if err := a.Rooms.OpenRoom(ctx, in.CallID, in.Knobs); err != nil {
		return temporal.NewApplicationErrorWithCause("LiveKit could not open the room", ErrTypeLiveKitUnavailable, err)
	}
	err := a.Calls.AcceptCall(ctx, in.CallID, time.Now().UTC())
	if errors.Is(err, store.ErrNotFound) {
		if err := a.Rooms.CloseRoom(ctx, in.CallID); err != nil { // it closes by itself when nobody joins
			a.Log.Warn().Err(err).Str("call_id", string(in.CallID)).Msg("could not close the room of a refused call")
		}
		return temporal.NewNonRetryableApplicationError("the call was refused before its room was open", ErrTypeRefused, err)
	}
	if err != nil {
		return fmt.Errorf("accept %s: %w", in.CallID, err)
	}
	return nil
}
