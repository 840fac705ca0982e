package e2e_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"github.com/click2call/click2call/lab/crm"
)

// TestWorkerKilledWhileHangingUp kills the worker between its look at who is there and the deletion of the room. LiveKit is
// frozen meanwhile: that instant is otherwise too short to hit.
func TestWorkerKilledWhileHangingUp(t *testing.T) {
	t.Parallel()
	s, processes := crashSite(t, setting{mode: webhook}, "api", "worker")
	c := s.call(t, rings).talking()
	require.NoError(t, s.Servers.LiveKit.Pause())
	require.NoError(t, c.PostHangUp(t.Context()))
	c.awaitTaskStarted()
	killed := time.Now()
	processes[1].Kill()
	require.NoError(t, s.Servers.LiveKit.Resume())
	comeUp(t, processes[1])
	c.survives(agentHangup, fate{lineLate: true})
	c.since("from the kill to the end", killed)
}

// TestWorkerKilledWhileDelivering kills the worker that waits for the CRM's answer. The outcome is posted again, and the
// CRM can tell that it is the same.
func TestWorkerKilledWhileDelivering(t *testing.T) {
	t.Parallel()
	s, processes := crashSite(t, setting{}, "api", "worker")
	require.NoError(t, s.CRM.Behave(crm.Behaviour{Mode: crm.ModeHang, Times: 1}))
	c := s.call(t, rings).talking()
	c.mayRepeat = true
	c.dropLine()
	ctx, cancel := c.within(soon)
	defer cancel()
	first, err := s.CRM.WaitUntil(ctx, func(r crm.Request) bool { return r.CallID == c.placed.CallID })
	require.NoError(t, err)
	killed := time.Now()
	processes[1].Kill()
	comeUp(t, processes[1])
	ctx, cancel = c.within(afterCrash)
	defer cancel()
	second, err := s.CRM.WaitFor(ctx, c.placed.CallID)
	require.NoError(t, err)
	c.since("from the kill to the second post", killed)
	assert.Equal(t, first.ID, second.ID, "the event id")
	assert.Equal(t, first.Body, second.Body, "the bytes")
	c.survives(customerHangup, fate{})
	assert.Len(t, s.CRM.ForCall(c.placed.CallID), 2)
}

// awaitTaskStarted waits until a worker has a task of the call's workflow in hand.
func (c *phoneCall) awaitTaskStarted() {
	c.t.Helper()
	require.Eventually(c.t, func() bool {
		d, err := c.site.Temporal.DescribeWorkflow(c.t.Context(), c.placed.CallID, "")
		return err == nil && d.RawResponse.GetPendingWorkflowTask().GetState() == enumspb.PENDING_WORKFLOW_TASK_STATE_STARTED
	}, soon, 10*time.Millisecond, "no worker has taken the task")
}
