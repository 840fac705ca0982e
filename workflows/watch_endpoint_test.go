package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/workflows"
)

// parked makes so many parked deliveries, oldest first.
func (d *deliverTest) parked(n int) []string {
	d.t.Helper()
	d.openBreaker()
	events := make([]string, n)
	for i := range events {
		events[i] = d.outcome()
		got, err := d.store.TakeUp(d.t.Context(), events[i], "a run")
		require.NoError(d.t, err)
		require.Equal(d.t, store.DeliveryParked, got.State)
	}
	return events
}

// arrived checks that exactly these have come in automatic attempts, in this order.
func (d *deliverTest) arrived(events ...string) {
	d.t.Helper()
	var got []string
	for _, p := range d.posts {
		got = append(got, p.EventID)
		require.False(d.t, p.Replay)
	}
	require.Equal(d.t, events, got)
	for _, event := range events {
		is, err := d.store.Delivery(d.t.Context(), event)
		require.NoError(d.t, err)
		require.Equal(d.t, store.DeliveryDelivered, is.State)
		require.Equal(d.t, 1, is.Attempts)
	}
}

func (d *deliverTest) watch() error {
	d.t.Helper()
	d.ExecuteWorkflow(workflows.WatchEndpoint, workflows.WatchEndpointInput{
		Watchpoint: activities.Watchpoint{EndpointID: d.endpoint, Hold: 1, Waits: activities.DefaultProbeWaits()},
	})
	require.True(d.t, d.IsWorkflowCompleted())
	return d.GetWorkflowError()
}

// TestWatchEndpoint probes ever more seldom, with another delivery each time, and posts all, oldest first.
func TestWatchEndpoint(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	events := d.parked(3)
	d.crm, d.act.Lanes = untilNth(7), 1
	start := d.Now()
	require.NoError(t, d.watch())

	minutes := []float64{0.5, 1, 2, 5, 10, 10, 10}
	require.Len(t, d.posts, len(minutes)+2)
	require.Equal(t, []string{events[1], events[2]}, []string{d.posts[7].EventID, d.posts[8].EventID}, "those that were left")
	for i, gap := range d.gaps(start)[:len(minutes)] {
		require.InDelta(t, minutes[i], gap.Minutes(), 0.1, "probe %d", i+1)
		require.Equal(t, events[i%3], d.posts[i].EventID, "everybody has a turn")
		require.False(t, d.posts[i].Replay, "nobody asked for it")
	}
	require.Equal(t, []string{"well ep_crm 1"}, d.told, "no workflow waits for what is parked")
	for i, probes := range []int{3, 2, 2} {
		got, err := d.store.Delivery(t.Context(), events[i])
		require.NoError(t, err)
		require.Equal(t, probes, got.Probes)
		require.Equal(t, min(i, 1), got.Automatic, "parked time uses up no attempt")
		require.Equal(t, store.DeliveryDelivered, got.State)
	}
	require.Equal(t, []activities.AlertKind{activities.AlertEndpointWell}, d.alertKinds())
}

// TestWatchHearsTheNews does not wait for its next probe when somebody's attempt went well.
func TestWatchHearsTheNews(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	events := d.parked(2)
	d.act.Lanes = 1
	start := d.Now()
	d.RegisterDelayedCallback(func() {
		d.closeBreaker()
		d.SignalWorkflow(workflows.SignalEndpointWell.Name, workflows.EndpointWell{})
	}, 10*time.Second)
	require.NoError(t, d.watch())
	require.Less(t, d.Now().Sub(start), 25*time.Second)
	d.arrived(events...)
}

// TestWatchWithNobodyParked lets the next delivery be the probe.
func TestWatchWithNobodyParked(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	d.openBreaker()
	require.NoError(t, d.watch())
	require.Empty(t, d.posts)
	e, err := d.store.Endpoint(t.Context(), d.endpoint)
	require.NoError(t, err)
	require.False(t, e.Health.Open())
}

func TestWatchOfPausedEndpoint(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	e, err := d.store.Endpoint(t.Context(), d.endpoint)
	require.NoError(t, err)
	e.State = store.EndpointPaused
	require.NoError(t, d.store.SaveEndpoint(t.Context(), e))
	event := d.outcome()
	_, err = d.store.TakeUp(t.Context(), event, "a run")
	require.NoError(t, err)
	d.RegisterDelayedCallback(func() {
		e.State = store.EndpointActive
		require.NoError(t, d.store.SaveEndpoint(t.Context(), e))
	}, 3*time.Hour)
	start := d.Now()
	require.NoError(t, d.watch())
	d.arrived(event) // a paused endpoint is not probed
	require.InDelta(t, 3.1, d.Now().Sub(start).Hours(), 0.15)
}

// TestResumedEndpoint drains at once when the operator who resumes it says so to the watch.
func TestResumedEndpoint(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	change := func(to store.EndpointState) {
		_, err := d.store.ChangeEndpoint(t.Context(), d.endpoint, store.EndpointTarget{State: &to})
		require.NoError(t, err)
	}
	change(store.EndpointPaused)
	event := d.outcome()
	parked, err := d.store.TakeUp(t.Context(), event, "a run")
	require.NoError(t, err)
	require.Equal(t, store.DeliveryParked, parked.State)
	var resumed time.Time
	d.RegisterDelayedCallback(func() {
		change(store.EndpointActive)
		resumed = d.Now()
		d.SignalWorkflow(workflows.SignalEndpointWell.Name, workflows.EndpointWell{})
	}, 3*time.Hour)
	require.NoError(t, d.watch())
	d.arrived(event) // nobody has to be asked whether it is well
	require.Less(t, d.Now().Sub(resumed), 15*time.Second, "not at its next look, up to ten minutes later")
}

// TestWatchGoesOnForMonths keeps its history short.
func TestWatchGoesOnForMonths(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	d.parked(1)
	d.crm = always(answer(500))
	var again *workflow.ContinueAsNewError
	require.ErrorAs(t, d.watch(), &again)
	require.Len(t, d.posts, 100)
	var in workflows.WatchEndpointInput
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(again.Input, &in))
	require.Equal(t, 100, in.Probes)
	require.Equal(t, activities.DefaultProbeWaits(), in.Waits)
	require.False(t, in.Look)
}

// TestWatchStartedAnew probes really: the numbers of probes are the store's, not those of one run. Of 5 probes 5 were not made.
func TestWatchStartedAnew(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	d.parked(1)
	d.crm = always(answer(500))
	for _, most := range []time.Duration{3 * time.Hour, time.Hour} {
		d.RegisterDelayedCallback(d.CancelWorkflow, most)
		before := len(d.posts)
		var cancelled *temporal.CanceledError
		require.ErrorAs(t, d.watch(), &cancelled)
		require.GreaterOrEqual(t, len(d.posts)-before, 5, "somebody ended the watch, and the ledger starts it anew")
		d.newEnvironment()
	}
	is := d.delivery()
	require.Equal(t, len(d.posts), is.Probes)
}

// TestWatchIsToldAtItsEnd has one more delivery parked, because no lane was free, when the drain has just ended.
func TestWatchIsToldAtItsEnd(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	first := d.outcome()
	require.NoError(t, d.store.Park(t.Context(), first))
	d.RegisterDelayedCallback(func() { d.SignalWorkflow(workflows.SignalEndpointWell.Name, workflows.EndpointWell{}) }, 0)
	var last string
	d.act.Endpoints = lastLook{d.store, func() {
		if last == "" {
			last = d.outcome()
			require.NoError(t, d.store.Park(context.Background(), last))
			d.SignalWorkflow(workflows.SignalEndpointWell.Name, workflows.EndpointWell{})
		}
	}}
	require.NoError(t, d.watch())
	d.arrived(first, last)
}

// lastLook has something happen after a drain has found nothing more.
type lastLook struct {
	*store.Store
	then func()
}

// Parked implements activities.Endpoints.
func (l lastLook) Parked(ctx context.Context, endpointID, after string, limit int) ([]string, error) {
	left, err := l.Store.Parked(ctx, endpointID, after, limit)
	if len(left) == 0 {
		l.then()
	}
	return left, err
}

// TestEndpointFailsAgainWhileItDrains leaves the rest to the watch of the new hold.
func TestEndpointFailsAgainWhileItDrains(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	events := d.parked(40)
	d.closeBreaker()
	d.act.Lanes = 1
	d.crm = always(answer(500))
	require.NoError(t, d.watch())
	require.GreaterOrEqual(t, len(d.posts), 10, "one that fails is not all")
	require.Less(t, len(d.posts), 15, "and ten in a row are enough, without half a minute of them")
	require.Equal(t, "watch ep_crm 2", d.told[len(d.told)-1])
	left, err := d.store.Parked(t.Context(), d.endpoint, "", 100)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(left), 40-9)
	require.Contains(t, d.told, "resume "+events[0], "it goes on with its schedule")
	leased, err := d.store.LeaseParked(t.Context(), d.endpoint, "the next", time.Minute, 100)
	require.NoError(t, err)
	require.Len(t, leased, len(left), "nothing is kept from the next drain")
}

// TestWatchSurvivesAnOutage has a database that is away for a while.
func TestWatchSurvivesAnOutage(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	event := d.parked(1)[0]
	down := true
	d.act.Settings = settingsFunc(func() (store.Settings, error) {
		if down {
			return store.Settings{}, errors.New("the database is down")
		}
		return store.Settings{}, nil
	})
	d.RegisterDelayedCallback(func() { down = false }, time.Hour)
	require.NoError(t, d.watch())
	require.Len(t, d.posts, 1)
	require.Equal(t, event, d.posts[0].EventID)
}

// settingsFunc are settings that may fail to be read.
type settingsFunc func() (store.Settings, error)

// Get implements the activities' settings.
func (f settingsFunc) Get(context.Context) (store.Settings, error) { return f() }
