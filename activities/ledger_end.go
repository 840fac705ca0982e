package activities

import (
	"context"
	"errors"
	"time"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// end ends a call whose workflow is gone, and reports false when it had ended by itself.
func (c *ledgerCheck) end(ctx context.Context, id call.ID, fate Fate) (bool, error) {
	found, err := c.Calling.Outcomes.Call(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && found.Outcome != nil { // its workflow ended in this moment
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := c.talking(ctx, id); err != nil {
		return false, err
	}
	room, err := c.Calling.HangUp(ctx, HangUpInput{CallID: id})
	if err == nil && !room.Closed {
		err = errors.New("its room could not be deleted")
	}
	if err != nil {
		return false, err
	}
	// The end of the dial may only just have been written down.
	if found, err = c.Calling.Outcomes.Call(ctx, id); err != nil {
		return false, err
	}
	reply, err := c.Calling.Replies.DialReply(ctx, id)
	if err != nil {
		return false, err
	}
	a := call.Abandoned{Call: found, Reply: reply, Leg: room.Leg, Terminated: fate.Terminated, GoneAt: fate.ClosedAt, ClosedAt: time.Now().UTC()}
	_, err = c.Calling.Record(ctx, RecordInput{CallID: id, Outcome: call.Classify(a.Evidence()), ConnectedAt: found.ConnectedAt,
		Timeline: a.Timeline(fate.words())})
	return err == nil, err
}

func (f Fate) words() string {
	switch {
	case f.Terminated:
		return "an operator terminated the call's workflow; the ledger ended the call"
	case f.ClosedAt.IsZero():
		return "Temporal does not have the call's workflow any more; the ledger ended the call"
	default:
		return "the call's workflow ended without an outcome; the ledger ended the call"
	}
}

// restart starts a delivery again, and reports false when it came to its end in this moment.
func (c *ledgerCheck) restart(ctx context.Context, d store.WaitingDelivery) (bool, error) {
	delivery, err := c.Delivering.Deliveries.Delivery(ctx, d.EventID)
	if err != nil {
		return false, err
	}
	if delivery.State != store.DeliveryPending {
		return false, nil
	}
	if err := c.Delivering.Workflows.Resume(ctx, d.EventID); err != nil {
		return false, err
	}
	c.Log.Warn().Str("call_id", string(d.CallID)).Str("event_id", d.EventID).Msg("started a delivery whose workflow was gone")
	return true, nil
}

// watchHeld makes sure that somebody watches over the endpoints that are held back, and drains those that are well again.
func (d *Delivering) watchHeld(ctx context.Context) error {
	waiting, err := d.Endpoints.WaitingEndpoints(ctx)
	if err != nil {
		return err
	}
	for _, e := range waiting {
		if e.Held {
			err = d.Workflows.WatchEndpoint(ctx, d.watchpoint(e.ID, e.Hold))
		} else {
			err = d.Workflows.EndpointWell(ctx, e.ID, e.Hold)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
