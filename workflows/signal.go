package workflows

import (
	"context"

	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/call"
)

// Signal is a signal's name together with the type of its payload.
type Signal[T any] struct{ Name string }

// Signaller is the part of Temporal's client that sends signals.
type Signaller interface {
	SignalWorkflow(ctx context.Context, workflowID, runID, signalName string, arg any) error
}

// Send signals a call. serviceerror.NotFound means that the call is over (or never was).
func (s Signal[T]) Send(ctx context.Context, c Signaller, id call.ID, payload T) error {
	return c.SignalWorkflow(ctx, CallWorkflowID(id), "", s.Name, payload)
}

// channel is where a workflow receives the signal.
func (s Signal[T]) channel(ctx workflow.Context) workflow.ReceiveChannel {
	return workflow.GetSignalChannel(ctx, s.Name)
}
