package activities

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How LiveKit's budget of requests is shared.
const (
	// budgetShare is how much of it the watch and the sweep get at most, in percent: calls must never wait for them.
	budgetShare = 60
	// budgetFloor is what they get at least, however many calls begin, and all that they get while LiveKit says that it is too much.
	budgetFloor = 10
	// requestsPerCall is what a call's own steps take, with some to spare: the room, the agent's presence, the dial, looks at its end,
	// the deletion.
	requestsPerCall = 8
	// throttledFor is how long the watch keeps to the floor after LiveKit has said that it is asked too often.
	throttledFor = 30 * time.Second
)

// allowance is what the calls leave to the watch and the sweep of the requests that LiveKit answers in a minute. Their processes do not
// talk with each other, so what calls take is reckoned from how many have begun lately. Its zero value sets no limit; it is safe for
// concurrent use.
type allowance struct {
	mu        sync.Mutex
	limit     *rate.Limiter // nil: no limit
	begun     []begun       // within the last minute
	throttled time.Time     // when LiveKit last said that it is asked too often
}

type begun struct {
	at    time.Time
	calls int
}

// set reckons the allowance anew: a budget of requests a minute, 0 for none, and how many calls have begun since it was last set.
func (a *allowance) set(now time.Time, budget, calls int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.begun = slices.DeleteFunc(a.begun, func(b begun) bool { return now.Sub(b.at) >= time.Minute })
	if calls > 0 {
		a.begun = append(a.begun, begun{now, calls})
	}
	if budget <= 0 {
		a.limit = nil
		return
	}
	left := budget
	for _, b := range a.begun {
		left -= b.calls * requestsPerCall
	}
	left = max(min(left, budget*budgetShare/100), budget*budgetFloor/100, 1)
	if !a.throttled.IsZero() && now.Sub(a.throttled) < throttledFor {
		left = max(budget*budgetFloor/100, 1)
	}
	perSecond := float64(left) / 60
	if a.limit == nil {
		a.limit = rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond)))
		return
	}
	a.limit.SetLimitAt(now, rate.Limit(perSecond))
	a.limit.SetBurstAt(now, max(1, int(perSecond)))
}

// throttle is for LiveKit's word that it is asked too often.
func (a *allowance) throttle(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.throttled = now
}

func (a *allowance) limiter() *rate.Limiter {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.limit
}

// wait returns when one request may be made; its error says that this is not before the context's end.
func (a *allowance) wait(ctx context.Context) error {
	limit := a.limiter()
	if limit == nil {
		return nil
	}
	return limit.Wait(ctx)
}

// charge is for n requests that were made without waiting: the next ones wait longer.
func (a *allowance) charge(n int) {
	limit := a.limiter()
	if limit == nil {
		return
	}
	for range n {
		limit.Reserve()
	}
}
