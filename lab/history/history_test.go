package history_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"

	"github.com/click2call/click2call/lab/history"
)

func event(t enumspb.EventType) *historypb.HistoryEvent {
	return &historypb.HistoryEvent{EventType: t}
}

func marker(name string, task int64) *historypb.HistoryEvent {
	return &historypb.HistoryEvent{
		EventType: enumspb.EVENT_TYPE_MARKER_RECORDED,
		Attributes: &historypb.HistoryEvent_MarkerRecordedEventAttributes{MarkerRecordedEventAttributes: &historypb.MarkerRecordedEventAttributes{
			MarkerName: name, WorkflowTaskCompletedEventId: task,
			Details: map[string]*commonpb.Payloads{"data": {Payloads: []*commonpb.Payload{{Data: []byte(`{"secret":"9530251797"}`)}}}},
		}},
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	started := &historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_ACTIVITY_TASK_STARTED,
		Attributes: &historypb.HistoryEvent_ActivityTaskStartedEventAttributes{
			ActivityTaskStartedEventAttributes: &historypb.ActivityTaskStartedEventAttributes{Attempt: 3}}}
	bill := history.Count([]*historypb.HistoryEvent{
		event(enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED), event(enumspb.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED),
		marker("LocalActivity", 4), marker("LocalActivity", 4), marker("LocalActivity", 9), marker("Version", 9),
		event(enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED), started,
		event(enumspb.EVENT_TYPE_TIMER_STARTED), event(enumspb.EVENT_TYPE_TIMER_FIRED), event(enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED),
		event(enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED),
	})
	require.Equal(t, 12, bill.Events)
	require.Equal(t, map[string]int{"start": 1, "local activities": 2, "activity": 1, "activity retry": 2, "timer": 1, "signal": 1}, bill.Kinds)
	require.Equal(t, 8, bill.Actions)
	both := history.Bill{}
	both.Add(bill)
	both.Add(bill)
	require.Equal(t, 16, both.Actions)
	require.Equal(t, 24, both.Events)
	require.Equal(t, 4, both.Kinds["activity retry"])
}

func TestTextHoldsEveryPayload(t *testing.T) {
	t.Parallel()
	text, err := history.Text(&historypb.History{Events: []*historypb.HistoryEvent{marker("LocalActivity", 4)}})
	require.NoError(t, err)
	for _, want := range []string{"LocalActivity", "data", `{"secret":"9530251797"}`} {
		require.Contains(t, text, want)
	}
}
