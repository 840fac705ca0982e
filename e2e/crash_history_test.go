package e2e_test

import (
	"fmt"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
)

// showHistory logs what Temporal knows of a call, for the reader of a failed test.
func (c *phoneCall) showHistory() {
	var b strings.Builder
	events := c.site.Temporal.GetWorkflowHistory(c.t.Context(), c.placed.CallID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			_, _ = fmt.Fprintln(&b, err)
			break
		}
		_, _ = fmt.Fprintf(&b, "%3d %s %-30s %.400s\n", e.GetEventId(), e.GetEventTime().AsTime().Format("15:04:05.000"),
			strings.TrimPrefix(e.GetEventType().String(), "EVENT_TYPE_"), said(e))
	}
	c.t.Logf("history of %s to %s:\n%s", c.placed.CallID, c.number, b.String())
}

// said is what an event holds that tells one from another.
func said(e *historypb.HistoryEvent) string {
	switch {
	case e.GetWorkflowExecutionSignaledEventAttributes() != nil:
		a := e.GetWorkflowExecutionSignaledEventAttributes()
		return a.GetSignalName() + texts(a.GetInput())
	case e.GetActivityTaskScheduledEventAttributes() != nil:
		return e.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName()
	case e.GetActivityTaskCompletedEventAttributes() != nil:
		return texts(e.GetActivityTaskCompletedEventAttributes().GetResult())
	case e.GetActivityTaskFailedEventAttributes() != nil:
		return e.GetActivityTaskFailedEventAttributes().GetFailure().GetMessage()
	case e.GetMarkerRecordedEventAttributes() != nil:
		var all string
		for name, details := range e.GetMarkerRecordedEventAttributes().GetDetails() {
			all += " " + name + texts(details)
		}
		return all
	default:
		return ""
	}
}

func texts(payloads *commonpb.Payloads) string {
	var all string
	for _, p := range payloads.GetPayloads() {
		all += " " + string(p.GetData())
	}
	return all
}
