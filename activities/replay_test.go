package activities_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/webhook"
)

// bulk is a bench with a bulk replay of its outcomes at the highest rate.
type bulk struct {
	*deliverBench
	replaying *activities.Replaying
	events    []string
	id        string
	posts     atomic.Int64
}

// newBulk makes n dead outcomes and a replay of them. Each one's place is its number, from 1.
func newBulk(t *testing.T, n int) *bulk {
	t.Helper()
	b := &bulk{deliverBench: newDeliverBench(t)}
	for range n {
		event := b.outcome()
		b.kill(event)
		b.events = append(b.events, event)
	}
	b.freeze()
	b.crm = func(context.Context, webhook.Request) webhook.Result {
		b.posts.Add(1)
		return webhook.Result{Status: 200}
	}
	b.replaying = &activities.Replaying{Delivering: b.Delivering, Replays: b.store, Items: b.store, Page: time.Minute}
	return b
}

func (b *bulk) freeze() {
	b.t.Helper()
	r, err := b.store.CreateReplay(b.t.Context(), store.NewReplay{
		Selection: store.ReplaySelection{EventIDs: b.events}, RatePerSecond: store.MaxReplayRate, CreatedBy: "asha",
	})
	require.NoError(b.t, err)
	b.id = r.ID
}

// kill makes a delivery dead.
func (b *bulk) kill(event string) {
	b.t.Helper()
	require.NoError(b.t, b.store.SaveAttempt(b.t.Context(), store.Attempt{
		EventID: event, N: 1, Trigger: store.TriggerAutomatic, Run: "run", StartedAt: time.Now(), Status: 500, ErrorClass: "status",
	}))
}

func (b *bulk) bulkEnvironment() *testsuite.TestActivityEnvironment {
	env := b.environment()
	env.RegisterActivity(b.replaying)
	return env
}

func (b *bulk) page() (progress activities.ReplayProgress, err error) {
	return b.pageIn(b.bulkEnvironment())
}

func (b *bulk) pageIn(env *testsuite.TestActivityEnvironment) (progress activities.ReplayProgress, err error) {
	value, err := env.ExecuteActivity(b.replaying.ReplayPage, activities.ReplayPageInput{ReplayID: b.id})
	if err != nil {
		return progress, err
	}
	return progress, value.Get(&progress)
}

// sentOnce checks that an event has exactly one attempt of the replay.
func (b *bulk) sentOnce(events ...string) {
	b.t.Helper()
	for _, event := range events {
		attempts, err := b.store.Attempts(b.t.Context(), event)
		require.NoError(b.t, err)
		n := 0
		for _, a := range attempts {
			if a.Trigger == store.TriggerReplay && a.ReplayID == b.id {
				n++
			}
		}
		require.Equal(b.t, 1, n, event)
	}
}

func TestReplayPageSendsEachOnce(t *testing.T) {
	t.Parallel()
	b := newBulk(t, 30)
	b.crm = func(_ context.Context, r webhook.Request) webhook.Result {
		b.posts.Add(1)
		if r.EventID == b.events[3] {
			return webhook.Result{Status: 500, Class: webhook.ClassStatus, Error: "answered 500"}
		}
		return webhook.Result{Status: 200}
	}
	got, err := b.page()
	require.NoError(t, err)
	require.Equal(t, activities.ReplayProgress{State: activities.ReplayDone, Total: 30, Succeeded: 29, Failed: 1}, got)
	b.sentOnce(b.events...)
	require.Empty(t, b.told, "nobody waits for those that were dead")
	failed, err := b.store.Delivery(t.Context(), b.events[3])
	require.NoError(t, err)
	require.Equal(t, store.DeliveryDead, failed.State)
	again, err := b.page()
	require.NoError(t, err)
	require.Equal(t, got, again)
	require.EqualValues(t, 30, b.posts.Load())
}

// TestReplayTellsWhoWaits replays a delivery whose schedule is under way: its workflow hears of it.
func TestReplayTellsWhoWaits(t *testing.T) {
	t.Parallel()
	b := newBulk(t, 1)
	b.events = []string{b.outcome(), b.outcome()}
	b.freeze()
	b.crm = func(_ context.Context, r webhook.Request) webhook.Result {
		require.True(t, r.Replay)
		if r.EventID == b.events[1] {
			return webhook.Result{Status: 500, Class: webhook.ClassStatus, Error: "answered 500"}
		}
		return webhook.Result{Status: 200}
	}
	got, err := b.page()
	require.NoError(t, err)
	require.Equal(t, activities.ReplayProgress{State: activities.ReplayDone, Total: 2, Succeeded: 1, Failed: 1}, got)
	require.Equal(t, []string{"replay " + b.events[0] + " " + b.id}, b.told, "and nobody hears of a failure")
}

// TestReplayAfterACrash finds an attempt that was written down before its worker died, and one whose delivery somebody else
// made meanwhile.
func TestReplayAfterACrash(t *testing.T) {
	t.Parallel()
	b := newBulk(t, 4)
	ctx := t.Context()
	attempt := func(event, replay, class string) {
		require.NoError(t, b.store.SaveAttempt(ctx, store.Attempt{
			EventID: event, N: 1, Trigger: store.TriggerReplay, ReplayID: replay, StartedAt: time.Now(), ErrorClass: class,
		}))
	}
	attempt(b.events[0], b.id, "")
	attempt(b.events[1], b.id, "timeout")
	attempt(b.events[2], "rpl_another", "")
	got, err := b.page()
	require.NoError(t, err)
	require.Equal(t, activities.ReplayProgress{State: activities.ReplayDone, Total: 4, Succeeded: 2, Failed: 1, Skipped: 1}, got)
	require.EqualValues(t, 1, b.posts.Load(), "only the fourth was left to be sent")
	b.sentOnce(b.events[0], b.events[1], b.events[3])
}

// TestReplaySendsDeliveredOnesOnRequest skips nothing that was delivered when it was chosen.
func TestReplaySendsDeliveredOnesOnRequest(t *testing.T) {
	t.Parallel()
	b := newBulk(t, 2)
	_, err := b.page()
	require.NoError(t, err)
	b.freeze()
	got, err := b.page()
	require.NoError(t, err)
	require.Equal(t, activities.ReplayProgress{State: activities.ReplayDone, Total: 2, Succeeded: 2}, got)
	b.sentOnce(b.events...)
}

func TestReplayStopsWhenPaused(t *testing.T) {
	t.Parallel()
	b := newBulk(t, 60)
	looks := &looksAtPaused{Store: b.store, twice: make(chan struct{})}
	b.replaying.Replays = looks
	b.crm = func(context.Context, webhook.Request) webhook.Result {
		if b.posts.Add(1) == 1 {
			_, err := b.store.SteerReplay(context.Background(), b.id, store.ReplayPaused)
			require.NoError(t, err)
		}
		<-looks.twice
		return webhook.Result{Status: 200}
	}
	got, err := b.page()
	require.NoError(t, err)
	require.Equal(t, activities.ReplayPaused, got.State)
	require.EqualValues(t, b.posts.Load(), got.Succeeded)
	require.Equal(t, 60, got.Succeeded+got.Left)
	require.Less(t, got.Succeeded, 60)

	_, err = b.store.SteerReplay(t.Context(), b.id, store.ReplayRunning)
	require.NoError(t, err)
	got, err = b.page()
	require.NoError(t, err)
	require.Equal(t, activities.ReplayProgress{State: activities.ReplayDone, Total: 60, Succeeded: 60}, got)
	b.sentOnce(b.events...)
}

// looksAtPaused closes twice when a paused replay was read for the second time: what the first look led to has been done.
type looksAtPaused struct {
	*store.Store
	n     atomic.Int64
	twice chan struct{}
}

// Replay implements activities.Replays.
func (l *looksAtPaused) Replay(ctx context.Context, id string) (store.Replay, error) {
	r, err := l.Store.Replay(ctx, id)
	if r.State == store.ReplayPaused && l.n.Add(1) == 2 {
		close(l.twice)
	}
	return r, err
}

// TestReplayOfALateWorker has another worker take over while one is still at it.
func TestReplayOfALateWorker(t *testing.T) {
	t.Parallel()
	b := newBulk(t, 1)
	b.crm = func(context.Context, webhook.Request) webhook.Result {
		_, err := b.store.TakeReplay(context.Background(), b.id, "another")
		require.NoError(t, err)
		return webhook.Result{Status: 200}
	}
	_, err := b.page()
	require.ErrorContains(t, err, "another worker has taken it over")
	b.sentOnce(b.events...)
}

func TestReplayOfAStoppingWorker(t *testing.T) {
	t.Parallel()
	b := newBulk(t, 2)
	stopped := make(chan struct{})
	close(stopped)
	env := b.bulkEnvironment()
	env.SetWorkerStopChannel(stopped)
	_, err := b.pageIn(env)
	requireLater(t, err, activities.ErrTypeInterrupted, time.Second, time.Second)
	require.Zero(t, b.posts.Load())
}

// TestReplayPageEnds has a page end before its work does.
func TestReplayPageEnds(t *testing.T) {
	t.Parallel()
	b := newBulk(t, 3)
	b.replaying.Page = time.Nanosecond
	got, err := b.page()
	require.NoError(t, err)
	require.Equal(t, activities.ReplayRunning, got.State)
	require.Equal(t, 3, got.Left)
}

// TestReplayWaitsForItsLane has the first POST last until the second one waits for the only lane.
func TestReplayWaitsForItsLane(t *testing.T) {
	t.Parallel()
	b := newBulk(t, 2)
	b.Lanes = 1
	b.crm = func(context.Context, webhook.Request) webhook.Result {
		if b.posts.Add(1) == 1 {
			require.Eventually(t, func() bool { return activities.WaitingFor(b.Delivering, "ep_crm") == 1 }, time.Minute, time.Millisecond)
		}
		return webhook.Result{Status: 200}
	}
	got, err := b.page()
	require.NoError(t, err)
	require.Equal(t, activities.ReplayProgress{State: activities.ReplayDone, Total: 2, Succeeded: 2}, got)
	require.EqualValues(t, 2, b.posts.Load())
}

func TestReplayWithoutAnEndpoint(t *testing.T) {
	t.Parallel()
	b := newBulk(t, 3)
	b.Endpoints = noEndpoints{b.store}
	_, err := b.page()
	requireLater(t, err, activities.ErrTypeNoEndpoint, time.Minute, time.Minute)
	r, err := b.store.Replay(t.Context(), b.id)
	require.NoError(t, err)
	require.Equal(t, 3, r.Left())
}

func TestUnknownReplay(t *testing.T) {
	t.Parallel()
	b := newBulk(t, 1)
	b.id = "rpl_none"
	_, err := b.page()
	var app *temporal.ApplicationError
	require.ErrorAs(t, err, &app)
	require.True(t, app.NonRetryable())
	require.Equal(t, activities.ErrTypeUnknownReplay, app.Type())
}

func TestSteerReplay(t *testing.T) {
	t.Parallel()
	b := newBulk(t, 2)
	for _, c := range []struct{ to, want activities.ReplayState }{
		{activities.ReplayPaused, activities.ReplayPaused},
		{activities.ReplayCancelled, activities.ReplayCancelled},
		{activities.ReplayRunning, activities.ReplayCancelled}, // it is over
	} {
		value, err := b.bulkEnvironment().ExecuteActivity(b.replaying.SteerReplay, activities.SteerReplayInput{ReplayID: b.id, To: c.to})
		require.NoError(t, err)
		var got activities.ReplayProgress
		require.NoError(t, value.Get(&got))
		require.Equal(t, c.want, got.State)
	}
}
