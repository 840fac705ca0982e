package workflows

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"github.com/click2call/click2call/activities"
)

// pollFor is how long ago a poller that lives has asked for work: a poll takes a minute, and Temporal remembers who asked for five.
const pollFor = 90 * time.Second

// Work is how the workers do, as Temporal sees them.
type Work struct {
	Pollers  int           // that ask for work, of the least served kind of task
	Backlog  time.Duration // how long the oldest task of all queues waits for a worker, roughly
	Watching bool          // whether the installation's Watch runs
	Late     time.Duration // how much later than it should be the room is looked into whose turn is most overdue, by the Watch's last heartbeat
}

// Work asks Temporal how the workers of a namespace do. It costs five requests, none of them a billable action.
func (c *Client) Work(ctx context.Context, namespace string) (Work, error) {
	w := Work{Pollers: -1}
	for _, queue := range []string{TaskQueueCalls, TaskQueueDeliveries} {
		for _, kind := range []enumspb.TaskQueueType{enumspb.TASK_QUEUE_TYPE_WORKFLOW, enumspb.TASK_QUEUE_TYPE_ACTIVITY} {
			got, err := c.temporal.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
				Namespace: namespace, TaskQueue: &taskqueuepb.TaskQueue{Name: queue}, TaskQueueType: kind, ReportStats: true,
			})
			if err != nil {
				return Work{}, fmt.Errorf("%w: describe task queue %s: %w", ErrTemporalUnavailable, queue, err)
			}
			if n := polling(got.GetPollers(), time.Now()); w.Pollers < 0 || n < w.Pollers {
				w.Pollers = n
			}
			w.Backlog = max(w.Backlog, got.GetStats().GetApproximateBacklogAge().AsDuration())
		}
	}
	found, err := c.temporal.DescribeWorkflow(ctx, WatchID, "")
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return w, nil
	}
	if err != nil {
		return Work{}, fmt.Errorf("%w: describe %s: %w", ErrTemporalUnavailable, WatchID, err)
	}
	w.Watching, w.Late = found.Status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, watchedLate(found.RawResponse)
	return w, nil
}

// watchedLate is 0 when the Watch has not told: it has just begun, or is of an older version.
func watchedLate(watch *workflowservice.DescribeWorkflowExecutionResponse) time.Duration {
	for _, a := range watch.GetPendingActivities() {
		var news activities.WatchNews
		if converter.GetDefaultDataConverter().FromPayloads(a.GetHeartbeatDetails(), &news) == nil {
			return time.Duration(news.LateSeconds) * time.Second
		}
	}
	return 0
}

func polling(all []*taskqueuepb.PollerInfo, now time.Time) (n int) {
	for _, p := range all {
		if now.Sub(p.GetLastAccessTime().AsTime()) < pollFor {
			n++
		}
	}
	return n
}
