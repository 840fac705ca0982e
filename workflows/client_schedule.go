package workflows

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

const (
	// ledgerEvery is how often the ledger is checked.
	ledgerEvery = 5 * time.Minute
	// ledgerCatchup is how late a check may begin that was missed while Temporal was away.
	ledgerCatchup = time.Minute
)

func ledgerSpec() client.ScheduleSpec {
	return client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: ledgerEvery}}}
}

func ledgerAction() *client.ScheduleWorkflowAction {
	return &client.ScheduleWorkflowAction{
		ID: LedgerID, Workflow: "Ledger", TaskQueue: TaskQueueCalls,
		WorkflowExecutionTimeout: 2 * ledgerEvery, // a check that no worker takes must not keep the next one waiting for ever
		StaticSummary:            "checks calls and deliveries against Temporal",
	}
}

// StartLedger makes sure that the ledger's schedule exists and is as this version has it. Every worker does it. Of an operator's
// changes the pause stays. Idempotent.
func (c *Client) StartLedger(ctx context.Context) error {
	schedules := c.temporal.ScheduleClient()
	_, err := schedules.Create(ctx, client.ScheduleOptions{ID: LedgerID, Spec: ledgerSpec(), Action: ledgerAction(),
		Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: ledgerCatchup})
	if err == nil {
		return nil
	}
	if !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return fmt.Errorf("create the schedule %s: %w", LedgerID, err)
	}
	err = schedules.GetHandle(ctx, LedgerID).Update(ctx, client.ScheduleUpdateOptions{DoUpdate: updateLedger})
	if err != nil {
		return fmt.Errorf("update the schedule %s: %w", LedgerID, err)
	}
	return nil
}

// updateLedger brings the schedule of an older version, or one that somebody changed, up to this one. temporal.ErrSkipScheduleUpdate
// when it is as it should be.
func updateLedger(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
	stored := in.Description.Schedule
	if sameSpec(stored.Spec, ledgerSpec()) && sameAction(stored.Action, ledgerAction()) && stored.Policy != nil &&
		stored.Policy.Overlap == enumspb.SCHEDULE_OVERLAP_POLICY_SKIP && stored.Policy.CatchupWindow == ledgerCatchup {
		return nil, temporal.ErrSkipScheduleUpdate
	}
	spec := ledgerSpec()
	return &client.ScheduleUpdate{Schedule: &client.Schedule{
		Spec: &spec, Action: ledgerAction(), State: stored.State,
		Policy: &client.SchedulePolicies{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: ledgerCatchup},
	}}, nil
}

func sameSpec(stored *client.ScheduleSpec, ours client.ScheduleSpec) bool {
	return stored != nil && slices.Equal(stored.Intervals, ours.Intervals) && len(stored.Calendars) == 0 && len(stored.CronExpressions) == 0 &&
		len(stored.Skip) == 0 && stored.Jitter == 0 && stored.StartAt.IsZero() && stored.EndAt.IsZero()
}

func sameAction(stored client.ScheduleAction, ours *client.ScheduleWorkflowAction) bool {
	was, ok := stored.(*client.ScheduleWorkflowAction)
	return ok && was.ID == ours.ID && was.Workflow == ours.Workflow && was.TaskQueue == ours.TaskQueue &&
		was.WorkflowExecutionTimeout == ours.WorkflowExecutionTimeout && len(was.Args) == 0
}
