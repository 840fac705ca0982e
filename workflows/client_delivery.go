package workflows

import (
	"context"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
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

// Resume has a workflow go on with a delivery's schedule: the one that runs, or a new one. Idempotent.
func (c *Client) Resume(ctx context.Context, eventID string) error {
	if err := c.signalDelivery(ctx, DeliverInput{EventID: eventID, Tried: true}, SignalResume.Name, Resume{}); err != nil {
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

// WatchEndpoint starts the watch over an endpoint's hold. Idempotent: one that runs is left alone, and one that finds nothing to
// be done ends.
func (c *Client) WatchEndpoint(ctx context.Context, w activities.Watchpoint) error {
	options := watchOptions(w)
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	if _, err := c.temporal.ExecuteWorkflow(ctx, options, WatchEndpoint, WatchEndpointInput{Watchpoint: w}); err != nil {
		return fmt.Errorf("watch endpoint %s: %w", w.EndpointID, err)
	}
	return nil
}

// EndpointWell has the watch over an endpoint's hold look at once, and starts one when none runs: parked deliveries go out
// if the endpoint takes them. Idempotent.
func (c *Client) EndpointWell(ctx context.Context, endpointID string, hold int) error {
	w := activities.Watchpoint{EndpointID: endpointID, Hold: hold, Waits: activities.DefaultProbeWaits()}
	_, err := c.temporal.SignalWithStartWorkflow(ctx, EndpointWorkflowID(endpointID, hold), SignalEndpointWell.Name, EndpointWell{},
		watchOptions(w), WatchEndpoint, WatchEndpointInput{Watchpoint: w})
	if err != nil {
		return fmt.Errorf("tell the watch over endpoint %s: %w", endpointID, err)
	}
	return nil
}

func watchOptions(w activities.Watchpoint) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                    EndpointWorkflowID(w.EndpointID, w.Hold),
		TaskQueue:             TaskQueueEndpoints,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         "probes a failing endpoint and posts its parked deliveries",
	}
}
