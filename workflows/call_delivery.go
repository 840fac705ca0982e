package workflows

import (
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
)

// firstAttemptFor is how long the first attempt to deliver an outcome may take, with all that may go wrong beside the CRM: a
// worker that dies, a database that is away for a moment. Then a workflow of its own goes on, and the call's can end.
const firstAttemptFor = 2 * time.Minute

// startAttempt begins the first attempt to deliver the outcome, on the task queue of deliveries: a slow CRM takes no place from
// a call. Nil when none is wanted: what is parked is a row, and nothing more. What Record says is part of the history, so that
// calls of older versions, whose Record has started a workflow, are replayed as they were.
func (c *callRun) startAttempt(recorded activities.Recorded) workflow.Future {
	if !recorded.Attempt {
		return nil
	}
	ctx := workflow.WithActivityOptions(c.ctx, workflow.ActivityOptions{
		TaskQueue:              TaskQueueDeliveries,
		ScheduleToCloseTimeout: firstAttemptFor,
		StartToCloseTimeout:    attemptFor,
		HeartbeatTimeout:       attemptSilence,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 10 * time.Second, MaximumAttempts: 1000},
		Summary:                "POST " + c.in.CallID.EventID() + " to the CRM",
	})
	return workflow.ExecuteActivity(ctx, delivering.DeliverFirst, activities.DeliverInput{EventID: c.in.CallID.EventID()})
}

// goOn waits for the first attempt, and starts the workflow that goes on with the schedule when it is needed. Temporal itself
// starts that one, so that nothing is lost between the two.
func (c *callRun) goOn(attempt workflow.Future) (state, workflowID string) {
	var left activities.DeliverState
	if err := attempt.Get(c.ctx, &left); err != nil {
		workflow.GetLogger(c.ctx).Warn("the first attempt to deliver the outcome could not be made; a workflow goes on", "call_id", c.in.CallID, "error", err)
		left = activities.Waiting
	}
	if left != activities.Waiting {
		return string(left), ""
	}
	eventID := c.in.CallID.EventID()
	ctx := workflow.WithChildOptions(c.ctx, workflow.ChildWorkflowOptions{
		WorkflowID:            DeliverWorkflowID(eventID),
		TaskQueue:             TaskQueueDeliveries,
		ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_ABANDON,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         "outcome of " + string(c.in.CallID),
	})
	child := workflow.ExecuteChildWorkflow(ctx, Deliver, DeliverInput{EventID: eventID, CallID: c.in.CallID, Tried: true})
	if err := child.GetChildWorkflowExecution().Get(c.ctx, nil); err != nil && !temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		workflow.GetLogger(c.ctx).Error("the workflow that delivers the outcome was not started; the ledger will", "call_id", c.in.CallID, "error", err)
	}
	return string(left), DeliverWorkflowID(eventID)
}
