package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/workflows"
)

// endedTemporal has workflows by their ids, with what they returned.
type endedTemporal struct {
	client.Client

	described map[string]*workflowservice.DescribeWorkflowExecutionResponse
	results   map[string]any
}

func (e *endedTemporal) DescribeWorkflow(_ context.Context, id, _ string) (*client.WorkflowExecutionDescription, error) {
	got, ok := e.described[id]
	if !ok {
		return nil, serviceerror.NewNotFound("no such workflow")
	}
	return &client.WorkflowExecutionDescription{RawResponse: got}, nil
}

func (e *endedTemporal) GetWorkflow(_ context.Context, id, _ string) client.WorkflowRun {
	return endedRun{result: e.results[id]}
}

type endedRun struct {
	client.WorkflowRun
	result any
}

func (r endedRun) Get(_ context.Context, to any) error {
	payloads, err := converter.GetDefaultDataConverter().ToPayloads(r.result)
	if err != nil {
		return err
	}
	return converter.GetDefaultDataConverter().FromPayloads(payloads, to)
}

var closedAt = time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)

func (e *endedTemporal) has(id string, status enumspb.WorkflowExecutionStatus, result any, doing ...string) {
	info := &workflowpb.WorkflowExecutionInfo{Status: status}
	if status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		info.CloseTime = timestamppb.New(closedAt)
	}
	got := &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: info}
	for _, activity := range doing {
		got.PendingActivities = append(got.PendingActivities, &workflowpb.PendingActivityInfo{ActivityType: &commonpb.ActivityType{Name: activity}})
	}
	e.described[id], e.results[id] = got, result
}

// A database that was put back asks for an outcome that the call's own workflow has delivered: that there is no workflow of the
// delivery says nothing.
func TestFateOfDelivery(t *testing.T) {
	t.Parallel()
	const (
		running   = enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
		completed = enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
		failed    = enumspb.WORKFLOW_EXECUTION_STATUS_FAILED
	)
	delivered, gone := activities.Fate{Completed: true, ClosedAt: closedAt}, activities.Fate{}
	for name, c := range map[string]struct {
		plant func(e *endedTemporal, called, delivery string)
		want  activities.Fate
	}{
		"nothing is known": {func(*endedTemporal, string, string) {}, gone},
		"the call delivered it": {func(e *endedTemporal, called, _ string) {
			e.has(called, completed, workflows.CallResult{Delivery: "delivered"})
		}, delivered},
		"the call parked it": {func(e *endedTemporal, called, _ string) {
			e.has(called, completed, workflows.CallResult{Delivery: "parked"})
		}, gone},
		"a call of an older version": {func(e *endedTemporal, called, _ string) {
			e.has(called, completed, workflows.CallResult{Reason: call.ReasonBusy})
		}, gone},
		"the call failed": {func(e *endedTemporal, called, _ string) { e.has(called, failed, nil) }, gone},
		"the call makes its attempt now": {func(e *endedTemporal, called, _ string) {
			e.has(called, running, nil, "CloseRoom", "DeliverFirst")
		}, activities.Fate{Running: true}},
		"the call is about to begin it": {func(e *endedTemporal, called, _ string) {
			e.has(called, running, nil)
			e.described[called].PendingWorkflowTask = &workflowpb.PendingWorkflowTaskInfo{}
		}, activities.Fate{Running: true}},
		"the call only waits for LiveKit": {func(e *endedTemporal, called, _ string) { e.has(called, running, nil, "CloseRoom") }, gone},
		"the schedule is under way": {func(e *endedTemporal, called, delivery string) {
			e.has(called, completed, workflows.CallResult{Delivery: "pending"})
			e.has(delivery, running, nil)
		}, activities.Fate{Running: true}},
		"the schedule delivered it": {func(e *endedTemporal, called, delivery string) {
			e.has(called, completed, workflows.CallResult{Delivery: "pending"})
			e.has(delivery, completed, workflows.DeliverResult{State: "delivered"})
		}, delivered},
		"the schedule ended as it was parked": {func(e *endedTemporal, called, delivery string) {
			e.has(called, completed, workflows.CallResult{Delivery: "pending"})
			e.has(delivery, completed, workflows.DeliverResult{State: "parked"})
		}, activities.Fate{ClosedAt: closedAt}},
		"a replay failed after the call had delivered it": {func(e *endedTemporal, called, delivery string) {
			e.has(called, completed, workflows.CallResult{Delivery: "delivered"})
			e.has(delivery, failed, nil)
		}, delivered},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			temporal := &endedTemporal{described: map[string]*workflowservice.DescribeWorkflowExecutionResponse{}, results: map[string]any{}}
			id := call.NewID()
			c.plant(temporal, workflows.CallWorkflowID(id), workflows.DeliverWorkflowID(id.EventID()))
			got, err := workflows.NewClient(temporal).FateOfDelivery(t.Context(), id.EventID(), id)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}
