package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/workflows"
)

// keptSchedule is a Temporal with one schedule, which it shows as the server does: the workflow's type by its name.
type keptSchedule struct {
	client.Client

	stored  *client.Schedule
	updates int
}

type keptSchedules struct {
	client.ScheduleClient
	*keptSchedule
}

type keptHandle struct {
	client.ScheduleHandle
	*keptSchedule
}

func (k *keptSchedule) ScheduleClient() client.ScheduleClient { return keptSchedules{keptSchedule: k} }

func (k keptSchedules) GetHandle(context.Context, string) client.ScheduleHandle {
	return keptHandle{keptSchedule: k.keptSchedule}
}

func (k keptSchedules) Create(_ context.Context, o client.ScheduleOptions) (client.ScheduleHandle, error) {
	if k.stored != nil {
		return nil, temporal.ErrScheduleAlreadyRunning
	}
	k.stored = &client.Schedule{Action: o.Action, Spec: &o.Spec, State: &client.ScheduleState{},
		Policy: &client.SchedulePolicies{Overlap: o.Overlap, CatchupWindow: o.CatchupWindow}}
	return nil, nil
}

func (k keptHandle) Update(_ context.Context, o client.ScheduleUpdateOptions) error {
	update, err := o.DoUpdate(client.ScheduleUpdateInput{Description: client.ScheduleDescription{Schedule: *k.stored}})
	if err != nil {
		if err == temporal.ErrSkipScheduleUpdate { //nolint:errorlint // as the SDK's own documentation has it
			return nil
		}
		return err
	}
	k.stored = update.Schedule
	k.updates++
	return nil
}

// A new version's schedule takes the place of an older one's; an operator's pause stays.
func TestLedgerScheduleIsBroughtUpToDate(t *testing.T) {
	t.Parallel()
	kept := &keptSchedule{}
	start := func() {
		t.Helper()
		require.NoError(t, workflows.NewClient(kept).StartLedger(t.Context()))
	}
	start()
	start()
	require.Zero(t, kept.updates, "it is as it should be")
	for name, change := range map[string]func(s *client.Schedule){
		"another interval": func(s *client.Schedule) {
			s.Spec = &client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: time.Hour}}}
		},
		"a calendar": func(s *client.Schedule) {
			s.Spec = &client.ScheduleSpec{Intervals: s.Spec.Intervals, Calendars: []client.ScheduleCalendarSpec{{}}}
		},
		"another queue": func(s *client.Schedule) {
			s.Action = &client.ScheduleWorkflowAction{ID: workflows.LedgerID, Workflow: "Ledger", TaskQueue: "old"}
		},
		"another policy": func(s *client.Schedule) {
			s.Policy = &client.SchedulePolicies{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_ALLOW_ALL}
		},
		"no policy": func(s *client.Schedule) { s.Policy = nil },
	} {
		should := *kept.stored
		was := kept.updates
		change(kept.stored)
		kept.stored.State = &client.ScheduleState{Paused: true, Note: "maintenance"}
		start()
		require.Equal(t, was+1, kept.updates, name)
		require.Equal(t, should.Spec, kept.stored.Spec, name)
		require.Equal(t, should.Action, kept.stored.Action, name)
		require.Equal(t, should.Policy, kept.stored.Policy, name)
		require.True(t, kept.stored.State.Paused, name)
		start()
		require.Equal(t, was+1, kept.updates, name)
	}
}
