package workflows_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/workflows"
)

// delivered runs a call that ends busy and returns what Temporal Web shows of it.
func (c *callTest) delivered() (result workflows.CallResult) {
	c.t.Helper()
	c.connect(time.Second)
	c.dial = call.Dial{State: call.DialRefused, SIPCode: 486}
	c.run()
	require.NoError(c.t, c.GetWorkflowResult(&result))
	return result
}

// TestFirstAttempt is made by the call's own workflow; another one is started only when it must be repeated.
func TestFirstAttempt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first    activities.DeliverState
		err      error
		want     string
		workflow bool
	}{
		"taken":               {first: activities.Delivered, want: "delivered"},
		"refused":             {first: activities.Waiting, want: "pending", workflow: true},
		"held back meanwhile": {first: activities.Parked, want: "parked"},
		"aborted":             {first: activities.Dead, want: "dead"},
		"not made":            {err: errors.New("the database is away"), want: "pending", workflow: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			call := newCallTest(t)
			call.first, call.firstErr = c.first, c.err
			began := call.Now()
			got := call.delivered()
			require.Equal(t, c.want, got.Delivery)
			require.Less(t, call.Now().Sub(began), 3*time.Minute, "the call's workflow ends, whatever the CRM does")
			id := workflows.DeliverWorkflowID(call.in.CallID.EventID())
			if !c.workflow {
				require.Empty(t, got.DeliveryWorkflow)
				require.Empty(t, call.went)
				require.Equal(t, 1, call.attempts)
				return
			}
			require.Equal(t, id, got.DeliveryWorkflow)
			require.Equal(t, []workflows.DeliverInput{{EventID: call.in.CallID.EventID(), CallID: call.in.CallID, Tried: true}}, call.went)
		})
	}
}

// TestBornParked is a row and nothing else: no workflow, no task.
func TestBornParked(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	c.parked = true
	got := c.delivered()
	require.Equal(t, "parked", got.Delivery)
	require.Empty(t, got.DeliveryWorkflow)
	require.Zero(t, c.attempts)
	require.Empty(t, c.went)
}
