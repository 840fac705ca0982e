package activities_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/webhook"
)

// TestEndpointThatHangs wants all lanes. It does not get the last ones, which another endpoint then finds free.
func TestEndpointThatHangs(t *testing.T) {
	t.Parallel()
	b := newDeliverBench(t)
	b.Lanes, b.LaneWait = 4, time.Minute
	hanging := []string{b.outcome(), b.outcome(), b.outcome(), b.outcome()}
	other := b.endpoint("ep_other")
	other.Default = true
	require.NoError(t, b.store.SaveEndpoint(t.Context(), other))
	require.NoError(t, b.deliver(b.outcome()), "there are two that want lanes")
	entered, leave := make(chan string, 9), make(chan struct{})
	b.crm = func(_ context.Context, r webhook.Request) webhook.Result {
		if slices.Contains(hanging, r.EventID) {
			entered <- r.EventID
			<-leave
		}
		return webhook.Result{Status: 200}
	}
	var all sync.WaitGroup
	for _, event := range hanging {
		all.Go(func() { require.NoError(t, b.deliver(event)) }) //nolint:testifylint // it fails the test all the same
	}
	for range 3 {
		<-entered
	}
	require.Eventually(t, func() bool { return activities.WaitingFor(b.Delivering, "ep_crm") == 1 }, time.Minute, time.Millisecond)
	require.NoError(t, b.deliver(b.outcome()), "while the others hang")
	close(leave)
	all.Wait()
}

// TestOwnScheduleAndRate has an endpoint with a schedule of one attempt, and one that takes one a second.
func TestOwnScheduleAndRate(t *testing.T) {
	t.Parallel()
	b := newDeliverBench(t)
	e := b.endpoint("ep_crm")
	e.Schedule = []time.Duration{0}
	require.NoError(t, b.store.SaveEndpoint(t.Context(), e))
	b.crm = func(context.Context, webhook.Request) webhook.Result {
		return webhook.Result{Status: 500, Class: webhook.ClassStatus, Error: "answered 500"}
	}
	event := b.outcome()
	require.Error(t, b.deliver(event))
	d, err := b.store.Delivery(t.Context(), event)
	require.NoError(t, err)
	require.Equal(t, store.DeliveryDead, d.State, "there is no second attempt")

	e.MaxPerSecond = 1
	require.NoError(t, b.store.SaveEndpoint(t.Context(), e))
	b.LaneWait = time.Minute
	var at []time.Time
	b.crm = func(context.Context, webhook.Request) webhook.Result {
		at = append(at, time.Now())
		return webhook.Result{Status: 200}
	}
	for range 3 {
		require.NoError(t, b.deliver(b.outcome()))
	}
	require.GreaterOrEqual(t, at[2].Sub(at[0]), 1900*time.Millisecond)
}

// TestRemovedEndpoint: what was for it is neither posted nor waited for, and a replay says so.
func TestRemovedEndpoint(t *testing.T) {
	t.Parallel()
	b := newDeliverBench(t)
	e, err := b.store.AddEndpoint(t.Context(), store.EndpointTarget{URL: new("https://more.example.com"), EventTypes: []string{"call.ended"}})
	require.NoError(t, err)
	event := b.outcome()
	first, err := b.store.Delivery(t.Context(), event)
	require.NoError(t, err)
	b.crm = func(context.Context, webhook.Request) webhook.Result { panic("nothing is to be posted") }
	require.NoError(t, b.store.RemoveEndpoint(t.Context(), e.ID))
	further := first.CallID.EventIDFor(e.ID)
	var app *temporal.ApplicationError
	require.ErrorAs(t, b.deliver(further), &app)
	require.Equal(t, activities.ErrTypeDead, app.Type())
	value, err := b.environment().ExecuteActivity(b.ReplayOnce, activities.ReplayInput{EventID: further, ReplayID: "rpl_1"})
	require.NoError(t, err)
	var result activities.ReplayResult
	require.NoError(t, value.Get(&result))
	require.Equal(t, activities.ReplayResult{State: activities.Refused, Reason: "its endpoint was removed", After: activities.Dead}, result)
}
