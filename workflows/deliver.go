package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
)

var delivering *activities.Delivering

// Deliver brings one outcome to the CRM. Temporal keeps the retries of its one activity, whose failures say when
// the next attempt is due, so its history does not grow with attempts. It fails, visibly in Temporal Web, when the
// schedule is exhausted: the delivery is dead and can be replayed.
func Deliver(ctx workflow.Context, in DeliverInput) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           TaskQueueDeliveries,
		StartToCloseTimeout: 45 * time.Second,
		HeartbeatTimeout:    10 * time.Second, // an attempt whose worker died is made again soon
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 5 * time.Second, BackoffCoefficient: 1, MaximumAttempts: 10_000_000},
		Summary:             "POST " + in.EventID + " to the CRM",
	})
	return workflow.ExecuteActivity(ctx, delivering.Deliver, activities.DeliverInput{EventID: in.EventID}).Get(ctx, nil)
}
