package activities

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	// stoodStillFor is the shortest standstill that counts.
	stoodStillFor = 4 * time.Second
	// patience is how long Temporal surely waits for the first heartbeat: dials have 10 s, and the task was under way for a moment.
	patience = 9 * time.Second
)

// pulse notices that this process stood still for seconds: stopped, swapped out, or moved to another machine. Meanwhile it sent no
// heartbeat, Temporal may have given the activity up, and its context does not know yet.
type pulse struct {
	began time.Time
	last  atomic.Pointer[time.Time]
	still atomic.Bool
}

// feelPulse begins to measure, until ctx ends.
func feelPulse(ctx context.Context) *pulse {
	p := &pulse{began: time.Now()}
	p.last.Store(&p.began)
	go func() {
		for ctx.Err() == nil {
			pause(ctx, time.Second)
			p.measure(time.Now())
		}
	}()
	return p
}

func (p *pulse) measure(now time.Time) {
	if last := p.last.Swap(&now); now.Sub(*last) > stoodStillFor {
		p.still.Store(true)
	}
}

// givenUp reports whether Temporal may have given the activity up at this moment without its context knowing.
func (p *pulse) givenUp(now time.Time) bool {
	p.measure(now)
	return p.still.Load() && now.Sub(p.began) > patience
}
