package activities_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

// TestShareOfTheBudget: what calls leave of LiveKit's budget.
func TestShareOfTheBudget(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	const minute = time.Minute
	for _, c := range []struct {
		name      string
		budget    int
		begun     []int         // one a second
		after     time.Duration // the last of them
		throttled bool
		want      float64 // requests a minute; 0: any number
	}{
		{"no budget", 0, []int{100}, 0, true, 0},
		{"quiet", 500, nil, 0, false, 300},
		{"few calls", 500, []int{10, 10}, 0, false, 300},
		{"many calls", 500, []int{20, 20, 10}, 0, false, 100},
		{"too many calls", 500, []int{1000}, 0, false, 50},
		{"a minute later", 500, []int{1000}, minute, false, 300},
		{"LiveKit refuses", 500, nil, 0, true, 50},
		{"LiveKit refused half a minute ago", 500, nil, minute / 2, true, 300},
		{"the smallest", 60, []int{1000}, 0, true, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var a activities.Allowance
			now := begin
			for _, n := range c.begun {
				now = now.Add(time.Second)
				a.Set(now, c.budget, n)
			}
			if c.throttled {
				a.Throttle(now)
			}
			a.Set(now.Add(c.after), c.budget, 0)
			require.InDelta(t, c.want, a.PerMinute(), .01)
		})
	}
}

// meteredLiveKit counts looks as LiveKit's client does.
type meteredLiveKit struct {
	*watchedWorld
	client *livekit.Client
}

func (m *meteredLiveKit) Look(ctx context.Context, id call.ID) (livekit.Room, error) {
	if _, err := m.client.Look(ctx, id); err != nil {
		return livekit.Room{}, err
	}
	return m.watchedWorld.Look(ctx, id)
}

// TestWatchKeepsWithinTheBudget: 1,200 requests a minute, of which the watch may make 720, twelve a second. It goes round all the same, in order,
// and tells how late it is.
func TestWatchKeepsWithinTheBudget(t *testing.T) {
	t.Parallel()
	const calls, perSecond, burst = 60, 12, 12
	w := &watchedWorld{rooms: map[call.ID]func(int) (livekit.Room, error){}, looks: map[call.ID]int{}, events: make(chan event, 100)}
	w.addMany(calls, always(livekit.Room{Leg: call.LegActive, Agent: true}))
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { // an empty list, of whatever
		requests.Add(1)
		w.Header().Set("Content-Type", "application/protobuf")
	}))
	t.Cleanup(server.Close)
	client := livekit.New(func(context.Context) (livekit.Credentials, error) {
		return livekit.Credentials{URL: server.URL, APIKey: "devkey", APISecret: "secret_at_least_32_chars_long_xxxxxxxx"}, nil
	})
	t.Cleanup(client.Close)
	a := &activities.Watching{Rooms: &meteredLiveKit{w, client}, Calls: w, Temporal: w, Observer: w, Log: zerolog.Nop(),
		Budget: func(context.Context) int { return 1200 }}
	began := time.Now()
	runWatch(t, a, w)
	require.Eventually(t, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.order) >= 2*calls
	}, time.Minute, 10*time.Millisecond)
	took := time.Since(began)
	w.mu.Lock()
	defer w.mu.Unlock()
	const underWay = 2 * activities.DefaultWatchConcurrency
	require.GreaterOrEqual(t, requests.Load(), int64(2*2*calls), "an empty list of participants has the list of rooms asked for")
	require.LessOrEqual(t, float64(requests.Load()), burst+underWay+perSecond*took.Seconds())
	for id, n := range w.looks {
		require.GreaterOrEqual(t, n, 1, "%s waits for longer than a round", id)
	}
	require.Greater(t, w.late, 2*time.Second, "told how late it is")
	t.Logf("%d looks in %s, at most %s late", 2*calls, took.Round(time.Millisecond), w.late.Round(time.Millisecond))
}

// TestWatchIsNotLateWithoutABudget is the other side of it.
func TestWatchIsNotLateWithoutABudget(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.addMany(60, always(livekit.Room{Leg: call.LegActive, Agent: true}))
	require.Eventually(t, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.order) >= 240
	}, time.Minute, 10*time.Millisecond)
	w.mu.Lock()
	defer w.mu.Unlock()
	require.Less(t, w.late, 2*time.Second)
}

// TestWatchYieldsWhenLiveKitRefuses: "resource exhausted" is no news of a room, and has the watch ask less.
func TestWatchYieldsWhenLiveKitRefuses(t *testing.T) {
	t.Parallel()
	w := &watchedWorld{rooms: map[call.ID]func(int) (livekit.Room, error){}, looks: map[call.ID]int{}, events: make(chan event, 100)}
	refused := fmt.Errorf("look: %w", livekit.ErrThrottled)
	w.addMany(50, func(int) (livekit.Room, error) { return livekit.Room{}, refused })
	a := &activities.Watching{Rooms: w, Calls: w, Temporal: w, Observer: w, Log: zerolog.Nop(), Budget: func(context.Context) int { return 6000 }}
	runWatch(t, a, w)
	time.Sleep(6 * time.Second) // 60 a second until the first refusal is known, ten a second from the next pass on
	w.mu.Lock()
	defer w.mu.Unlock()
	require.NotEmpty(t, w.order)
	require.Less(t, len(w.order), 180, "300 at the full rate")
	require.Empty(t, w.events)
}

// TestWatchIsStartedAnewWithAnotherHeartbeat: one that was started with another heartbeat than its setting says so and does nothing.
func TestWatchIsStartedAnewWithAnotherHeartbeat(t *testing.T) {
	t.Parallel()
	w := &watchedWorld{}
	a := &activities.Watching{Rooms: w, Calls: w, Temporal: w, Observer: w, Log: zerolog.Nop(), Heartbeat: 42 * time.Second}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(a)
	got, err := env.ExecuteActivity(a.WatchRooms)
	require.NoError(t, err)
	var end activities.WatchEnd
	require.NoError(t, got.Get(&end))
	require.Equal(t, 42*time.Second, end.Heartbeat)
	require.Zero(t, w.rounds)
}
