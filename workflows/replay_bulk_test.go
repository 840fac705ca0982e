package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/workflows"
)

// bulkTest runs Replay with a store that is played: the state that the pages find, and what was written into it.
type bulkTest struct {
	*testsuite.TestWorkflowEnvironment
	state   activities.ReplayState
	left    int
	perPage int
	pages   int
	written []activities.ReplayState
	onPage  func(page int)
}

func newBulkTest(left, perPage int) *bulkTest {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quietReplay)
	b := &bulkTest{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), state: activities.ReplayRunning, left: left, perPage: perPage}
	b.SetWorkerOptions(worker.Options{WorkflowPanicPolicy: worker.FailWorkflow})
	b.RegisterWorkflow(workflows.Replay)
	var names *activities.Replaying
	b.RegisterActivity(names)
	b.OnActivity(names.ReplayPage, mock.Anything, activities.ReplayPageInput{ReplayID: "rpl_1"}).Return(
		func(context.Context, activities.ReplayPageInput) (activities.ReplayProgress, error) {
			return b.page(), nil
		}).Maybe()
	b.OnActivity(names.SteerReplay, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.SteerReplayInput) (activities.ReplayProgress, error) {
			b.written = append(b.written, in.To)
			b.state = in.To
			return activities.ReplayProgress{}, nil
		}).Maybe()
	return b
}

func (b *bulkTest) page() activities.ReplayProgress {
	b.pages++
	if b.state == activities.ReplayRunning {
		b.left = max(0, b.left-b.perPage)
	}
	if b.onPage != nil {
		b.onPage(b.pages)
	}
	if b.state == activities.ReplayRunning && b.left == 0 {
		b.state = activities.ReplayDone
	}
	return activities.ReplayProgress{State: b.state, Total: 100, Left: b.left}
}

func (b *bulkTest) run(t *testing.T) (activities.ReplayProgress, error) {
	t.Helper()
	b.ExecuteWorkflow(workflows.Replay, workflows.ReplayInput{ReplayID: "rpl_1"})
	require.True(t, b.IsWorkflowCompleted())
	if err := b.GetWorkflowError(); err != nil {
		return activities.ReplayProgress{}, err
	}
	var p activities.ReplayProgress
	require.NoError(t, b.GetWorkflowResult(&p))
	return p, nil
}

func (b *bulkTest) signalAfter(d time.Duration, s workflows.Signal[workflows.Steer], stored bool, to activities.ReplayState) {
	b.RegisterDelayedCallback(func() {
		if stored {
			b.state = to
		}
		b.SignalWorkflow(s.Name, workflows.Steer{Stored: stored})
	}, d)
}

func TestBulkReplayPages(t *testing.T) {
	t.Parallel()
	b := newBulkTest(100, 30)
	p, err := b.run(t)
	require.NoError(t, err)
	require.Equal(t, activities.ReplayDone, p.State)
	require.Equal(t, 4, b.pages)
	require.Empty(t, b.written)
}

// TestBulkReplayPausedByTheStore is paused and resumed as the console does: in the store first, then by a signal.
func TestBulkReplayPausedByTheStore(t *testing.T) {
	t.Parallel()
	b := newBulkTest(100, 50)
	b.onPage = func(page int) {
		if page == 1 {
			b.state = activities.ReplayPaused
		}
	}
	b.signalAfter(time.Hour, workflows.SignalReplayPause, true, activities.ReplayPaused) // says nothing new
	b.signalAfter(2*time.Hour, workflows.SignalReplayResume, true, activities.ReplayRunning)
	began := b.Now()
	p, err := b.run(t)
	require.NoError(t, err)
	require.Equal(t, activities.ReplayDone, p.State)
	require.GreaterOrEqual(t, b.Now().Sub(began), 2*time.Hour)
	require.Equal(t, 3, b.pages, "one before, one that finds it paused still, one after")
	require.Empty(t, b.written)
}

// TestBulkReplaySteeredFromTemporal signals without a payload that says that the store knows.
func TestBulkReplaySteeredFromTemporal(t *testing.T) {
	t.Parallel()
	b := newBulkTest(1000, 1)
	b.onPage = func(page int) {
		if page == 1 {
			b.SignalWorkflow("pause", nil)
			b.state = activities.ReplayPaused // the signal's activity runs beside the page
		}
	}
	b.signalAfter(time.Hour, workflows.SignalReplayCancel, false, "")
	p, err := b.run(t)
	require.NoError(t, err)
	require.Equal(t, activities.ReplayCancelled, p.State)
	require.Equal(t, []activities.ReplayState{activities.ReplayPaused, activities.ReplayCancelled}, b.written)
}

// TestBulkReplayCancelledInTemporal cancels the workflow itself: the store must agree.
func TestBulkReplayCancelledInTemporal(t *testing.T) {
	t.Parallel()
	b := newBulkTest(100, 50)
	b.state = activities.ReplayPaused
	b.RegisterDelayedCallback(b.CancelWorkflow, time.Hour)
	_, err := b.run(t)
	var cancelled *temporal.CanceledError
	require.True(t, errors.As(err, &cancelled), "%v", err)
	require.Equal(t, []activities.ReplayState{activities.ReplayCancelled}, b.written)
}

// TestBulkReplayHistoryIsBounded has more pages than fit into one run.
func TestBulkReplayHistoryIsBounded(t *testing.T) {
	t.Parallel()
	b := newBulkTest(1000, 1)
	_, err := b.run(t)
	require.True(t, workflow.IsContinueAsNewError(err), "%v", err)
	require.Equal(t, 100, b.pages)
	require.Equal(t, 900, b.left)
}

// TestBulkReplayPausedAsItsRunEnds has somebody pause it from Temporal in the task in which its hundredth page ends: the word must
// not be lost with the run.
func TestBulkReplayPausedAsItsRunEnds(t *testing.T) {
	t.Parallel()
	b := newBulkTest(1000, 1)
	b.onPage = func(page int) {
		if page == 100 {
			b.SignalWorkflowSkippingWorkflowTask(workflows.SignalReplayPause.Name, workflows.Steer{})
		}
	}
	_, err := b.run(t)
	var again *workflow.ContinueAsNewError
	require.ErrorAs(t, err, &again)
	require.Equal(t, []activities.ReplayState{activities.ReplayPaused}, b.written)
}
