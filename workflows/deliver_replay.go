package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
)

// replay makes one attempt and reports whether the CRM took it. It neither resets nor uses up the schedule. An id that
// comes twice makes one attempt: the activity sees to that, across runs and crashes. It refuses an id that cannot be written
// down, before anything is sent.
func (d *deliverRun) replay(order converter.RawValue) bool {
	r := ReplayOrder{ID: d.nameOf(order)}
	ctx := workflow.WithActivityOptions(d.ctx, workflow.ActivityOptions{
		TaskQueue:           TaskQueueDeliveries,
		StartToCloseTimeout: attemptFor,
		HeartbeatTimeout:    attemptSilence,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second,
			MaximumAttempts: 1_000_000},
		Summary: "replay " + r.ID,
	})
	var result activities.ReplayResult
	err := workflow.ExecuteActivity(ctx, delivering.ReplayOnce, activities.ReplayInput{EventID: d.in.EventID, ReplayID: r.ID}).Get(ctx, &result)
	if err != nil {
		workflow.GetLogger(d.ctx).Warn("a replay could not be made", "event_id", d.in.EventID, "replay_id", r.ID, "error", err)
		return false
	}
	d.after, d.reason = result.After, result.Reason
	return result.State == activities.Delivered
}

// nameOf is the id of an order. Whatever Temporal's command line can send is one: what has no id gets one that is the same
// whenever this history is replayed.
func (d *deliverRun) nameOf(raw converter.RawValue) string {
	var order ReplayOrder
	if payload := raw.Payload(); payload != nil && converter.GetDefaultDataConverter().FromPayload(payload, &order) == nil && order.ID != "" {
		return order.ID
	}
	d.unnamed++
	return fmt.Sprintf("unnamed-%s-%d", workflow.GetInfo(d.ctx).WorkflowExecution.RunID, d.unnamed)
}

// serveReplays makes the replays that have been signalled by now, and reports whether the CRM took one.
func (d *deliverRun) serveReplays() (taken bool) {
	for {
		var order converter.RawValue
		if !d.replays.ReceiveAsync(&order) {
			return taken
		}
		taken = d.replay(order) || taken
	}
}

// replayOnly serves the replays that a run was started for. The run is over when the delivery was dead or delivered
// before; one that still waits, because somebody ended its workflow, goes on with its schedule.
func (d *deliverRun) replayOnly() (result DeliverResult, over bool, err error) {
	taken := d.serveReplays()
	switch {
	case taken:
		return DeliverResult{State: "delivered", By: "replay"}, true, nil
	case d.after == activities.Delivered:
		return DeliverResult{State: "delivered", By: "earlier"}, true, nil
	case d.after == activities.Dead:
		return DeliverResult{}, true, d.dead(temporal.NewNonRetryableApplicationError(
			"dead, and the CRM did not take the replay either: "+d.reason, activities.ErrTypeDead, nil))
	default:
		return DeliverResult{}, false, nil
	}
}
