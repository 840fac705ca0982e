package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// take records the outcome that a call's workflow had reached, and that the database lost, after a failover or a restore. It never
// makes one of its own: the CRM has had that outcome, under the same event id. Nobody's room is touched: the workflow closed it.
func (c *ledgerCheck) take(ctx context.Context, id call.ID) (bool, error) {
	found, err := c.Calling.Outcomes.Call(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && found.Outcome != nil { // it was recorded in this moment
		return false, nil
	}
	if err != nil {
		return false, err
	}
	reached, err := c.Temporal.ResultOfCall(ctx, id)
	if err != nil {
		return false, err
	}
	body, err := call.NewPayload(found, reached.Outcome)
	if err != nil {
		return false, err
	}
	if reached.BodySHA256 != "" && reached.BodySHA256 != hashOf(body) {
		return false, errors.New("its webhook would have other bytes than the one that its workflow recorded")
	}
	entry := call.Entry{At: time.Now().UTC(), Source: call.SourceTimer, Name: "outcome_recovered",
		Detail: "the database had lost what the call's workflow recorded; the ledger took it from Temporal"}
	if _, err = c.Calling.Outcomes.RecordOutcome(ctx, id, reached.Outcome, found.ConnectedAt, []call.Entry{entry}, body); err != nil {
		return false, err
	}
	c.Log.Warn().Str("call_id", string(id)).Str("call_status", string(reached.CallStatus)).Str("reason", string(reached.Reason)).
		Msg("recorded the outcome of a call whose workflow had completed; the database had lost it")
	return true, c.healDelivery(ctx, store.WaitingDelivery{EventID: id.EventID(), CallID: id})
}

// taken marks a delivery as it was: its workflow, or the call's, completed with it delivered, so the CRM has the webhook.
func (c *ledgerCheck) taken(ctx context.Context, eventID string, fate Fate) (bool, error) {
	if err := c.Store.MarkDelivered(ctx, eventID, fate.ClosedAt); err != nil {
		return false, fmt.Errorf("mark as delivered: %w", err)
	}
	c.Log.Warn().Str("event_id", eventID).Msg("marked a delivery as delivered: its workflow had completed, and the database had lost it")
	return true, nil
}
