package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
)

// probesPerRun is how many probes a run makes before it continues as new, so that a CRM may be away for months.
const probesPerRun = 100

// WatchEndpointInput starts a WatchEndpoint.
type WatchEndpointInput struct {
	activities.Watchpoint

	Probes int  `json:"probes,omitempty"` // made by earlier runs of the same watch
	Look   bool `json:"look,omitempty"`   // an earlier run was told to look, and ended before it did
}

// WatchEndpoint lives as long as an endpoint's deliveries are held back. It probes the endpoint with a parked delivery,
// ever more seldom; when a probe succeeds, or anybody else's attempt, it has the parked deliveries posted, oldest first, at a
// capped rate. It never drops one, and never gives the endpoint up. Its steps are activities that may run twice. Its task
// queue is its own: it must not wait behind what it watches over.
func WatchEndpoint(ctx workflow.Context, in WatchEndpointInput) error {
	well := SignalEndpointWell.channel(ctx)
	if len(in.Waits) == 0 {
		return temporal.NewNonRetryableApplicationError("waits: at least one is needed", "invalid", nil)
	}
	for range probesPerRun {
		if err := untilProbe(ctx, in, well); err != nil {
			return err
		}
		in.Look = false
		drain := activities.DrainInput{Watchpoint: in.Watchpoint}
		held, err := probe(ctx, in, &drain)
		if err != nil {
			return err
		}
		if held {
			in.Probes++
			continue
		}
		for well.ReceiveAsync(nil) { // the drain that begins now is what they ask for
		}
		if err := drainEndpoint(ctx, drain); err != nil || !well.ReceiveAsync(nil) {
			return err
		}
		in.Look = true // somebody has parked one more since
	}
	in.Look = well.ReceiveAsync(nil) || in.Look
	return workflow.NewContinueAsNewError(ctx, WatchEndpoint, in)
}

// untilProbe waits for the time of the next probe, or for the news that the endpoint is well.
func untilProbe(ctx workflow.Context, in WatchEndpointInput, well workflow.ReceiveChannel) error {
	if in.Look {
		return nil
	}
	wait := in.Waits[min(in.Probes, len(in.Waits)-1)]
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("The endpoint `%s` is held back; its deliveries are parked. %d probes were made, the next one comes in %s.",
		in.EndpointID, in.Probes, wait))
	timerCtx, stop := workflow.WithCancel(ctx)
	defer stop()
	selector := workflow.NewSelector(ctx)
	selector.AddReceive(well, func(c workflow.ReceiveChannel, _ bool) { c.Receive(ctx, nil) })
	selector.AddFuture(workflow.NewTimerWithOptions(timerCtx, wait, workflow.TimerOptions{Summary: "until the next probe"}), func(workflow.Future) {})
	selector.Select(ctx)
	return ctx.Err()
}

// probe tries the endpoint, unless it is paused, and reports whether it is still held back.
func probe(ctx workflow.Context, in WatchEndpointInput, drain *activities.DrainInput) (held bool, err error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           TaskQueueEndpoints,
		StartToCloseTimeout: attemptFor,
		HeartbeatTimeout:    attemptSilence,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute,
			MaximumAttempts: 1_000_000},
		Summary: "probe the endpoint with a parked delivery",
	})
	var next activities.Probe
	choose := workflow.WithHeartbeatTimeout(ctx, 0)
	if err := workflow.ExecuteActivity(choose, delivering.NextProbe, in.Watchpoint).Get(ctx, &next); err != nil || !next.Held || next.EventID == "" {
		return next.Held, err
	}
	if next.Number == 0 { // chosen by an older version
		next.Number, next.Pending = in.Probes+1, true
	}
	// The number is the store's: a watch that was ended and started anew must not take an earlier probe for its own.
	with := activities.ReplayInput{EventID: next.EventID, ReplayID: fmt.Sprintf("probe-%d-%d", in.Hold, next.Number)}
	var result activities.ReplayResult
	if err := workflow.ExecuteActivity(ctx, delivering.ProbeEndpoint, with).Get(ctx, &result); err != nil {
		return false, err
	}
	if result.State != activities.Delivered {
		return true, nil
	}
	if next.Pending {
		drain.Probed = with
	}
	return false, nil
}

func drainEndpoint(ctx workflow.Context, in activities.DrainInput) error {
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("The endpoint `%s` is well; its parked deliveries are being posted, oldest first.", in.EndpointID))
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           TaskQueueEndpoints,
		StartToCloseTimeout: 24 * time.Hour,
		HeartbeatTimeout:    attemptSilence,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute,
			MaximumAttempts: 1_000_000},
		Summary: "post the parked deliveries, oldest first",
	})
	return workflow.ExecuteActivity(ctx, delivering.DrainEndpoint, in).Get(ctx, nil)
}
