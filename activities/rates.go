package activities

import (
	"context"
	"sync"

	"golang.org/x/time/rate"

	"github.com/click2call/click2call/store"
)

// rates keep the attempts of a process to what each endpoint wants a second. The zero value is ready.
type rates struct {
	mu  sync.Mutex
	all map[string]*rate.Limiter // by endpoint
}

// wait waits for the endpoint's next turn until ctx ends. errNoLane when that would be too late.
func (r *rates) wait(ctx context.Context, e store.Endpoint) error {
	limiter := r.of(e.ID, e.MaxPerSecond)
	if limiter == nil {
		return nil
	}
	if err := limiter.Wait(ctx); err != nil {
		return errNoLane
	}
	return nil
}

// of is the limiter of an endpoint, nil when it has none. A rate that was changed counts at once.
func (r *rates) of(endpointID string, perSecond int) *rate.Limiter {
	r.mu.Lock()
	defer r.mu.Unlock()
	if perSecond == 0 {
		delete(r.all, endpointID)
		return nil
	}
	if r.all == nil {
		r.all = map[string]*rate.Limiter{}
	}
	limiter := r.all[endpointID]
	if limiter == nil {
		limiter = rate.NewLimiter(rate.Limit(perSecond), max(1, perSecond/10))
		r.all[endpointID] = limiter
	}
	if limiter.Limit() != rate.Limit(perSecond) {
		limiter.SetLimit(rate.Limit(perSecond))
		limiter.SetBurst(max(1, perSecond/10))
	}
	return limiter
}
