package workflows

import (
	"context"
	"errors"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
)

// The SDK's names of what it keeps of a local activity (internal_command_state_machine.go, internal_event_handlers.go).
const (
	markerLocalActivity = "LocalActivity"
	markerData          = "data"
	markerResult        = "result"
)

// nameOfRecord is the type of the activity that records an outcome.
const nameOfRecord = "Record"

// ResultOfCall returns the outcome that a call's workflow recorded before it completed. Workflows of before 2026-12 do not have it
// in their result, but in the history of its recording.
func (c *Client) ResultOfCall(ctx context.Context, id call.ID) (activities.Recorded, error) {
	var result CallResult
	if err := c.temporal.GetWorkflow(ctx, CallWorkflowID(id), "").Get(ctx, &result); err != nil {
		return activities.Recorded{}, fmt.Errorf("read the result of call %s: %w", id, err)
	}
	if result.Outcome != nil {
		return activities.Recorded{Outcome: *result.Outcome, BodySHA256: result.BodySHA256}, nil
	}
	recorded, err := c.recordedIn(ctx, id)
	if err != nil {
		return activities.Recorded{}, fmt.Errorf("read the outcome in the history of call %s: %w", id, err)
	}
	return recorded, nil
}

func (c *Client) recordedIn(ctx context.Context, id call.ID) (found activities.Recorded, err error) {
	events := c.temporal.GetWorkflowHistory(ctx, CallWorkflowID(id), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	recordings := map[int64]bool{} // scheduled activities that record
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return found, err
		}
		result, err := resultOfRecord(event, recordings)
		if err != nil {
			return found, err
		}
		if result == nil {
			continue
		}
		if err := converter.GetDefaultDataConverter().FromPayloads(result, &found); err != nil {
			return found, err
		}
	}
	if found.CallStatus == "" {
		return found, errors.New("it is not there")
	}
	return found, nil
}

// resultOfRecord is what Record returned if this event tells it. Record runs as a local activity, or as an activity when that failed.
func resultOfRecord(event *historypb.HistoryEvent, recordings map[int64]bool) (*commonpb.Payloads, error) {
	if a := event.GetActivityTaskScheduledEventAttributes(); a.GetActivityType().GetName() == nameOfRecord {
		recordings[event.GetEventId()] = true
	}
	if a := event.GetActivityTaskCompletedEventAttributes(); recordings[a.GetScheduledEventId()] {
		return a.GetResult(), nil
	}
	m := event.GetMarkerRecordedEventAttributes()
	if m.GetMarkerName() != markerLocalActivity || m.GetFailure() != nil {
		return nil, nil //nolint:nilnil // this event tells nothing
	}
	var of struct{ ActivityType string }
	if err := converter.GetDefaultDataConverter().FromPayloads(m.GetDetails()[markerData], &of); err != nil {
		return nil, err
	}
	if of.ActivityType != nameOfRecord {
		return nil, nil //nolint:nilnil // likewise
	}
	return m.GetDetails()[markerResult], nil
}
