package workflows

import (
	"cmp"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
)

var watching *activities.Watching

// WatchInput is what a run of Watch hands to the next one; the first has none.
type WatchInput struct {
	Heartbeat time.Duration `json:"heartbeat,omitempty"` // of WatchRooms; 0: activities.DefaultWatchHeartbeat
}

// Watch keeps one WatchRooms activity running for the whole installation. The activity's retries add no events, so
// its history grows by a few events a day, whatever the number of calls.
func Watch(ctx workflow.Context, in WatchInput) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 25 * time.Hour,
		HeartbeatTimeout:    cmp.Or(in.Heartbeat, activities.DefaultWatchHeartbeat), // the SDK sends one after four fifths, so that a busy worker has slack
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 500 * time.Millisecond, BackoffCoefficient: 1, MaximumAttempts: 1_000_000},
		Summary:             "look into all live rooms",
	})
	var end activities.WatchEnd
	if err := workflow.ExecuteActivity(ctx, watching.WatchRooms).Get(ctx, &end); err != nil {
		return err
	}
	return workflow.NewContinueAsNewError(ctx, Watch, WatchInput{Heartbeat: cmp.Or(end.Heartbeat, in.Heartbeat)})
}
