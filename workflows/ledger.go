package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
)

var ledgering *activities.Ledgering

// Ledger checks the store against Temporal once: see [activities.Ledgering]. A schedule starts it; its result is the report.
func Ledger(ctx workflow.Context) (activities.LedgerReport, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 4 * time.Minute,
		HeartbeatTimeout:    10 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 2 * time.Second, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second, MaximumAttempts: 5},
		Summary:             "check calls and deliveries against Temporal",
	})
	var report activities.LedgerReport
	err := workflow.ExecuteActivity(ctx, ledgering.CheckLedger).Get(ctx, &report)
	return report, err
}
