package e2e_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/click2call/click2call/lab/history"
)

// TestConnectBeforeADeadlineWithoutAWorker: /connect is in time and is answered; the worker comes back only when the time for it
// is over, and hears of both at once. The agent was told that the phone rings, so it rings.
func TestConnectBeforeADeadlineWithoutAWorker(t *testing.T) {
	t.Parallel()
	s, processes := crashSite(t, setting{mode: webhook, env: []string{"CONNECT_TIMEOUT=10s"}}, "api", "worker")
	c := s.call(t, rings).enter()
	c.story = "_connected_at_the_deadline"
	processes[1].Kill()
	require.NoError(t, c.Connect(t.Context()))
	c.awaitEvent("the time for /connect is over", enumspb.EVENT_TYPE_TIMER_FIRED)
	comeUp(t, processes[1])
	c.hearEachOther()
	c.dropLine()
	c.survives(customerHangup, fate{})
}

// TestResetInMidCall: an operator presses Reset in Temporal Web, to a point before the dial. The call goes on, and the phone is not
// rung again.
func TestResetInMidCall(t *testing.T) {
	t.Parallel()
	bothModes(t, func(t *testing.T, m mode) {
		t.Parallel()
		s, _ := crashSite(t, lossy(m), "api", "worker")
		c := s.call(t, rings).talking()
		before, id := c.sound(), c.placed.CallID
		events, err := history.Read(t.Context(), s.Temporal, id)
		require.NoError(t, err)
		first := events[slices.IndexFunc(events, isType(enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED))]
		_, err = s.Temporal.ResetWorkflowExecution(t.Context(), &workflowservice.ResetWorkflowExecutionRequest{
			Namespace: "default", WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: id},
			Reason: "a mistake", WorkflowTaskFinishEventId: first.GetEventId(), RequestId: t.Name(),
		})
		require.NoError(t, err)
		c.awaitEvent("the dial was refused", enumspb.EVENT_TYPE_ACTIVITY_TASK_FAILED)
		c.keptTalking(before)
		require.NoError(t, c.HangUp(t.Context()))
		c.survives(agentHangup, fate{})
	})
}

func isType(kind enumspb.EventType) func(*historypb.HistoryEvent) bool {
	return func(e *historypb.HistoryEvent) bool { return e.GetEventType() == kind }
}

// awaitEvent waits until the history of the call's workflow, which goes on, holds an event.
func (c *phoneCall) awaitEvent(what string, kind enumspb.EventType) {
	c.t.Helper()
	require.Eventually(c.t, func() bool {
		events, err := history.Read(c.t.Context(), c.site.Temporal, c.placed.CallID)
		return err == nil && slices.ContainsFunc(events, isType(kind))
	}, 30*time.Second, poll, what)
}
