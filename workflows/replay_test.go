package workflows_test

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/telemetry"
	"github.com/click2call/click2call/workflows"
)

const recordedIn = "testdata/replay"

// recorded are the histories of real calls, by name: see testdata/replay/README.md.
func recorded(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(recordedIn, "*.json"))
	require.NoError(t, err)
	byName := map[string]string{}
	for _, f := range files {
		byName[strings.TrimSuffix(filepath.Base(f), ".json")] = f
	}
	return byName
}

var quietReplay = log.NewStructuredLogger(slog.New(slog.DiscardHandler))

// TestReplay runs today's workflows on yesterday's histories. When it fails, calls that are under way would hang at the
// next deployment: make the change behind workflow.GetVersion, or let old calls end first.
func TestReplay(t *testing.T) {
	t.Parallel()
	for name, file := range recorded(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			replayer := worker.NewWorkflowReplayer()
			replayer.RegisterWorkflow(workflows.Call)
			replayer.RegisterWorkflow(workflows.Watch)
			replayer.RegisterWorkflow(workflows.Deliver)
			replayer.RegisterWorkflow(workflows.Replay)
			require.NoError(t, replayer.ReplayWorkflowHistoryFromJSONFile(quietReplay, file))
		})
	}
}

// TestReplayWithTraces shows that traces may be switched on while calls are under way that began without them.
func TestReplayWithTraces(t *testing.T) {
	t.Parallel()
	tracing, err := telemetry.NewTracing(t.Context(), tracetest.NewInMemoryExporter(), "test")
	require.NoError(t, err)
	carrier, err := tracing.Temporal()
	require.NoError(t, err)
	for name, file := range recorded(t) {
		replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{Interceptors: []interceptor.WorkerInterceptor{carrier}})
		require.NoError(t, err)
		replayer.RegisterWorkflow(workflows.Call)
		replayer.RegisterWorkflow(workflows.Watch)
		replayer.RegisterWorkflow(workflows.Deliver)
		require.NoError(t, replayer.ReplayWorkflowHistoryFromJSONFile(quietReplay, file), name)
	}
}

// TestEveryOutcomeIsRecorded fails when an outcome has no history to be replayed.
func TestEveryOutcomeIsRecorded(t *testing.T) {
	t.Parallel()
	have := recorded(t)
	for _, reason := range []call.Reason{
		call.ReasonCustomerHangup, call.ReasonAgentHangup, call.ReasonAgentLost, call.ReasonMaxDuration, call.ReasonMediaTimeout,
		call.ReasonConnectionLost, call.ReasonBusy, call.ReasonDeclined, call.ReasonNoAnswer, call.ReasonAgentCancelled,
		call.ReasonInvalidNumber, call.ReasonTrunkRejected, call.ReasonTrunkUnavailable, call.ReasonNeverConnected,
		call.ReasonCancelledBeforeDial, call.ReasonLiveKitUnavailable, call.ReasonDialStateUnknown,
	} {
		named := func(name string) bool {
			return name == string(reason) || strings.HasPrefix(name, string(reason)+"_after_")
		}
		found := false
		for name := range have {
			found = found || named(name)
		}
		require.True(t, found, "%s has no history in %s", reason, recordedIn)
	}
	for _, name := range []string{"delivered", "watch", "bulk_replay"} {
		require.Contains(t, have, name)
	}
}

// TestReplayNoticesAChangedWorkflow shows that TestReplay can fail: a Call that does one thing more, or two things in
// another order, does not fit what was recorded.
func TestReplayNoticesAChangedWorkflow(t *testing.T) {
	t.Parallel()
	changes := map[string]func(ctx workflow.Context, in workflows.CallInput) (workflows.CallResult, error){
		"a timer before everything else": func(ctx workflow.Context, in workflows.CallInput) (workflows.CallResult, error) {
			workflow.NewTimer(ctx, time.Minute)
			return workflows.Call(ctx, in)
		},
		"the outcome's search attribute before the dial": func(ctx workflow.Context, in workflows.CallInput) (workflows.CallResult, error) {
			if err := workflow.UpsertTypedSearchAttributes(ctx, workflows.KeyCallStatus.ValueSet(string(call.Answered))); err != nil {
				return workflows.CallResult{}, err
			}
			return workflows.Call(ctx, in)
		},
		"the dial before the room": dialFirst,
	}
	for name, changed := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			replayer := worker.NewWorkflowReplayer()
			replayer.RegisterWorkflowWithOptions(changed, workflow.RegisterOptions{Name: "Call"})
			err := replayer.ReplayWorkflowHistoryFromJSONFile(quietReplay, recorded(t)[string(call.ReasonCustomerHangup)])
			require.ErrorContains(t, err, "nondeterministic")
		})
	}
}

// dialFirst is the beginning of a Call in the wrong order.
func dialFirst(ctx workflow.Context, in workflows.CallInput) (workflows.CallResult, error) {
	dial := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	open := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute})
	if err := workflow.ExecuteActivity(dial, calling.Dial, activities.DialInput{CallID: in.CallID}).Get(dial, nil); err != nil {
		return workflows.CallResult{}, err
	}
	return workflows.CallResult{}, workflow.ExecuteLocalActivity(open, calling.OpenRoom, activities.OpenRoomInput{CallID: in.CallID}).Get(open, nil)
}
