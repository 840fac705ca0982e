package activities

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
)

const (
	// ledgerFew is how many calls without a workflow the ledger ends without asking anybody, and ledgerPart how many of the live
	// ones: when more seem to be gone, it is likelier that the ledger is mistaken than that they are.
	ledgerFew  = 20
	ledgerPart = 10 // one in ten
	// ledgerAgain is how much later a second look must be, to be a second sign.
	ledgerAgain = 30 * time.Second
)

// errTalking and errUnhosted are why a call is not ended yet.
var (
	errTalking  = errors.New("agent and customer are both in its room; a later check ends it if its workflow is still gone")
	errUnhosted = errors.New("the LiveKit server of its room does not answer; a later check ends it if its workflow is still gone")
)

// gone asks Temporal for suspects one by one and returns how those stand that do not run, and how many of them have lost their
// workflow: one that completed is no reason to doubt Temporal. It takes at most half of the time that the
// check has, and those that it does not come to count as lost.
func (c *ledgerCheck) gone(ctx context.Context, suspects []call.ID) (gone []call.ID, fates map[call.ID]Fate, lost int, err error) {
	var mu sync.Mutex
	fates = map[call.ID]Fate{}
	half := time.Now().Add(time.Until(c.until) / 2)
	asked, err := each(ctx, c, suspects, half, func(ctx context.Context, id call.ID) error {
		fate, err := c.Temporal.FateOfCall(ctx, id)
		if err != nil {
			return err
		}
		if fate.Running {
			c.looked(string(id), nil, false, &c.found.CallsEnded)
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		gone, fates[id] = append(gone, id), fate
		if !fate.Completed {
			lost++
		}
		return nil
	})
	return gone, fates, lost + len(suspects) - asked, err
}

// holds decides whether so many calls may be ended as seem to be gone, and pulls the brake or lets it go. With an error nothing may
// be ended either.
func (c *ledgerCheck) holds(ctx context.Context, gone, live int) (bool, error) {
	brake, err := c.Store.LedgerBrake(ctx)
	switch {
	case err != nil:
		return true, err
	case gone <= max(ledgerFew, live/ledgerPart):
		if brake.HeldSince == nil {
			return false, nil
		}
		return false, c.Store.FreeLedger(ctx)
	case brake.Released(time.Now()):
		c.Log.Warn().Int("calls", gone).Str("released_by", brake.ReleasedBy).Msg("ending many calls without a workflow, as an operator said")
		return false, nil
	}
	c.held, c.heldOf = gone, live
	return true, c.Store.HoldLedger(ctx, time.Now(), gone, live)
}

// talking returns errTalking while both sides are in a call's room, or errUnhosted while the room's server does not answer, and the call's
// workflow was not missed by an earlier check: two who may talk are not parted on one sign. A server that died keeps its rooms on LiveKit's
// list for ever.
func (c *ledgerCheck) talking(ctx context.Context, id call.ID) error {
	room, err := c.Calling.Rooms.Look(ctx, id)
	wait := errTalking
	switch {
	case errors.Is(err, livekit.ErrUnhosted):
		wait = errUnhosted
	case err != nil:
		return fmt.Errorf("look into its room: %w", err)
	case !room.Agent || room.Leg == call.LegUnknown || room.Leg.Absent():
		return nil
	}
	now := time.Now()
	first, err := c.Store.MissWorkflow(ctx, id, now)
	if errors.Is(err, store.ErrNotFound) { // it ended in this moment
		return nil
	}
	if err == nil && now.Sub(first) < ledgerAgain {
		err = wait
	}
	return err
}
