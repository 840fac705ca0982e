package workflows

import (
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
)

// calling only names the activities; the worker holds the real one.
var calling *activities.Calling

// withdraw takes the call back after its room could not be opened. It reports false when the call was accepted all the
// same: then it goes on.
func (c *callRun) withdraw() bool {
	ctx := workflow.WithActivityOptions(c.ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 15 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 1.5, MaximumInterval: 10 * time.Second, MaximumAttempts: 1_000_000},
		Summary:             "take the call back",
	})
	var withdrawn bool
	err := workflow.ExecuteActivity(ctx, calling.Withdraw, activities.CallRef{CallID: c.in.CallID}).Get(ctx, &withdrawn)
	return err != nil || withdrawn
}

// startDial schedules the one dial of the call. MaximumAttempts 1: the phone is never rung twice.
func (c *callRun) startDial() workflow.Future {
	k := c.in.Knobs
	ctx := workflow.WithActivityOptions(c.ctx, workflow.ActivityOptions{
		ScheduleToStartTimeout: 30 * time.Second,
		StartToCloseTimeout:    k.RingTimeout + 40*time.Second,
		HeartbeatTimeout:       10 * time.Second,
		RetryPolicy:            &temporal.RetryPolicy{MaximumAttempts: 1},
		Summary:                "dial " + c.in.MaskedNumber + " through " + c.in.Trunk,
	})
	return workflow.ExecuteActivity(ctx, calling.Dial, activities.DialInput{
		CallID: c.in.CallID, ConnectedAt: *c.evidence.ConnectedAt,
		RingTimeout: k.RingTimeout, MaxDuration: k.MaxCallDuration, MediaTimeout: k.MediaTimeout, RequireAgent: k.RequireAgent, Queues: true,
	})
}

// neverStarted reports whether a dial failed before any worker had it: nothing can have been sent.
func neverStarted(err error) bool {
	var timeout *temporal.TimeoutError
	return errors.As(err, &timeout) && timeout.TimeoutType() == enumspb.TIMEOUT_TYPE_SCHEDULE_TO_START
}

// findLeg learns from the room how a dial went on whose reply was lost.
func (c *callRun) findLeg(started time.Time, why error) {
	c.note(call.SourceTimer, "dial_lost", whyLost(why)+"; looking for the leg in the room")
	ctx := workflow.WithActivityOptions(c.ctx, workflow.ActivityOptions{
		StartToCloseTimeout: c.in.Knobs.RingTimeout + 2*time.Minute,
		HeartbeatTimeout:    10 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 1, MaximumAttempts: 1000},
		Summary:             "look for the customer's leg",
	})
	found := workflow.ExecuteActivity(ctx, calling.FindLeg, activities.FindLegInput{
		CallID: c.in.CallID, StartedAt: started, RingTimeout: c.in.Knobs.RingTimeout,
	})
	ended := func() bool { return found.IsReady() || c.leg.lost }
	c.awaitUnlessGivenUp(time.Time{}, "the agent's return", ended)
	c.takeLegAway(started, ended)
	if !found.IsReady() {
		if c.evidence.Dial.State == call.DialNone {
			c.evidence.Dial = call.Dial{State: call.DialUnknown, StartedAt: started, EndedAt: workflow.Now(c.ctx), Source: call.SourceRoom}
		}
		return
	}
	if err := found.Get(c.ctx, &c.evidence.Dial); err != nil {
		c.evidence.Dial = call.Dial{State: call.DialUnknown, StartedAt: started, EndedAt: workflow.Now(c.ctx)}
	}
}

// whyLost tells a dial whose worker is gone from one that LiveKit did not finish: the first is ours to mend.
func whyLost(err error) string {
	var told *temporal.ApplicationError
	if errors.As(err, &told) {
		return told.Message()
	}
	return "the worker that dialed is gone"
}

// takeLegAway deletes the room under a dial, or a search for its leg, that has not returned: LiveKit cancels the INVITE and
// it returns. It insists, because until then a phone rings for nobody: LiveKit may be away, and a leg that was about to join
// makes a room anew that was just deleted (LiveKit 1.11 looks for the room before the join and creates it after).
//
// It gives up on the reply when the leg had left before and the reply is not there a second later, or when looks over some seconds
// find neither leg nor room: then LiveKit has nothing that it could reply, as after a final reply whose text it cannot pass on, or
// while a TLS handshake hangs. A reply that was written down counts all the same.
func (c *callRun) takeLegAway(started time.Time, returned func() bool) {
	pause, absent := time.Second, 0
	for round := 1; !returned(); round++ {
		c.closed = false
		seen := c.hangUp(true)
		if absent++; !seen.Absent() || !c.closed {
			absent = 0
		}
		if c.nothingToTakeAway(started, round, absent) {
			if written := c.leg.reply; written != nil {
				c.evidence.Dial = *written
			}
			return
		}
		c.wait(pause, "the dial should return; then delete the room again", returned)
		pause = 2 * time.Second
	}
}

// enoughLooks is how many looks in a row, two seconds apart, must find neither leg nor room.
const enoughLooks = 4

func (c *callRun) nothingToTakeAway(started time.Time, round, absent int) bool {
	word := c.leg.suspect
	switch {
	case word != nil && round > 1 && absent > 0 && goodbye(*word, call.LegGone): // the far end had ended it
	case round > enoughLooks && absent >= enoughLooks && workflow.Now(c.ctx).Sub(started) > enoughLooks*2*time.Second:
	default:
		return false
	}
	return c.ruleOfEndings()
}

// hangUp looks who is there and deletes the room. The first look counts; a room once gone stays gone. It returns what this look saw.
func (c *callRun) hangUp(dialing bool) (seen call.LegStatus) {
	if c.closed {
		return call.LegUnknown
	}
	if c.evidence.ClosedAt.IsZero() {
		c.evidence.ClosedAt = workflow.Now(c.ctx)
	}
	var got activities.HangUpResult
	ctx := c.local(5*time.Second, "hang up")
	err := workflow.ExecuteLocalActivity(ctx, calling.HangUp, activities.HangUpInput{CallID: c.in.CallID, Dialing: dialing}).Get(ctx, &got)
	if err == nil && c.evidence.LegAtHangUp == call.LegUnknown {
		c.evidence.LegAtHangUp = got.Leg
	}
	c.closed = err == nil && got.Closed
	if got.Reply != nil {
		c.leg.reply = got.Reply
	}
	return got.Seen
}

// startClosing begins to delete a room that is still there; nil when it is gone.
func (c *callRun) startClosing() workflow.Future {
	if c.closed {
		return nil
	}
	ctx := workflow.WithActivityOptions(c.ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    10 * time.Second,
		ScheduleToCloseTimeout: 24 * time.Hour, // an empty room closes by itself long before
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute, MaximumAttempts: 10_000},
		Summary:                "delete the room",
	})
	return workflow.ExecuteActivity(ctx, calling.CloseRoom, activities.CallRef{CallID: c.in.CallID})
}

// insistOnClosing waits until the room is gone, however long LiveKit is away; the outcome is out by then. Nil: it is.
func (c *callRun) insistOnClosing(closed workflow.Future) {
	if closed == nil {
		return
	}
	if err := closed.Get(c.ctx, nil); err != nil {
		workflow.GetLogger(c.ctx).Error("a room could not be deleted for a day", "call_id", c.in.CallID, "error", err)
	}
}

// record writes the outcome and returns the one that stands: at once in the same workflow task if the store is there, else for as long as it takes.
func (c *callRun) record(o call.Outcome) (activities.Recorded, error) {
	var standing activities.Recorded
	c.showOutcome(o)
	// The summaries hold the outcome as well: Temporal Web shows current details only while a worker runs.
	in := activities.RecordInput{CallID: c.in.CallID, Outcome: o, ConnectedAt: c.evidence.ConnectedAt, Timeline: c.timeline,
		Attempts: true}
	quick := c.local(5*time.Second, "record "+o.Words())
	if err := workflow.ExecuteLocalActivity(quick, calling.Record, in).Get(quick, &standing); err == nil {
		return standing, nil
	}
	ctx := workflow.WithActivityOptions(c.ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 15 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 1.5, MaximumInterval: 10 * time.Second, MaximumAttempts: 1_000_000},
		Summary:             "record " + o.Words(),
	})
	err := workflow.ExecuteActivity(ctx, calling.Record, in).Get(ctx, &standing)
	return standing, err
}

// local are the options of a local activity that is tried once, within the current workflow task.
func (c *callRun) local(limit time.Duration, summary string) workflow.Context {
	return workflow.WithLocalActivityOptions(c.ctx, workflow.LocalActivityOptions{
		ScheduleToCloseTimeout: limit,
		RetryPolicy:            &temporal.RetryPolicy{MaximumAttempts: 1},
		Summary:                summary,
	})
}
