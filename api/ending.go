package api

import (
	"context"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/click2call/click2call/call"
)

const (
	endingTimeout = 300 * time.Millisecond
	// endsWithin is how long it is waited for a call to show in the database that it ends, before one more signal is sent; endingLook
	// how often that is looked for.
	endsWithin = 250 * time.Millisecond
	endingLook = 25 * time.Millisecond
	// toldLately is how long ago a call may have been told to end for that to be expected.
	toldLately = 2 * time.Second
)

// ending reports whether a call is known to be ending already. The snippet's own /hangup and LiveKit's words on a room that
// empties come in just then, and each signal would send the workflow through its last task once more. A store that does
// not say so at once holds nothing up.
func (a *API) ending(ctx context.Context, id call.ID) bool {
	ctx, cancel := context.WithTimeout(ctx, endingTimeout)
	defer cancel()
	ending, err := a.Store.Ending(ctx, id)
	return err == nil && ending
}

// soonEnding reports whether a call shows within a moment that it is ending.
func (a *API) soonEnding(ctx context.Context, id call.ID) bool {
	ctx, cancel := context.WithTimeout(ctx, endsWithin)
	defer cancel()
	look := time.NewTicker(endingLook)
	defer look.Stop()
	for !a.ending(ctx, id) {
		select {
		case <-look.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// superfluous reports whether word from the room changes nothing any more. That the agent has left may be told a moment later; and so
// may the customer's own goodbye when a /hangup came first: the call looks for itself who was gone.
func (a *API) superfluous(ctx context.Context, id call.ID, e call.RoomEvent) bool {
	switch {
	case e.Reason == call.LeaveReplaced: // a newer session of the same participant took over
		return true
	case a.ending(ctx, id):
		return true
	case e.Participant == call.ParticipantAgent, goodbye(e) && lately(a.told.hangUps, id, a.Now()):
		return a.soonEnding(ctx, id)
	default:
		return false
	}
}

// goodbye reports whether a call ends by this word alone: the customer's BYE.
func goodbye(e call.RoomEvent) bool {
	return e.Participant == call.ParticipantCustomer && e.Status == call.LegHangup && e.Reason == call.LeaveOrdinary
}

// told remembers which calls this process has told that they end, and by what word. It saves signals, nothing more: who is not
// remembered, or does not end after all, is signalled.
type told struct {
	hangUps, goodbyes *lru.Cache[call.ID, time.Time]
}

func newTold() told {
	return told{newLRU[call.ID, time.Time](limitedKeys), newLRU[call.ID, time.Time](limitedKeys)}
}

func lately(told *lru.Cache[call.ID, time.Time], id call.ID, now time.Time) bool {
	at, ok := told.Get(id)
	return ok && now.Sub(at) < toldLately
}
