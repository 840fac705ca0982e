package workflows_test

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/workflows"
)

// pastTemporal has one recorded history.
type pastTemporal struct {
	client.Client
	events []*historypb.HistoryEvent
}

func (p *pastTemporal) GetWorkflowHistory(context.Context, string, string, bool, enumspb.HistoryEventFilterType) client.HistoryEventIterator {
	return p
}

func (p *pastTemporal) HasNext() bool { return len(p.events) > 0 }

func (p *pastTemporal) Next() (*historypb.HistoryEvent, error) {
	first := p.events[0]
	p.events = p.events[1:]
	return first, nil
}

func TestRejoinGraceIsThatOfTheCall(t *testing.T) {
	t.Parallel()
	f, err := os.Open(recorded(t)[string(call.ReasonAgentLost)])
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	history, err := client.HistoryFromJSON(f, client.HistoryJSONOptions{})
	require.NoError(t, err)
	grace, err := workflows.NewClient(&pastTemporal{events: history.GetEvents()}).RejoinGrace(t.Context(), call.NewID())
	require.NoError(t, err)
	require.Positive(t, grace)
	require.NotEqual(t, call.DefaultKnobs().AgentRejoinGrace, grace, "the recorded call had another one")
}
