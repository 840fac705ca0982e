package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/store"
)

// ReplayInput names an outcome and the replay that it belongs to.
type ReplayInput struct {
	EventID  string `json:"event_id"`
	ReplayID string `json:"replay_id"`
}

// ReplayResult is what came of a replay's attempt.
type ReplayResult struct {
	State  DeliverState `json:"state"`            // Delivered or Refused
	Reason string       `json:"reason,omitempty"` // why it was refused
	After  DeliverState `json:"after"`            // where the delivery stands now: also Dead, Parked, or "pending"
}

// ReplayOnce makes one attempt outside the schedule, for a replay.
//
// Side effect: one POST. It is made once for each event and replay: when the attempt has been written down, a second run
// returns its result. It does not look at the breaker: whoever replays wants to know. Time limit 60 s; it heartbeats.
func (d *Delivering) ReplayOnce(ctx context.Context, in ReplayInput) (ReplayResult, error) {
	defer beat(ctx)()
	result, err := d.extraAttempt(ctx, in, store.TriggerReplay)
	if isType(err, ErrTypeNoEndpoint) { // whoever replays wants to know now
		delivery, err := d.Deliveries.Delivery(ctx, in.EventID)
		return ReplayResult{State: Refused, Reason: "no webhook URL is set", After: DeliverState(delivery.State)}, err
	}
	if isType(err, ErrTypeEndpointRemoved) {
		delivery, err := d.Deliveries.Delivery(ctx, in.EventID)
		return ReplayResult{State: Refused, Reason: removedEndpoint, After: DeliverState(delivery.State)}, err
	}
	return result, err
}

// maxReplayID is how long the id of a replay may be, in bytes: the store keeps no longer one.
const maxReplayID = 128

// checkReplay refuses what could not be written down after the POST.
func checkReplay(in ReplayInput) error {
	if in.ReplayID == "" || len(in.ReplayID) > maxReplayID || !utf8.ValidString(in.ReplayID) || strings.ContainsRune(in.ReplayID, 0) {
		return temporal.NewNonRetryableApplicationError(
			fmt.Sprintf("the id of a replay must have 1 to %d bytes of text; nothing was sent", maxReplayID), ErrTypeInvalidReplay, nil)
	}
	return nil
}

// extraAttempt makes one attempt outside the schedule.
func (d *Delivering) extraAttempt(ctx context.Context, in ReplayInput, trigger store.Trigger) (ReplayResult, error) {
	if err := checkReplay(in); err != nil {
		return ReplayResult{}, err
	}
	reading, cancel := context.WithTimeout(ctx, readFor)
	defer cancel()
	delivery, err := d.Deliveries.Delivery(reading, in.EventID)
	if err != nil {
		return ReplayResult{}, unknownEvent(err, in.EventID)
	}
	earlier, err := d.Deliveries.AttemptOfReplay(reading, in.EventID, in.ReplayID)
	if err == nil {
		return replayResult(delivery, earlier.ErrorClass, earlier.Error), nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return ReplayResult{}, fmt.Errorf("look for replay %s of %s: %w", in.ReplayID, in.EventID, err)
	}
	settings, err := d.Settings.Get(reading)
	if err != nil {
		return ReplayResult{}, fmt.Errorf("read the settings: %w", err)
	}
	n := delivery.Replays + 1
	if trigger == store.TriggerProbe {
		n = delivery.Probes + 1
	}
	m, err := d.attempt(ctx, delivery, attempt{n: n, trigger: trigger, replayID: in.ReplayID,
		run: activity.GetInfo(ctx).WorkflowExecution.RunID, by: ownerOf(ctx) + "/" + in.EventID, allowHTTP: !settings.WebhookHTTPSOnly})
	if errors.Is(err, errMoved) { // a probe whose delivery came home meanwhile: its endpoint is well
		return ReplayResult{State: Delivered, After: Delivered}, nil
	}
	if err != nil {
		return ReplayResult{}, err
	}
	return replayResult(delivery, string(m.result.Class), m.result.Error), nil
}

func replayResult(delivery store.Delivery, class, reason string) ReplayResult {
	if class == "" {
		return ReplayResult{State: Delivered, After: Delivered}
	}
	return ReplayResult{State: Refused, Reason: reason, After: DeliverState(delivery.State)}
}
