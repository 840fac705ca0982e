package workflows

import (
	"context"
	"errors"
	"fmt"
	"slices"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
)

// nameOfDeliverFirst is the type of the activity that makes the first attempt for a call's own workflow.
const nameOfDeliverFirst = "DeliverFirst"

// FateOfCall says how a call's workflow stands.
func (c *Client) FateOfCall(ctx context.Context, id call.ID) (activities.Fate, error) {
	got, err := c.describe(ctx, CallWorkflowID(id))
	return fateOf(got), err
}

// FateOfDelivery says how the delivery of a call's outcome stands. A Deliver workflow that delivered nothing, or that is not there, is
// one sign only: the first attempt is the call's own, so the call's workflow is asked as well, and what it delivered is delivered.
func (c *Client) FateOfDelivery(ctx context.Context, eventID string, id call.ID) (activities.Fate, error) {
	got, err := c.describe(ctx, DeliverWorkflowID(eventID))
	fate := fateOf(got)
	if err != nil || fate.Running {
		return fate, err
	}
	if fate.Completed {
		var result DeliverResult
		if err := c.temporal.GetWorkflow(ctx, DeliverWorkflowID(eventID), "").Get(ctx, &result); err != nil {
			return fate, fmt.Errorf("read the result of the delivery of %s: %w", eventID, err)
		}
		if result.State == string(activities.Delivered) {
			return fate, nil
		}
		fate.Completed = false
	}
	if eventID != id.EventID() {
		return fate, nil
	}
	return c.firstAttempt(ctx, id, fate)
}

// firstAttempt is the fate of an outcome whose own workflow, if there is one, has not delivered it: that of the attempt which the
// call's workflow made, or makes now.
func (c *Client) firstAttempt(ctx context.Context, id call.ID, other activities.Fate) (activities.Fate, error) {
	got, err := c.describe(ctx, CallWorkflowID(id))
	if err != nil {
		return other, err
	}
	fate := fateOf(got)
	switch {
	case fate.Running:
		other.Running = got.GetPendingWorkflowTask() != nil || slices.ContainsFunc(got.GetPendingActivities(), func(a *workflowpb.PendingActivityInfo) bool {
			return a.GetActivityType().GetName() == nameOfDeliverFirst
		})
		return other, nil
	case !fate.Completed:
		return other, nil
	}
	var result CallResult
	if err := c.temporal.GetWorkflow(ctx, CallWorkflowID(id), "").Get(ctx, &result); err != nil {
		return other, fmt.Errorf("read the result of call %s: %w", id, err)
	}
	if result.Delivery == string(activities.Delivered) {
		return fate, nil
	}
	return other, nil
}

// describe returns nil for a workflow that Temporal does not have.
func (c *Client) describe(ctx context.Context, workflowID string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	got, err := c.temporal.DescribeWorkflow(ctx, workflowID, "")
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return nil, nil //nolint:nilnil // gone is no error, and there is nothing to describe
	}
	if err != nil {
		return nil, fmt.Errorf("describe workflow %s: %w", workflowID, err)
	}
	return got.RawResponse, nil
}

func fateOf(described *workflowservice.DescribeWorkflowExecutionResponse) activities.Fate {
	if described == nil {
		return activities.Fate{}
	}
	info := described.GetWorkflowExecutionInfo()
	fate := activities.Fate{
		Running:    info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING || info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED,
		Completed:  info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED,
		Terminated: info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED,
	}
	if info.GetCloseTime() != nil {
		fate.ClosedAt = info.GetCloseTime().AsTime()
	}
	return fate
}
