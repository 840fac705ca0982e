package activities

import (
	"context"
	"time"

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

// Allowance is for tests.
type Allowance struct{ allowance }

// Set is for tests.
func (a *Allowance) Set(now time.Time, budget, calls int) { a.set(now, budget, calls) }

// Throttle is for tests.
func (a *Allowance) Throttle(now time.Time) { a.throttle(now) }

// PerMinute is how many requests a minute are left to the watch, 0 for any number.
func (a *Allowance) PerMinute() float64 {
	if limit := a.limiter(); limit != nil {
		return float64(limit.Limit()) * 60
	}
	return 0
}
