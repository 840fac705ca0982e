package activities_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
	"github.com/click2call/click2call/webhook"
)

// drained is a bench whose CRM writes down what came, in order.
type drained struct {
	*deliverBench
	events []string

	arrived sync.Mutex
	posts   []string
}

func newDrained(t *testing.T, n int) *drained {
	t.Helper()
	d := &drained{deliverBench: newDeliverBench(t)}
	d.events = d.parked(n)
	d.crm = func(context.Context, webhook.Request) webhook.Result { return webhook.Result{Status: 200} }
	return d
}

// Send implements the sender.
func (d *drained) Send(ctx context.Context, r webhook.Request) webhook.Result {
	d.arrived.Lock()
	d.posts = append(d.posts, r.EventID)
	d.arrived.Unlock()
	return d.deliverBench.Send(ctx, r)
}

func (d *drained) drain() error { return d.drainIn(d.environment()) }

func (d *drained) drainIn(env *testsuite.TestActivityEnvironment) error {
	d.Sender = d
	_, err := env.ExecuteActivity(d.DrainEndpoint, activities.DrainInput{Watchpoint: activities.Watchpoint{EndpointID: "ep_crm", Hold: 1}})
	return err
}

func (d *drained) states(events ...string) map[store.DeliveryState]int {
	d.t.Helper()
	states := map[store.DeliveryState]int{}
	for _, event := range events {
		is, err := d.store.Delivery(d.t.Context(), event)
		require.NoError(d.t, err)
		states[is.State]++
	}
	return states
}

// TestDrainInOrderOfAge posts them itself: no workflow is woken.
func TestDrainInOrderOfAge(t *testing.T) {
	t.Parallel()
	d := newDrained(t, 120)
	d.Lanes = 1
	require.NoError(t, d.drain())
	require.Equal(t, d.events, d.posts)
	require.Equal(t, map[store.DeliveryState]int{store.DeliveryDelivered: 120}, d.states(d.events...))
	require.Empty(t, d.told)
}

// TestDrainGoesOnWhereItWas has a worker die in mid-drain: the next try of the activity takes over what it had leased, and posts
// nothing that had arrived.
func TestDrainGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	d := newDrained(t, 30)
	env := d.environment()
	died := errors.New("the worker died")
	d.Endpoints = dies{d.store, 12, new(atomic.Int64), died}
	d.Lanes = 1
	require.ErrorContains(t, d.drainIn(env), died.Error())
	require.Len(t, d.posts, 12)
	d.Endpoints = d.store
	require.NoError(t, d.drain())
	require.Equal(t, d.events, d.posts, "each once, in order")
}

// dies is a store that is gone after so many results, together with what was leased.
type dies struct {
	*store.Store
	after int64
	n     *atomic.Int64
	err   error
}

// EndLeases implements activities.Endpoints.
func (d dies) EndLeases(ctx context.Context, endpointID, by string) error {
	if d.n.Load() >= d.after {
		return d.err
	}
	return d.Store.EndLeases(ctx, endpointID, by)
}

// LeaseParked implements activities.Endpoints.
func (d dies) LeaseParked(ctx context.Context, endpointID, by string, lasts time.Duration, _ int) ([]store.Delivery, error) {
	if d.n.Add(4) > d.after {
		return nil, d.err
	}
	return d.Store.LeaseParked(ctx, endpointID, by, lasts, 4)
}

// TestDrainLeavesWhatOthersPost has somebody else post half of them meanwhile, as the drain of an earlier hold does: nothing is
// posted twice, and the drain ends when all have arrived.
func TestDrainLeavesWhatOthersPost(t *testing.T) {
	t.Parallel()
	d := newDrained(t, 60)
	ctx := t.Context()
	theirs, err := d.store.LeaseParked(ctx, "ep_crm", "another", time.Minute, 30)
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- d.drain() }()
	require.Eventually(t, func() bool { return d.states(d.events...)[store.DeliveryDelivered] == 30 }, time.Minute, 10*time.Millisecond)
	for _, delivery := range theirs {
		require.NoError(t, d.store.SaveAttempt(ctx, store.Attempt{EventID: delivery.EventID, N: 1, Trigger: store.TriggerAutomatic,
			StartedAt: time.Now(), Status: 200}))
	}
	require.NoError(t, <-done)
	require.ElementsMatch(t, d.events[30:], d.posts)
}

// TestDrainAtItsRate reaches the rate that is set, and does not go beyond it.
func TestDrainAtItsRate(t *testing.T) {
	t.Parallel()
	d := newDrained(t, 100)
	d.DrainRate = 50
	began := time.Now()
	require.NoError(t, d.drain())
	require.Greater(t, time.Since(began), 1900*time.Millisecond, "98 of them have waited for a fiftieth of a second")
	require.Len(t, d.posts, 100)
}

// TestDrainTakesRowsInPages: one activity drains all that is parked, without a task for each.
func TestDrainTakesRowsInPages(t *testing.T) {
	t.Parallel()
	d := newDrained(t, 120)
	d.Lanes = 20
	require.NoError(t, d.drain())
	require.Len(t, d.posts, 120)
	require.Empty(t, d.told, "no workflow was woken")
}

// TestDrainOfOneThatFails goes on with it in a workflow, with its own schedule, while the others arrive.
func TestDrainOfOneThatFails(t *testing.T) {
	t.Parallel()
	d := newDrained(t, 20)
	bad := d.events[4]
	d.crm = func(_ context.Context, r webhook.Request) webhook.Result {
		if r.EventID == bad {
			return webhook.Result{Status: 500, Class: webhook.ClassStatus, Error: "answered 500"}
		}
		return webhook.Result{Status: 200}
	}
	require.NoError(t, d.drain())
	require.Equal(t, map[store.DeliveryState]int{store.DeliveryDelivered: 19, store.DeliveryPending: 1}, d.states(d.events...))
	require.Equal(t, []string{"resume " + bad}, d.told)
	is, err := d.store.Delivery(t.Context(), bad)
	require.NoError(t, err)
	require.Equal(t, 1, is.Round)
	require.WithinDuration(t, time.Now().Add(time.Hour), *is.NextAttemptAt, 13*time.Minute)
}

// TestDrainWithoutURL takes in what was parked because there was no webhook URL.
func TestDrainWithoutURL(t *testing.T) {
	t.Parallel()
	d := &drained{deliverBench: newDeliverBench(t)}
	d.store = storetest.SQLite(t)
	d.Deliveries, d.Endpoints = d.store, d.store
	for i := range 3 {
		d.events = append(d.events, d.outcome())
		require.Equal(t, activities.Parked, d.first(d.events[i]))
	}
	require.Empty(t, d.told)
	require.NoError(t, d.store.SaveEndpoint(t.Context(), d.endpoint("ep_crm")))
	d.Lanes = 1
	require.NoError(t, d.drain())
	require.Equal(t, d.events, d.posts)
}

func TestDrainOfAStoppingWorker(t *testing.T) {
	t.Parallel()
	d := newDrained(t, 2)
	stopped := make(chan struct{})
	close(stopped)
	env := d.environment()
	env.SetWorkerStopChannel(stopped)
	requireLater(t, d.drainIn(env), activities.ErrTypeInterrupted, time.Second, time.Second)
	require.Empty(t, d.posts)
	leased, err := d.store.LeaseParked(t.Context(), "ep_crm", "the next", time.Minute, 10)
	require.NoError(t, err)
	require.Len(t, leased, 2, "it has given back what it had leased")
}
