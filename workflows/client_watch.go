package workflows

import (
	"context"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"

	"github.com/click2call/click2call/call"
)

// RejoinGrace is how long the agent of a call may be gone. It is pinned in the call's input, and only there; reading it is no
// billable action.
func (c *Client) RejoinGrace(ctx context.Context, id call.ID) (time.Duration, error) {
	first, err := c.temporal.GetWorkflowHistory(ctx, CallWorkflowID(id), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT).Next()
	if err != nil {
		return 0, fmt.Errorf("read the input of call %s: %w", id, err)
	}
	var in CallInput
	input := first.GetWorkflowExecutionStartedEventAttributes().GetInput()
	if err := converter.GetDefaultDataConverter().FromPayloads(input, &in); err != nil {
		return 0, fmt.Errorf("read the input of call %s: %w", id, err)
	}
	return in.Knobs.AgentRejoinGrace, nil
}
