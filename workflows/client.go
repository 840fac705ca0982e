package workflows

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
)

// Errors of Client.
var (
	ErrOver                = call.ErrOver
	ErrLiveKitUnavailable  = errors.New("LiveKit could not open the room")
	ErrRefused             = errors.New("the call was refused before its room was open")
	ErrAgentBusy           = errors.New("the agent has another live call")
	ErrReplayOver          = errors.New("the workflow of the replay has ended")
	ErrTemporalUnavailable = errors.New("Temporal did not answer")
)

// Client starts and signals workflows. It is safe for concurrent use.
type Client struct{ temporal client.Client }

// NewClient returns a Client that speaks through c.
func NewClient(c client.Client) *Client { return &Client{temporal: c} }

// Open starts a call and returns when its room is open and the call accepted. Idempotent by call id: a second Open
// joins the first. After an error the caller cannot know whether the call was accepted; the store's row says.
func (c *Client) Open(ctx context.Context, in CallInput) error {
	start := c.temporal.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
		ID:                       CallWorkflowID(in.CallID),
		TaskQueue:                TaskQueueCalls,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		StaticSummary:            fmt.Sprintf("%s via %.40s, agent %.40s", in.MaskedNumber, in.Trunk, in.AgentID),
		StaticDetails:            staticDetails(in),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			KeyCallStatus.ValueSet("LIVE"), KeyCaseID.ValueSet(in.CaseID), KeyAgentID.ValueSet(in.AgentID), KeyTrunk.ValueSet(in.Trunk)),
	}, Call, in)
	update, err := c.temporal.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: start,
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateName: UpdateOpen, UpdateID: UpdateOpen, WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err == nil {
		err = update.Get(ctx, nil)
	}
	return openError(err)
}

func openError(err error) error {
	var app *temporal.ApplicationError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &app) && app.Type() == activities.ErrTypeLiveKitUnavailable:
		return fmt.Errorf("%w: %w", ErrLiveKitUnavailable, err)
	case errors.As(err, &app) && app.Type() == activities.ErrTypeAgentBusy:
		return fmt.Errorf("%w: %w", ErrAgentBusy, err)
	case errors.As(err, &app) && app.Type() == activities.ErrTypeRefused:
		return fmt.Errorf("%w: %w", ErrRefused, err)
	default:
		return fmt.Errorf("%w: %w", ErrTemporalUnavailable, err)
	}
}

// Connect tells a call that its agent is in the room. A second one does nothing. ErrOver when the call is over.
func (c *Client) Connect(ctx context.Context, id call.ID, at time.Time) error {
	return sent(SignalConnect.Send(ctx, c.temporal, id, Connect{At: at}))
}

// HangUp tells a call to end. A second one does nothing. ErrOver when the call is over.
func (c *Client) HangUp(ctx context.Context, id call.ID, source call.Source, at time.Time) error {
	return sent(SignalHangUp.Send(ctx, c.temporal, id, HangUp{At: at, Source: source}))
}

// Report tells a call that the browser saw the customer answer. ErrOver when the call is over.
func (c *Client) Report(ctx context.Context, id call.ID, at time.Time) error {
	return sent(SignalBrowserReport.Send(ctx, c.temporal, id, BrowserReport{At: at}))
}

// RoomEvent tells a call that somebody left its room. ErrOver when the call is over.
func (c *Client) RoomEvent(ctx context.Context, id call.ID, e call.RoomEvent) error {
	return sent(SignalRoomEvent.Send(ctx, c.temporal, id, e))
}

// LineFree tells a call that waits for a line that there is one. A second one does nothing. ErrOver when the call is over.
func (c *Client) LineFree(ctx context.Context, id call.ID, at time.Time) error {
	return sent(SignalLineFree.Send(ctx, c.temporal, id, LineFree{At: at}))
}

func sent(err error) error {
	var notFound *serviceerror.NotFound
	switch {
	case err == nil:
		return nil
	case errors.As(err, &notFound):
		return ErrOver
	default:
		return fmt.Errorf("%w: %w", ErrTemporalUnavailable, err)
	}
}

// Ping reports whether Temporal answers.
func (c *Client) Ping(ctx context.Context) error {
	if _, err := c.temporal.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return fmt.Errorf("%w: %w", ErrTemporalUnavailable, err)
	}
	return nil
}

// StartWatch makes sure that the installation's Watch runs, and reports whether it did not. Every worker does it when it
// starts, and every check of the ledger, because an operator may have ended it meanwhile. A start that is refused because the
// Watch runs is no billable action.
func (c *Client) StartWatch(ctx context.Context) (started bool, err error) {
	_, err = c.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       WatchID,
		TaskQueue:                TaskQueueCalls,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:            "the periodic check of all live calls",
		// Only the error tells a start from one that was not needed.
		WorkflowExecutionErrorWhenAlreadyStarted: true,
	}, Watch, WatchInput{})
	switch {
	case temporal.IsWorkflowExecutionAlreadyStartedError(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("start %s: %w", WatchID, err)
	default:
		return true, nil
	}
}
