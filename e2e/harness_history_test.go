package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	historypb "go.temporal.io/api/history/v1"

	"github.com/click2call/click2call/lab/history"
)

// history is what Temporal keeps of this call's workflow.
func (c *phoneCall) history() []*historypb.HistoryEvent {
	c.t.Helper()
	return c.site.history(c.t, c.placed.CallID)
}

// deliveryHistory is what Temporal keeps of the workflow that delivers this call's outcome.
func (c *phoneCall) deliveryHistory() []*historypb.HistoryEvent {
	c.t.Helper()
	return c.site.history(c.t, "delivery-evt_"+c.placed.CallID[len("c2c_"):])
}

func (s *site) history(t *testing.T, workflowID string) []*historypb.HistoryEvent {
	t.Helper()
	events, err := history.Read(t.Context(), s.Temporal, workflowID)
	require.NoError(t, err)
	return events
}

// signals counts a call's signals of one name.
func (c *phoneCall) signals(name string) int {
	c.t.Helper()
	n := 0
	for _, e := range c.history() {
		if e.GetWorkflowExecutionSignaledEventAttributes().GetSignalName() == name {
			n++
		}
	}
	return n
}
