package workflows_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/workflows"
)

// pastTemporal has one recorded history of a workflow that completed.
type pastTemporal struct {
	client.Client
	client.WorkflowRun

	events []*historypb.HistoryEvent
	next   int
}

func (p *pastTemporal) GetWorkflow(context.Context, string, string) client.WorkflowRun { return p }

func (p *pastTemporal) Get(_ context.Context, result any) error {
	last := p.events[len(p.events)-1].GetWorkflowExecutionCompletedEventAttributes()
	if last == nil {
		return errors.New("it has not completed")
	}
	return converter.GetDefaultDataConverter().FromPayloads(last.GetResult(), result)
}

func (p *pastTemporal) GetWorkflowHistory(context.Context, string, string, bool, enumspb.HistoryEventFilterType) client.HistoryEventIterator {
	return p
}

func (p *pastTemporal) HasNext() bool { return p.next < len(p.events) }

func (p *pastTemporal) Next() (*historypb.HistoryEvent, error) {
	p.next++
	return p.events[p.next-1], nil
}

// Histories of versions that did not put the outcome into the result have it all the same.
func TestResultOfCallOfAnOlderVersion(t *testing.T) {
	t.Parallel()
	asked := 0
	for _, reason := range []call.Reason{
		call.ReasonCustomerHangup, call.ReasonAgentHangup, call.ReasonAgentLost, call.ReasonBusy, call.ReasonNoAnswer, call.ReasonTrunkRejected,
		call.ReasonNeverConnected, call.ReasonDialStateUnknown, call.ReasonConnectionLost,
	} {
		file, ok := recorded(t)[string(reason)]
		if !ok {
			continue
		}
		asked++
		f, err := os.Open(file)
		require.NoError(t, err)
		history, err := client.HistoryFromJSON(f, client.HistoryJSONOptions{})
		require.NoError(t, err)
		require.NoError(t, f.Close())
		past := &pastTemporal{events: history.GetEvents()}
		var shown workflows.CallResult
		require.NoError(t, past.Get(t.Context(), &shown))
		got, err := workflows.NewClient(past).ResultOfCall(t.Context(), call.NewID())
		require.NoError(t, err, reason)
		require.Equal(t, reason, got.Reason)
		require.Equal(t, shown.DurationSeconds, got.DurationSeconds)
		require.Equal(t, shown.SIPCode, got.SIPCode)
		require.False(t, got.EndedAt.IsZero())
		require.NotEmpty(t, got.HangupBy)
	}
	require.GreaterOrEqual(t, asked, 6)
}

func TestResultOfCallHoldsTheOutcome(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	outcome := c.run()
	var result workflows.CallResult
	require.NoError(t, c.GetWorkflowResult(&result))
	require.Equal(t, outcome.Reason, result.Outcome.Reason)
	require.Equal(t, outcome.DurationSeconds, result.Outcome.DurationSeconds)
	require.True(t, outcome.EndedAt.Equal(result.Outcome.EndedAt))
	require.Equal(t, "5c", result.BodySHA256)
}
