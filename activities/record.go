package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// RecordInput is a call's outcome and the evidence behind it.
type RecordInput struct {
	CallID      call.ID      `json:"call_id"`
	Outcome     call.Outcome `json:"outcome"`
	ConnectedAt *time.Time   `json:"connected_at,omitempty"`
	Timeline    []call.Entry `json:"timeline"`
	// Attempts says that the workflow makes the first attempt to deliver the outcome, if Record asks for one. Without it, which
	// is the word of older workflows and of the ledger, a workflow of its own makes all of them.
	Attempts bool `json:"attempts,omitempty"`
}

// Recorded is an outcome that stands, and what its webhook says.
type Recorded struct {
	call.Outcome

	// BodySHA256 is the hex SHA-256 of the webhook's bytes; empty when another execution had recorded them.
	BodySHA256 string `json:"body_sha256,omitempty"`
	// Attempt asks the workflow for the first attempt to deliver it. An outcome that is parked needs none: it is a row, and the
	// drain of its endpoint takes it. What older versions recorded has no such word, and is replayed as it was.
	Attempt bool `json:"attempt,omitempty"`
}

func hashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// Record writes the outcome together with its delivery, in one transaction.
//
// It returns the outcome that stands. Idempotent: the first outcome stays, the delivery is unique by event id and so is
// its workflow. It is first tried as a local activity (5 s), then as an activity without limit of tries: the outcome insists. It fails for
// good with ErrTypeUnknownCall when there is no such call, and with the outcome in the error's details.
func (a *Calling) Record(ctx context.Context, in RecordInput) (Recorded, error) {
	c, err := a.Outcomes.Call(ctx, in.CallID)
	if err != nil {
		return Recorded{}, unrecorded(ctx, in, fmt.Errorf("read %s: %w", in.CallID, err))
	}
	body, err := call.NewPayload(c, in.Outcome)
	if err != nil {
		return Recorded{}, err
	}
	recorded, err := a.Outcomes.RecordOutcome(ctx, in.CallID, in.Outcome, in.ConnectedAt, in.Timeline, body)
	if err != nil {
		return Recorded{}, unrecorded(ctx, in, fmt.Errorf("record outcome of %s: %w", in.CallID, err))
	}
	attempt, err := a.sendOff(ctx, in)
	if err != nil {
		return Recorded{}, err
	}
	if !recorded {
		standing, err := a.standing(ctx, in.CallID)
		standing.Attempt = attempt
		return standing, err
	}
	a.observe(c, in)
	a.Log.Info().Str("call_id", string(in.CallID)).Str("call_status", string(in.Outcome.CallStatus)).
		Str("reason", string(in.Outcome.Reason)).Any("sip_status", in.Outcome.SIPCode).
		Int("duration_seconds", in.Outcome.DurationSeconds).Msg("call ended")
	return Recorded{Outcome: in.Outcome, BodySHA256: hashOf(body), Attempt: attempt}, nil
}

// sendOff sees to it that somebody delivers the outcome, and reports whether that is the call's workflow. That is about the default
// endpoint's only: those to other endpoints have workflows of their own, and none of them holds up the others or the call.
func (a *Calling) sendOff(ctx context.Context, in RecordInput) (attempt bool, err error) {
	deliveries, err := a.Outbox.DeliveriesOfCall(ctx, in.CallID)
	if err == nil && (len(deliveries) == 0 || deliveries[0].EventID != in.CallID.EventID()) {
		err = store.ErrNotFound
	}
	if err != nil {
		return false, fmt.Errorf("read the deliveries of %s: %w", in.CallID, err)
	}
	first := deliveries[0]
	switch {
	case first.State == store.DeliveryParked:
		a.Outbox.WatchParked(ctx, first.EndpointID)
	case first.State != store.DeliveryPending: // an earlier try's, which somebody has brought home or given up since
	case in.Attempts:
		attempt = true
	default:
		if err := a.Temporal.StartDelivery(ctx, first.EventID, in.CallID); err != nil {
			return false, fmt.Errorf("start delivery of %s: %w", in.CallID, err)
		}
	}
	for _, further := range deliveries[1:] {
		a.sendOffFurther(ctx, in.CallID, further)
	}
	return attempt, nil
}

func (a *Calling) sendOffFurther(ctx context.Context, id call.ID, further store.Delivery) {
	switch further.State {
	case store.DeliveryParked:
		a.Outbox.WatchParked(ctx, further.EndpointID)
	case store.DeliveryPending:
		if err := a.Temporal.StartDelivery(ctx, further.EventID, id); err != nil {
			a.Log.Warn().Err(err).Str("event_id", further.EventID).Msg("cannot start a delivery yet; the ledger will")
		}
	case store.DeliveryDelivered, store.DeliveryDead:
	}
}

// unknownTries is how many times in a row the database must not know the call.
const unknownTries = 3

// unrecorded makes the end of it when the database does not know the call, asked several times: it was restored from a backup that is
// older than the call. Nobody else can record this outcome, so the error holds it.
func unrecorded(ctx context.Context, in RecordInput, err error) error {
	if !errors.Is(err, store.ErrNotFound) || !activity.IsActivity(ctx) || activity.GetInfo(ctx).Attempt < unknownTries {
		return err
	}
	return temporal.NewNonRetryableApplicationError("the database does not know this call, so that its outcome cannot be recorded or delivered: "+
		in.Outcome.Words(), ErrTypeUnknownCall, err, in.Outcome)
}

// standing is the outcome that somebody else recorded, perhaps only just now.
func (a *Calling) standing(ctx context.Context, id call.ID) (Recorded, error) {
	c, err := a.Outcomes.Call(ctx, id)
	if err == nil && c.Outcome == nil {
		err = errors.New("it has none yet")
	}
	if err != nil {
		return Recorded{}, fmt.Errorf("read the outcome of %s: %w", id, err)
	}
	return Recorded{Outcome: *c.Outcome}, nil
}
