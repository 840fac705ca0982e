package activities

import (
	"context"

	"github.com/click2call/click2call/call"
)

// CheckTrunksOnce is for tests: a method of Watching would be an activity.
func CheckTrunksOnce(ctx context.Context, w *Watching) { w.checkTrunksOnce(ctx) }

// SweepOnce is for tests.
func SweepOnce(ctx context.Context, w *Watching, before map[call.ID]bool, whole bool) map[call.ID]bool {
	return w.sweepOnce(ctx, before, whole)
}

// WaitingFor is how many attempts to an endpoint wait for a lane.
func WaitingFor(d *Delivering, endpointID string) int {
	d.lanes.mu.Lock()
	defer d.lanes.mu.Unlock()
	return d.lanes.waiting[endpointID]
}
