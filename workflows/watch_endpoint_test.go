package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
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

// unpark does what the woken workflows do.
func (d *deliverTest) unpark(what string) {
	var event string
	if _, err := fmt.Sscanf(what, "resume %s", &event); err == nil {
		_, err = d.store.TakeUp(d.t.Context(), event, "a run")
		require.NoError(d.t, err)
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

// TestWatchEndpoint probes ever more seldom, with another delivery each time, and wakes all, oldest first.
func TestWatchEndpoint(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	events := d.parked(3)
	d.crm, d.onTold = untilNth(7), d.unpark
	start := d.Now()
	require.NoError(t, d.watch())

	minutes := []float64{0.5, 1, 2, 5, 10, 10, 10}
	require.Len(t, d.posts, len(minutes))
	for i, gap := range d.gaps(start) {
		require.InDelta(t, minutes[i], gap.Minutes(), 0.1, "probe %d", i+1)
		require.Equal(t, events[i%3], d.posts[i].EventID, "everybody has a turn")
		require.False(t, d.posts[i].Replay, "nobody asked for it")
	}
	require.ElementsMatch(t, []string{
		"well ep_crm 1", "replay " + events[0] + " probe-1-7", "resume " + events[1], "resume " + events[2],
	}, d.told)
	for i, probes := range []int{3, 2, 2} {
		got, err := d.store.Delivery(t.Context(), events[i])
		require.NoError(t, err)
		require.Equal(t, probes, got.Probes)
		require.Zero(t, got.Automatic, "parked time uses up no attempt")
	}
	require.Equal(t, []activities.AlertKind{activities.AlertEndpointWell}, d.alertKinds())
}

// TestWatchHearsTheNews does not wait for its next probe when somebody's attempt went well.
func TestWatchHearsTheNews(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	events := d.parked(2)
	d.onTold = d.unpark
	start := d.Now()
	d.RegisterDelayedCallback(func() {
		d.closeBreaker()
		d.SignalWorkflow(workflows.SignalEndpointWell.Name, workflows.EndpointWell{})
	}, 10*time.Second)
	require.NoError(t, d.watch())
	require.Less(t, d.Now().Sub(start), 25*time.Second)
	require.Empty(t, d.posts)
	require.ElementsMatch(t, []string{"resume " + events[0], "resume " + events[1]}, d.told)
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
	d.onTold = d.unpark
	d.RegisterDelayedCallback(func() {
		e.State = store.EndpointActive
		require.NoError(t, d.store.SaveEndpoint(t.Context(), e))
	}, 3*time.Hour)
	start := d.Now()
	require.NoError(t, d.watch())
	require.Empty(t, d.posts, "a paused endpoint is not probed")
	require.Equal(t, []string{"resume " + event}, d.told)
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
	d.onTold = d.unpark
	var resumed time.Time
	d.RegisterDelayedCallback(func() {
		change(store.EndpointActive)
		resumed = d.Now()
		d.SignalWorkflow(workflows.SignalEndpointWell.Name, workflows.EndpointWell{})
	}, 3*time.Hour)
	require.NoError(t, d.watch())
	require.Empty(t, d.posts, "nobody has to be asked whether it is well")
	require.Equal(t, []string{"resume " + event}, d.told)
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
}

// TestEndpointFailsAgainWhileItDrains leaves the rest to the watch of the new hold.
func TestEndpointFailsAgainWhileItDrains(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	d.parked(3)
	d.onTold = func(what string) {
		if what == "resume "+d.events[1] {
			d.openBreaker()
		}
		d.unpark(what)
	}
	require.NoError(t, d.watch())
	require.Equal(t, "watch ep_crm 2", d.told[len(d.told)-1])
	left, err := d.store.Parked(t.Context(), d.endpoint, "", 10)
	require.NoError(t, err)
	require.NotEmpty(t, left)
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
	require.Contains(t, d.told, "replay "+event+" probe-1-1")
}

// settingsFunc are settings that may fail to be read.
type settingsFunc func() (store.Settings, error)

// Get implements the activities' settings.
func (f settingsFunc) Get(context.Context) (store.Settings, error) { return f() }
