package activities_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
)

// fullTrunks is a call that finds no line, where an operator lets calls wait.
func fullTrunks() *fakeCalls {
	calls := twoTrunks()
	calls.full["trk_a"], calls.full["trk_b"], calls.wait = true, true, 20*time.Second
	return calls
}

func queues(calls *fakeCalls) activities.DialInput {
	in := dialInput(calls)
	in.Queues = true
	return in
}

func TestACallWithoutALineWaits(t *testing.T) {
	t.Parallel()
	rooms, calls := &fakeRooms{}, fullTrunks()
	a, env := calling(t, rooms, calls)
	d := run[call.Dial](t, env, a.Dial, queues(calls))
	require.Equal(t, call.DialQueued, d.State)
	require.Len(t, calls.queued, 1)
	require.Equal(t, []string{"trk_a", "trk_b"}, calls.queued[0].Trunks)
	require.Equal(t, 20*time.Second, calls.queued[0].Wait)
	require.WithinDuration(t, calls.until, *d.QueuedUntil, 0)
	require.Empty(t, rooms.dials)
	require.Empty(t, calls.ringing, "it does not ring")
	require.Empty(t, calls.replied, "and the dial has no end that a recovery may find")
}

func TestACallDoesNotWait(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*fakeCalls, *activities.DialInput)
		state  call.DialState
	}{
		"without a queue":                {func(f *fakeCalls, _ *activities.DialInput) { f.wait = 0 }, call.DialNoLine},
		"in a workflow that knows none":  {func(_ *fakeCalls, in *activities.DialInput) { in.Queues = false }, call.DialNoLine},
		"for longer than it may":         {func(f *fakeCalls, _ *activities.DialInput) { f.until = time.Now() }, call.DialNoLine},
		"after a hang-up":                {func(f *fakeCalls, _ *activities.DialInput) { f.queueErr = store.ErrNotFound }, call.DialNotSent},
		"when a trunk has a line for it": {func(f *fakeCalls, _ *activities.DialInput) { f.full["trk_b"] = false }, call.DialRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rooms, calls := &fakeRooms{dial: func(context.Context, int) (call.Dial, error) {
				return call.Dial{State: call.DialRefused, SIPCode: 486, EndedAt: time.Now()}, nil
			}}, fullTrunks()
			in := queues(calls)
			c.change(calls, &in)
			a, env := calling(t, rooms, calls)
			require.Equal(t, c.state, run[call.Dial](t, env, a.Dial, in).State)
		})
	}
}

// TestACallWaitsOnWhenItsWorkerDies: nobody was dialed, whatever became of the worker that queued it.
func TestACallWaitsOnWhenItsWorkerDies(t *testing.T) {
	t.Parallel()
	rooms, calls := &fakeRooms{room: livekit.Room{Exists: true, Agent: true, Leg: call.LegGone}}, fullTrunks()
	calls.until = time.Now().Add(time.Minute)
	a, env := calling(t, rooms, calls)
	d := run[call.Dial](t, env, a.FindLeg, findInput(calls))
	require.Equal(t, call.DialQueued, d.State)
	require.WithinDuration(t, calls.until, *d.QueuedUntil, 0)
	require.Zero(t, rooms.looks)
}

// wakes is a queue, and those who are told.
type wakes struct {
	mu    sync.Mutex
	due   [][]call.ID // at each look
	told  []call.ID
	fails map[call.ID]error
	done  context.CancelFunc
}

func (w *wakes) WakeQueued(context.Context, time.Time) ([]call.ID, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.due) == 0 {
		w.done()
		return nil, errDown
	}
	ids := w.due[0]
	w.due = w.due[1:]
	return ids, nil
}

func (w *wakes) LineFree(_ context.Context, id call.ID, _ time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, id)
	return w.fails[id]
}

func TestQueueingWakesInOrder(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	w := &wakes{due: [][]call.ID{{"1", "2"}, nil, {"3"}}, fails: map[call.ID]error{"1": errDown, "2": fmt.Errorf("late: %w", call.ErrOver)}, done: cancel}
	(&activities.Queueing{Calls: w, Temporal: w, Log: zerolog.Nop()}).Run(ctx)
	require.Equal(t, []call.ID{"1", "2", "3"}, w.told, "one that cannot be told keeps nobody else waiting")
}
