package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
)

var watching *activities.Watching

// Watch keeps one WatchRooms activity running for the whole installation. The activity's retries add no events, so
// its history grows by a few events a day, whatever the number of calls.
func Watch(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 25 * time.Hour,
		HeartbeatTimeout:    15 * time.Second, // the SDK sends one every 12 s, so that a busy worker has slack
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 500 * time.Millisecond, BackoffCoefficient: 1, MaximumAttempts: 1_000_000},
		Summary:             "look into all live rooms",
	})
	if err := workflow.ExecuteActivity(ctx, watching.WatchRooms).Get(ctx, nil); err != nil {
		return err
	}
	return workflow.NewContinueAsNewError(ctx, Watch)
}
