package api_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/workflows"
)

// TestSignalsOutliveAnOutage: a beacon is sent once, and LiveKit gives its events up after 15 s.
func TestSignalsOutliveAnOutage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	deps := b.deps()
	deps.ResendEvery = 20 * time.Millisecond
	b.handler = api.New(deps)
	id := b.open()
	path := "/api/c2c/calls/" + string(id)
	b.workflows.fail(errTrouble)
	b.report(id, `{"status":"ANSWERED"}`).isProblem(503, "temporal_unavailable")
	for range 3 {
		b.event(left("EV_1", id)).isProblem(503, "temporal_unavailable")
		b.do(http.MethodPost, path+"/hangup", "").isProblem(503, "temporal_unavailable")
	}
	asked := b.clock.now()
	unknown := call.NewID()
	b.do(http.MethodPost, "/api/c2c/calls/"+string(unknown)+"/hangup", "").isProblem(503, "temporal_unavailable")
	b.workflows.fail(nil)

	require.Eventually(t, func() bool { return len(b.workflows.sent()) >= 3 }, 10*time.Second, 5*time.Millisecond)
	names := map[string]int{}
	for _, s := range b.workflows.sent() {
		names[s.name]++
		require.Equal(t, id, s.id)
		if s.name == "hangup by browser" {
			require.False(t, s.at.After(asked), "it counts when it was asked for")
		}
	}
	require.Equal(t, map[string]int{"report": 1, "event": 1, "hangup by browser": 1}, names)
}

// TestWhatNobodyCouldTellIsWithdrawn: the CRM was told that its call was not accepted, while the database was away and the workflow
// late. The workflow finds nothing to accept when both are back.
func TestWhatNobodyCouldTellIsWithdrawn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	deps := b.deps()
	deps.ResendEvery = 20 * time.Millisecond
	b.handler = api.New(deps)
	b.store.stick(errDown)
	b.workflows.open = func(context.Context, workflows.CallInput) error { return errTrouble }
	b.place(goodBody).isProblem(503, "store_unavailable")
	id := b.workflows.opened()[0].CallID
	require.Len(t, b.store.rows(), 1)
	b.store.stick(nil)
	require.Eventually(t, func() bool { return len(b.store.rows()) == 0 }, 10*time.Second, 5*time.Millisecond)
	require.False(t, b.store.accept(id))
}
