package workflows

import (
	"go.temporal.io/sdk/worker"

	"github.com/click2call/click2call/activities"
)

// RegisterCalls registers all that runs on TaskQueueCalls.
func RegisterCalls(r worker.Registry, c *activities.Calling, w *activities.Watching, l *activities.Ledgering) {
	r.RegisterWorkflow(Call)
	r.RegisterWorkflow(Watch)
	r.RegisterWorkflow(Ledger)
	r.RegisterActivity(c)
	r.RegisterActivity(w)
	r.RegisterActivity(l)
}

// RegisterDeliveries registers all that runs on TaskQueueDeliveries.
func RegisterDeliveries(r worker.Registry, d *activities.Delivering) {
	r.RegisterWorkflow(Deliver)
	r.RegisterWorkflow(WatchEndpoint)
	r.RegisterActivity(d)
}
