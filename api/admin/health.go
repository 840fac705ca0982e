package admin

import (
	"context"
	"sync"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
)

// healthAge is how old the word on a dependency may be. Many look at the overview; LiveKit and Temporal need not notice.
const healthAge = 5 * time.Second

// health remembers how the dependencies answered last.
type health struct{ livekit, temporal dependency }

func newHealth() *health {
	return &health{
		livekit:  dependency{advice: "LiveKit does not answer, or refuses the key. New calls fail. Check that it runs, and its URL, key and secret in Settings."},
		temporal: dependency{advice: "Temporal does not answer. New calls fail, live ones go on unseen. Check that it runs, and TEMPORAL_ADDRESS."},
	}
}

// dependency is one of them. It is safe for concurrent use; who comes while another asks waits for that answer.
type dependency struct {
	advice string

	mu      sync.Mutex
	askedAt time.Time
	failed  bool
}

func (d *dependency) check(ctx context.Context, p Pinger) oapi.DependencyHealth {
	d.mu.Lock()
	defer d.mu.Unlock()
	if time.Since(d.askedAt) >= healthAge {
		d.failed = !answers(ctx, p)
		d.askedAt = time.Now()
	}
	if d.failed {
		return oapi.DependencyHealth{Message: d.advice}
	}
	return oapi.DependencyHealth{Ok: true}
}

// answers asks a dependency, and stops waiting after healthTimeout even if the dependency's client does not. It outlives the
// request that asks: a client that hangs up says nothing about LiveKit.
func answers(ctx context.Context, p Pinger) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), healthTimeout)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- p.Ping(ctx) }()
	select {
	case err := <-done:
		return err == nil
	case <-ctx.Done():
		return false
	}
}
