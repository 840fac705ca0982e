package workflows

import (
	"context"
	"fmt"
	"strings"

	"go.temporal.io/api/workflowservice/v1"

	"github.com/click2call/click2call/call"
)

const (
	// listPage and listPages bound how much of Temporal's list is read.
	listPage  = 1000
	listPages = 200
)

// RunningCalls lists the calls whose workflows run, as Temporal's list has it: it may lag behind by seconds.
func (c *Client) RunningCalls(ctx context.Context) (map[call.ID]bool, error) {
	running := map[call.ID]bool{}
	err := c.eachRunning(ctx, "Call", func(workflowID string) { running[call.ID(workflowID)] = true })
	return running, err
}

// RunningDeliveries lists the events whose delivery workflows run, as Temporal's list has it.
func (c *Client) RunningDeliveries(ctx context.Context) (map[string]bool, error) {
	running := map[string]bool{}
	err := c.eachRunning(ctx, "Deliver", func(workflowID string) { running[strings.TrimPrefix(workflowID, DeliverWorkflowID(""))] = true })
	return running, err
}

func (c *Client) eachRunning(ctx context.Context, workflowType string, visit func(workflowID string)) error {
	request := &workflowservice.ListWorkflowExecutionsRequest{PageSize: listPage,
		Query: fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Running'", workflowType)}
	for range listPages {
		page, err := c.temporal.ListWorkflow(ctx, request)
		if err != nil {
			return fmt.Errorf("list running workflows: %w", err)
		}
		for _, w := range page.GetExecutions() {
			visit(w.GetExecution().GetWorkflowId())
		}
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return nil
		}
	}
	return nil // what was not listed is asked for one by one
}
