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
)

// StartReplay starts the Replay workflow of a replay that the store has. Idempotent: one that runs is only told to look at the
// store again. ErrReplayOver when the workflow has ended, however.
func (c *Client) StartReplay(ctx context.Context, replayID string) error {
	return c.wakeReplay(ctx, replayID, enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE)
}

// SteerReplay tells a Replay workflow that the store has a new state for it. A replay that is to run again gets a new workflow
// when somebody has ended the old one. Idempotent.
func (c *Client) SteerReplay(ctx context.Context, replayID string, to activities.ReplayState) error {
	if to == activities.ReplayRunning {
		return c.wakeReplay(ctx, replayID, enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
	}
	for _, s := range steers() {
		if s.to != to {
			continue
		}
		err := c.temporal.SignalWorkflow(ctx, ReplayWorkflowID(replayID), "", s.Name, Steer{Stored: true})
		if _, over := errors.AsType[*serviceerror.NotFound](err); err != nil && !over {
			return fmt.Errorf("%w: signal replay %s: %w", ErrTemporalUnavailable, replayID, err)
		}
	}
	return nil
}

func (c *Client) wakeReplay(ctx context.Context, replayID string, again enumspb.WorkflowIdReusePolicy) error {
	_, err := c.temporal.SignalWithStartWorkflow(ctx, ReplayWorkflowID(replayID), SignalReplayResume.Name, Steer{Stored: true}, client.StartWorkflowOptions{
		TaskQueue:             TaskQueueDeliveries,
		WorkflowIDReusePolicy: again,
		StaticSummary:         "bulk replay " + replayID,
		StaticDetails:         "Sends many deliveries once more. `click2call deliveries watch " + replayID + "` shows the progress; so does the console.",
	}, Replay, ReplayInput{ReplayID: replayID})
	switch {
	case err == nil:
		return nil
	case temporal.IsWorkflowExecutionAlreadyStartedError(err):
		return fmt.Errorf("start replay %s: %w", replayID, ErrReplayOver)
	default:
		return fmt.Errorf("%w: start replay %s: %w", ErrTemporalUnavailable, replayID, err)
	}
}
