package workflows

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
)

var delivering *activities.Delivering

const (
	// parkedAtMost is how long a parked delivery waits for its endpoint's watch before it looks for itself.
	parkedAtMost = 24 * time.Hour
	// longestWait is more than any wait of a schedule, jitter included. The server cuts the waits that the activity asks for to
	// the policy's longest interval, which is a hundred times the first when it is not set (server 1.29, nextBackoffInterval).
	longestWait = 30 * 24 * time.Hour
	// attemptFor bounds one activity that posts; attemptSilence is how soon one of a dead worker is noticed.
	attemptFor     = time.Minute
	attemptSilence = 10 * time.Second
)

// DeliverResult is what an ended delivery shows in Temporal Web.
type DeliverResult struct {
	State string `json:"state"` // "delivered", or "parked"; dead is a failed workflow
	By    string `json:"by"`    // "automatic" or "replay"; "earlier" when the CRM had it before this run began; empty when parked
}

// Deliver brings one outcome to the CRM whose first attempt, made by the call's own workflow, failed. Temporal keeps the
// retries of its one activity, whose failures say when the next attempt is due, so its history does not grow with attempts.
// When the endpoint is held back, it ends: a parked delivery is a row, and the drain of the endpoint takes it. A replay is one
// attempt beside the schedule; when it succeeds the schedule ends.
//
// It fails, visibly in Temporal Web, when the schedule is exhausted: the delivery is dead until it is replayed.
func Deliver(ctx workflow.Context, in DeliverInput) (DeliverResult, error) {
	d := &deliverRun{ctx: ctx, in: in, replays: SignalReplay.channel(ctx), resumes: SignalResume.channel(ctx)}
	result, err := d.run()
	taken := ctx.Err() == nil && d.serveReplays() // what came while the last attempt was made would be lost with this run
	for d.resumes.ReceiveAsync(nil) {             // nobody waits for them any more
	}
	if taken && (err != nil || result.State == "parked") {
		return DeliverResult{State: "delivered", By: "replay"}, nil
	}
	return result, err
}

type deliverRun struct {
	ctx     workflow.Context
	in      DeliverInput
	replays workflow.ReceiveChannel
	resumes workflow.ReceiveChannel
	unnamed int // orders without an id

	after  activities.DeliverState // as the latest replay left the delivery; empty before the first
	reason string                  // why the latest replay was refused
}

func (d *deliverRun) run() (DeliverResult, error) {
	if d.in.ReplayOnly {
		if result, over, err := d.replayOnly(); over {
			return result, err
		}
	}
	for {
		state, by, err := d.automatic()
		switch {
		case err != nil:
			return DeliverResult{}, d.dead(err)
		case state == activities.Delivered:
			return DeliverResult{State: "delivered", By: by}, nil
		}
		if workflow.GetVersion(d.ctx, "parked is a row", workflow.DefaultVersion, 1) == 1 {
			return DeliverResult{State: "parked"}, nil
		}
		if d.parked() {
			return DeliverResult{State: "delivered", By: "replay"}, nil
		}
		if err := d.ctx.Err(); err != nil {
			return DeliverResult{}, err
		}
		if workflow.GetInfo(d.ctx).GetContinueAsNewSuggested() { // an endpoint that comes and goes for weeks
			d.in.ReplayOnly = false
			return DeliverResult{}, workflow.NewContinueAsNewError(d.ctx, Deliver, d.in)
		}
	}
}

// automatic runs the schedule until the delivery is delivered, parked or dead, and serves replays meanwhile.
func (d *deliverRun) automatic() (activities.DeliverState, string, error) {
	d.say("The schedule is under way; the pending activity says which attempt is next, when, and why the last one failed.")
	ctx, stop := workflow.WithCancel(d.ctx)
	defer stop()
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           TaskQueueDeliveries,
		StartToCloseTimeout: attemptFor,
		HeartbeatTimeout:    attemptSilence,
		RetryPolicy:         deliverRetries(),
		Summary:             "POST " + d.in.EventID + " to the CRM",
	})
	attempts := workflow.ExecuteActivity(ctx, delivering.Deliver, activities.DeliverInput{EventID: d.in.EventID, Tried: d.in.Tried})
	replayed := false
	selector := workflow.NewSelector(d.ctx)
	selector.AddFuture(attempts, func(workflow.Future) {})
	selector.AddReceive(d.replays, func(c workflow.ReceiveChannel, _ bool) {
		var order converter.RawValue
		c.Receive(d.ctx, &order)
		replayed = d.replay(order)
	})
	for !attempts.IsReady() && !replayed {
		selector.Select(d.ctx)
	}
	if replayed {
		return activities.Delivered, "replay", nil
	}
	var state activities.DeliverState
	err := attempts.Get(d.ctx, &state)
	return state, "automatic", err
}

// deliverRetries are those of what is no answer of the CRM's, such as a database that is away; answers say the wait themselves.
func deliverRetries() *temporal.RetryPolicy {
	return &temporal.RetryPolicy{InitialInterval: 5 * time.Second, BackoffCoefficient: 1, MaximumInterval: longestWait, MaximumAttempts: 1_000_000}
}

// parked is how a run that began under an older version waits until the endpoint is well again, or a replay succeeds. It
// reports whether one did.
func (d *deliverRun) parked() (replayed bool) {
	d.say("Parked: the CRM's webhook URL keeps failing, or is paused. It is probed, and this delivery goes on by itself when it is well. Nothing is lost.")
	resumed := false
	timer, stop := workflow.WithCancel(d.ctx)
	defer stop()
	selector := workflow.NewSelector(d.ctx)
	selector.AddReceive(d.resumes, func(c workflow.ReceiveChannel, _ bool) {
		c.Receive(d.ctx, nil)
		resumed = true
	})
	selector.AddReceive(d.replays, func(c workflow.ReceiveChannel, _ bool) {
		var order converter.RawValue
		c.Receive(d.ctx, &order)
		replayed = d.replay(order)
	})
	selector.AddFuture(workflow.NewTimerWithOptions(timer, parkedAtMost, workflow.TimerOptions{Summary: "parked: the endpoint is held back"}),
		func(workflow.Future) { resumed = true }) // a cancelled workflow ends the wait here, too
	for !resumed && !replayed {
		selector.Select(d.ctx)
	}
	return replayed
}

// dead makes the failure that an operator sees first in Temporal Web, and says what to do.
func (d *deliverRun) dead(err error) error {
	app, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok {
		return err
	}
	message := app.Message()
	if app.Type() == activities.ErrTypeDead {
		d.say(fmt.Sprintf("**Dead.** %s.\n\nWhen the CRM is well: `click2call deliveries replay %s`, or *Start Workflow Like This One* for the whole schedule.",
			message, d.in.EventID))
	}
	return temporal.NewNonRetryableApplicationError(message, app.Type(), nil)
}

// say shows in Temporal Web where the delivery stands.
func (d *deliverRun) say(markdown string) { workflow.SetCurrentDetails(d.ctx, markdown) }
