package history

import (
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
)

// Bill is what a history costs. It counts what a history shows; heartbeats that reach the server are billed too, and no
// history shows them.
type Bill struct {
	Events  int
	Actions int
	Kinds   map[string]int // actions by what they are for
}

// Add puts another history's bill on this one.
func (b *Bill) Add(other Bill) {
	b.Events += other.Events
	b.Actions += other.Actions
	if b.Kinds == nil {
		b.Kinds = map[string]int{}
	}
	for kind, n := range other.Kinds {
		b.Kinds[kind] += n
	}
}

// localActivity is the name of the markers that the Go SDK records for local activities (internal_event_handlers.go).
const localActivity = "LocalActivity"

// kinds are the events that are billed as one action each (Temporal's documentation, evaluate/cloud/actions.mdx, 2026).
// A child costs its start and the parent's intent. Workflow tasks, results, accepted markers of other kinds and
// search attributes given at the start are free.
var kinds = map[enumspb.EventType]string{
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:                   "start",
	enumspb.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED:     "child intent",
	enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:                      "activity",
	enumspb.EVENT_TYPE_TIMER_STARTED:                                "timer",
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:                  "signal",
	enumspb.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: "signal",
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:           "update",
	enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:            "search attributes",
	enumspb.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED:                 "memo",
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:          "continue-as-new",
}

// Count adds up a history.
func Count(events []*historypb.HistoryEvent) Bill {
	b := Bill{Events: len(events), Kinds: map[string]int{}}
	localTasks := map[int64]bool{}
	for _, e := range events {
		if kind, billed := kinds[e.GetEventType()]; billed {
			b.Kinds[kind]++
		}
		switch e.GetEventType() {
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_STARTED:
			if again := int(e.GetActivityTaskStartedEventAttributes().GetAttempt()) - 1; again > 0 {
				b.Kinds["activity retry"] += again
			}
		case enumspb.EVENT_TYPE_MARKER_RECORDED:
			m := e.GetMarkerRecordedEventAttributes()
			if m.GetMarkerName() == localActivity {
				localTasks[m.GetWorkflowTaskCompletedEventId()] = true
			}
		}
	}
	if n := len(localTasks); n > 0 { // all local activities of one workflow task are one action
		b.Kinds["local activities"] = n
	}
	for _, n := range b.Kinds {
		b.Actions += n
	}
	return b
}
