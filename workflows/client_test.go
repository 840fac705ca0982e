package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/workflows"
)

// overClient is a Temporal where no call lives any more. It can send signals; whoever wants to start something with them panics.
type overClient struct {
	client.Client

	sent []string
}

func (c *overClient) SignalWorkflow(_ context.Context, workflowID, _, name string, _ any) error {
	c.sent = append(c.sent, workflowID+" "+name)
	return serviceerror.NewNotFound("workflow execution already completed")
}

// A signal that comes after the end must not begin a second call.
func TestSignalsNeverStartACall(t *testing.T) {
	t.Parallel()
	temporal, id, at := &overClient{}, call.NewID(), time.Now()
	c := workflows.NewClient(temporal)
	require.ErrorIs(t, c.Connect(t.Context(), id, at), workflows.ErrOver)
	require.ErrorIs(t, c.HangUp(t.Context(), id, call.SourceBrowser, at), workflows.ErrOver)
	require.ErrorIs(t, c.Report(t.Context(), id, at), workflows.ErrOver)
	require.ErrorIs(t, c.RoomEvent(t.Context(), id, call.RoomEvent{At: at}), workflows.ErrOver)
	called := workflows.CallWorkflowID(id)
	require.Equal(t, []string{called + " connect", called + " hangup", called + " browser-report", called + " livekit-event"}, temporal.sent)
}
