package workflows_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.temporal.io/sdk/client"
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
			registerRecorded(replayer)
			require.NoError(t, replayer.ReplayWorkflowHistoryFromJSONFile(quietReplay, file))
		})
	}
}

// registrar is a worker of which only the workflows count.
type registrar struct {
	worker.Registry

	register func(workflow any, options workflow.RegisterOptions)
}

func (r registrar) RegisterWorkflowWithOptions(w any, o workflow.RegisterOptions) { r.register(w, o) }
func (registrar) RegisterActivity(any)                                            {}

// registerAll registers what the product's workers register.
func registerAll(register func(workflow any, options workflow.RegisterOptions)) {
	workflows.RegisterCalls(registrar{register: register}, nil, nil, nil)
	workflows.RegisterDeliveries(registrar{register: register}, nil, nil)
}

// registerEndpoints registers what the worker of endpoints does: none of it is new.
func registerEndpoints(register func(workflow any, options workflow.RegisterOptions)) {
	workflows.RegisterEndpoints(registrar{register: register}, nil)
}

func registerRecorded(r worker.WorkflowReplayer) { registerAll(r.RegisterWorkflowWithOptions) }

// typeRecorded is the type of the workflow whose history a file holds.
func typeRecorded(t *testing.T, file string) string {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	history, err := client.HistoryFromJSON(f, client.HistoryJSONOptions{LastEventID: 1})
	require.NoError(t, err)
	return history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes().GetWorkflowType().GetName()
}

// TestEveryWorkflowIsRecorded fails when a workflow that a worker runs has no history to be replayed: nobody would notice that
// a change of it stops those under way.
func TestEveryWorkflowIsRecorded(t *testing.T) {
	t.Parallel()
	have := map[string]bool{}
	for _, file := range recorded(t) {
		have[typeRecorded(t, file)] = true
	}
	registered := 0
	registerAll(func(w any, _ workflow.RegisterOptions) {
		registered++
		name := runtime.FuncForPC(reflect.ValueOf(w).Pointer()).Name()
		name = name[strings.LastIndex(name, ".")+1:]
		require.True(t, have[name], "%s has no history in %s", name, recordedIn)
	})
	require.Equal(t, 6, registered)
	registerEndpoints(func(w any, _ workflow.RegisterOptions) {
		require.Equal(t, reflect.ValueOf(workflows.WatchEndpoint).Pointer(), reflect.ValueOf(w).Pointer())
	})
}

// TestReplayNoticesAnythingNew shows that no recorded history fits a workflow that does something else than it did then.
func TestReplayNoticesAnythingNew(t *testing.T) {
	t.Parallel()
	for name, file := range recorded(t) {
		replayer := worker.NewWorkflowReplayer()
		replayer.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
			ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
			return workflow.ExecuteActivity(ctx, "SomethingNew").Get(ctx, nil)
		}, workflow.RegisterOptions{Name: typeRecorded(t, file)})
		require.ErrorContains(t, replayer.ReplayWorkflowHistoryFromJSONFile(quietReplay, file), "[TMPRL1100]", name) // Temporal's code for that, whatever the words
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
		registerRecorded(replayer)
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
