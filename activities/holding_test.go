package activities_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
)

// heldCalls are calls on hold, and what is done for them.
type heldCalls struct {
	mu   sync.Mutex
	held []call.ID
	down error
	done []string
}

func (h *heldCalls) note(what string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.done = append(h.done, what)
}

func (h *heldCalls) set(down error, held ...call.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.held, h.down = held, down
}

func (h *heldCalls) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.done)
}

func (h *heldCalls) ClaimHeld(context.Context, string, time.Time, time.Time) ([]call.ID, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.held, h.down
}

func (h *heldCalls) OnHold(_ context.Context, id call.ID) (bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Contains(h.held, id), nil
}

func (h *heldCalls) SetHold(_ context.Context, _ call.ID, on bool, known string) (string, error) {
	if known == "" {
		h.note(fmt.Sprintf("hold %t", on))
	}
	return "applied", nil
}

func (h *heldCalls) PlayHoldMusic(ctx context.Context, _ call.ID) error {
	h.note("music")
	<-ctx.Done()
	h.note("no music")
	return nil
}

func TestHoldingKeepsAndReleases(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		h, id := &heldCalls{}, call.NewID()
		var running sync.WaitGroup
		running.Go(func() { (&activities.Holding{Rooms: h, Calls: h, Log: zerolog.Nop()}).Run(ctx) })
		h.set(nil, id)
		time.Sleep(5 * time.Second)
		require.ElementsMatch(t, []string{"hold true", "music"}, h.all(), "once")
		h.set(errDown)
		time.Sleep(5 * time.Second)
		require.Len(t, h.all(), 2, "a database that is away ends no hold")
		h.set(nil)
		time.Sleep(5 * time.Second)
		require.ElementsMatch(t, []string{"hold true", "music", "no music", "hold false"}, h.all())
		stop()
		running.Wait()
	})
}

// heldAgain is put on hold again, and muted, in the moment in which the two are let hear each other.
type heldAgain struct {
	heldCalls

	id call.ID
}

func (h *heldAgain) SetHold(ctx context.Context, id call.ID, on bool, known string) (string, error) {
	if !on {
		h.set(nil, h.id)
		time.Sleep(5 * time.Second) // its new keeper mutes them meanwhile
	}
	return h.heldCalls.SetHold(ctx, id, on, known)
}

// TestHoldAgainWhileReleased: whoever was put on hold last stays on hold.
func TestHoldAgainWhileReleased(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		h := &heldAgain{id: call.NewID()}
		var running sync.WaitGroup
		running.Go(func() { (&activities.Holding{Rooms: h, Calls: h, Log: zerolog.Nop()}).Run(ctx) })
		h.set(nil, h.id)
		time.Sleep(5 * time.Second)
		h.set(nil)
		time.Sleep(30 * time.Second)
		require.Equal(t, []string{"hold true", "hold true", "hold false", "hold true"}, slices.DeleteFunc(h.all(), func(what string) bool {
			return !strings.HasPrefix(what, "hold")
		}))
		stop()
		running.Wait()
	})
}

// leasedCalls has one call on hold, and gives it to one keeper at a time, as the store does.
type leasedCalls struct {
	heldCalls

	id     call.ID
	keeper string
	until  time.Time
}

func (l *leasedCalls) ClaimHeld(_ context.Context, keeper string, now, until time.Time) ([]call.ID, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.keeper != keeper && now.Before(l.until) {
		return nil, nil
	}
	l.keeper, l.until = keeper, until
	return []call.ID{l.id}, nil
}

func (l *leasedCalls) keptBy() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.keeper
}

// The keeper of a hold is killed: within seconds another worker keeps it, and at no moment do the two sides hear each other.
func TestHoldingIsTakenOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := &leasedCalls{id: call.NewID()}
		var running sync.WaitGroup
		kill := map[string]context.CancelFunc{}
		work := func() {
			ctx, stop := context.WithCancel(t.Context())
			before := calls.keptBy()
			running.Go(func() { (&activities.Holding{Rooms: calls, Calls: calls, Log: zerolog.Nop()}).Run(ctx) })
			time.Sleep(time.Millisecond)
			if now := calls.keptBy(); now != before {
				kill[now] = stop
			} else {
				kill["the other"] = stop
			}
		}
		work()
		work()
		time.Sleep(30 * time.Second)
		require.ElementsMatch(t, []string{"hold true", "music"}, calls.all(), "one of the two keeps it")

		killed := calls.keptBy()
		kill[killed]()
		time.Sleep(7 * time.Second)
		require.NotEqual(t, killed, calls.keptBy())
		require.Equal(t, []string{"no music", "hold true", "music"}, ordered(calls.all()[2:]))
		kill["the other"]()
		running.Wait()
	})
}

// ordered sorts what two goroutines did at the same moment.
func ordered(done []string) []string {
	if len(done) == 3 {
		slices.Sort(done[1:])
	}
	return done
}
