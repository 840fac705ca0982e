package workflows

import (
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
)

// What becomes of workflows when a new build of the workers takes over; it counts only where worker versioning is on. A call lives
// for minutes and stays with the build that it began on. The others may live for days, and go on with the new build: recorded
// histories of them are replayed in tests.
var (
	pinned    = workflow.RegisterOptions{VersioningBehavior: workflow.VersioningBehaviorPinned}
	upgrading = workflow.RegisterOptions{VersioningBehavior: workflow.VersioningBehaviorAutoUpgrade}
)

// RegisterCalls registers all that runs on TaskQueueCalls.
func RegisterCalls(r worker.Registry, c *activities.Calling, w *activities.Watching, l *activities.Ledgering) {
	r.RegisterWorkflowWithOptions(Call, pinned)
	r.RegisterWorkflowWithOptions(Watch, upgrading)
	r.RegisterWorkflowWithOptions(Ledger, upgrading)
	r.RegisterActivity(c)
	r.RegisterActivity(w)
	r.RegisterActivity(l)
}

// RegisterDeliveries registers all that runs on TaskQueueDeliveries, watches that were started by older versions among it.
func RegisterDeliveries(r worker.Registry, d *activities.Delivering, bulk *activities.Replaying) {
	r.RegisterWorkflowWithOptions(Deliver, upgrading)
	r.RegisterWorkflowWithOptions(WatchEndpoint, upgrading)
	r.RegisterWorkflowWithOptions(Replay, upgrading)
	r.RegisterActivity(d)
	r.RegisterActivity(bulk)
}

// RegisterEndpoints registers all that runs on TaskQueueEndpoints.
func RegisterEndpoints(r worker.Registry, d *activities.Delivering) {
	r.RegisterWorkflowWithOptions(WatchEndpoint, upgrading)
	r.RegisterActivity(d)
}
