package workflows

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
)

// StartDelivery starts the Deliver workflow of an event. Idempotent: a delivery that runs or ran is left alone.
func (c *Client) StartDelivery(ctx context.Context, eventID string, id call.ID) error {
	_, err := c.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       DeliverWorkflowID(eventID),
		TaskQueue:                TaskQueueDeliveries,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		StaticSummary:            "outcome of " + string(id),
	}, Deliver, DeliverInput{EventID: eventID, CallID: id})
	if err != nil && !temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return fmt.Errorf("start delivery of %s: %w", eventID, err)
	}
	return nil
}

// ReplayDelivery makes one attempt to deliver an outcome now, whether it is pending, parked, dead or delivered, beside its
// schedule. It returns when Temporal has the order. Idempotent by event and replay id: once a replay's attempt has been
// written down, ordering it again makes no other.
func (c *Client) ReplayDelivery(ctx context.Context, eventID, replayID string) error {
	if err := c.signalDelivery(ctx, DeliverInput{EventID: eventID, ReplayOnly: true}, SignalReplay.Name, ReplayOrder{ID: replayID}); err != nil {
		return fmt.Errorf("replay delivery of %s: %w", eventID, err)
	}
	return nil
}

// Resume wakes a parked delivery. One whose workflow is gone is started again. Idempotent.
func (c *Client) Resume(ctx context.Context, eventID string) error {
	if err := c.signalDelivery(ctx, DeliverInput{EventID: eventID}, SignalResume.Name, Resume{}); err != nil {
		return fmt.Errorf("resume delivery of %s: %w", eventID, err)
	}
	return nil
}

// signalDelivery signals a delivery's workflow, and starts it first when it does not run.
func (c *Client) signalDelivery(ctx context.Context, in DeliverInput, signal string, payload any) error {
	_, err := c.temporal.SignalWithStartWorkflow(ctx, DeliverWorkflowID(in.EventID), signal, payload, client.StartWorkflowOptions{
		TaskQueue:             TaskQueueDeliveries,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         "outcome " + in.EventID,
	}, Deliver, in)
	return err
}

// WatchEndpoint starts the watch over an endpoint's hold. Idempotent: one that runs, or has ended well, is left alone.
func (c *Client) WatchEndpoint(ctx context.Context, w activities.Watchpoint) error {
	_, err := c.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       EndpointWorkflowID(w.EndpointID, w.Hold),
		TaskQueue:                TaskQueueDeliveries,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		StaticSummary:            "probes a failing endpoint and wakes its parked deliveries",
	}, WatchEndpoint, WatchEndpointInput{Watchpoint: w})
	if err != nil && !temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return fmt.Errorf("watch endpoint %s: %w", w.EndpointID, err)
	}
	return nil
}

// EndpointWell tells the watch over an endpoint's hold that it takes webhooks again. It does nothing when the watch is over.
func (c *Client) EndpointWell(ctx context.Context, endpointID string, hold int) error {
	err := c.temporal.SignalWorkflow(ctx, EndpointWorkflowID(endpointID, hold), "", SignalEndpointWell.Name, EndpointWell{})
	if _, over := errors.AsType[*serviceerror.NotFound](err); err != nil && !over {
		return fmt.Errorf("tell the watch over endpoint %s: %w", endpointID, err)
	}
	return nil
}
