package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/click2call/click2call/call"
)

// RecordInput is a call's outcome and the evidence behind it.
type RecordInput struct {
	CallID      call.ID      `json:"call_id"`
	Outcome     call.Outcome `json:"outcome"`
	ConnectedAt *time.Time   `json:"connected_at,omitempty"`
	Timeline    []call.Entry `json:"timeline"`
}

// Record writes the outcome together with its delivery, in one transaction, and starts the Deliver workflow.
//
// It returns the outcome that stands. Idempotent: the first outcome stays, the delivery is unique by event id and so is
// its workflow. It is first tried as a local activity (5 s), then as an activity without limit of tries: the outcome insists.
func (a *Calling) Record(ctx context.Context, in RecordInput) (call.Outcome, error) {
	c, err := a.Outcomes.Call(ctx, in.CallID)
	if err != nil {
		return call.Outcome{}, fmt.Errorf("read %s: %w", in.CallID, err)
	}
	body, err := call.NewPayload(c, in.Outcome)
	if err != nil {
		return call.Outcome{}, err
	}
	recorded, err := a.Outcomes.RecordOutcome(ctx, in.CallID, in.Outcome, in.ConnectedAt, in.Timeline, body)
	if err != nil {
		return call.Outcome{}, fmt.Errorf("record outcome of %s: %w", in.CallID, err)
	}
	if err := a.Temporal.StartDelivery(ctx, in.CallID.EventID(), in.CallID); err != nil {
		return call.Outcome{}, fmt.Errorf("start delivery of %s: %w", in.CallID, err)
	}
	if !recorded {
		return a.standing(ctx, in.CallID)
	}
	a.observe(c, in)
	a.Log.Info().Str("call_id", string(in.CallID)).Str("call_status", string(in.Outcome.CallStatus)).
		Str("reason", string(in.Outcome.Reason)).Any("sip_status", in.Outcome.SIPCode).
		Int("duration_seconds", in.Outcome.DurationSeconds).Msg("call ended")
	return in.Outcome, nil
}

// standing is the outcome that somebody else recorded, perhaps only just now.
func (a *Calling) standing(ctx context.Context, id call.ID) (call.Outcome, error) {
	c, err := a.Outcomes.Call(ctx, id)
	if err == nil && c.Outcome == nil {
		err = errors.New("it has none yet")
	}
	if err != nil {
		return call.Outcome{}, fmt.Errorf("read the outcome of %s: %w", id, err)
	}
	return *c.Outcome, nil
}
