package workflows

import (
	"go.temporal.io/sdk/worker"

	"github.com/click2call/click2call/activities"
)

// RegisterCalls registers all that runs on TaskQueueCalls.
func RegisterCalls(r worker.Registry, c *activities.Calling, w *activities.Watching) {
	r.RegisterWorkflow(Call)
	r.RegisterWorkflow(Watch)
	r.RegisterActivity(c)
	r.RegisterActivity(w)
}

// RegisterDeliveries registers all that runs on TaskQueueDeliveries.
func RegisterDeliveries(r worker.Registry, d *activities.Delivering, bulk *activities.Replaying) {
	r.RegisterWorkflow(Deliver)
	r.RegisterWorkflow(WatchEndpoint)
	r.RegisterWorkflow(Replay)
	r.RegisterActivity(d)
	r.RegisterActivity(bulk)
}
