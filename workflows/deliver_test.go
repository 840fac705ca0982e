package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
	"github.com/click2call/click2call/webhook"
	"github.com/click2call/click2call/workflows"
)

// requireDead checks what an operator reads first in Temporal Web.
func requireDead(t *testing.T, err error, text string) {
	t.Helper()
	var app *temporal.ApplicationError
	require.ErrorAs(t, err, &app)
	require.Equal(t, activities.ErrTypeDead, app.Type())
	require.Contains(t, app.Message(), text)
	require.True(t, app.NonRetryable())
}

func TestDelivered(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	result, err := d.deliver()
	require.NoError(t, err)
	require.Equal(t, workflows.DeliverResult{State: "delivered", By: "automatic"}, result)
	require.Len(t, d.posts, 1)
	require.Equal(t, d.delivery().Body, d.posts[0].Body)
	require.Equal(t, store.DeliveryDelivered, d.delivery().State)
	require.Empty(t, d.alerts)
	require.Empty(t, d.told)
}

// TestWholeSchedule goes through all twelve attempts of about 76 hours.
func TestWholeSchedule(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	d.crm = always(answer(500))
	start := d.Now()
	_, err := d.deliver()
	requireDead(t, err, "dead after 12 attempts, the last one: answered 500")

	require.Len(t, d.posts, 12)
	for i, gap := range d.gaps(start) {
		scheduled := d.schedule[i].Seconds()
		require.InDelta(t, scheduled, gap.Seconds(), 0.2*scheduled+2, "attempt %d", i+1)
		p := d.posts[i]
		require.Equal(t, i+1, p.Attempt)
		require.False(t, p.Replay)
		require.Equal(t, d.posts[0].EventID, p.EventID)
		require.Equal(t, d.posts[0].Body, p.Body)
	}
	dead := d.delivery()
	require.Equal(t, store.DeliveryDead, dead.State)
	require.Nil(t, dead.NextAttemptAt)
	attempts, err := d.store.Attempts(t.Context(), dead.EventID)
	require.NoError(t, err)
	require.Len(t, attempts, 12)
	for i, a := range attempts {
		require.Equal(t, i == 11, a.NextAttemptAt == nil)
	}
	require.Equal(t, []activities.AlertKind{activities.AlertEndpointFailing, activities.AlertDeliveryDead}, d.alertKinds(),
		"once for the change, not for each attempt")
	require.Empty(t, d.told, "one outcome that cannot be digested opens no breaker")
}

// TestStartedTooEarly has Temporal start retries before they are due, as it does with an old task after a crash.
func TestStartedTooEarly(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	d.schedule = []time.Duration{0, time.Hour}
	d.crm = always(answer(500))
	began, looks := d.Now(), 0
	d.act.Now = func() time.Time { // while Temporal lets whole waits pass
		looks++
		return began.Add(time.Duration(looks) * time.Minute)
	}
	_, err := d.deliver()
	requireDead(t, err, "dead after 2 attempts")
	require.Len(t, d.posts, 2)
	require.GreaterOrEqual(t, looks, int((time.Hour * 8 / 10).Minutes()), "the second attempt was made before its time")
}

func TestTakenAtLast(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	d.crm = untilNth(12)
	result, err := d.deliver()
	require.NoError(t, err)
	require.Equal(t, "automatic", result.By)
	require.Len(t, d.posts, 12)
	require.Equal(t, []activities.AlertKind{activities.AlertEndpointFailing, activities.AlertEndpointWell}, d.alertKinds())
}

// TestRetryAfter clamps what a receiver may ask for.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ scheduled, asked, least, most time.Duration }{
		"more than scheduled":              {10 * time.Second, time.Minute, time.Minute, time.Minute},
		"less than scheduled":              {time.Hour, time.Minute, 48 * time.Minute, 72 * time.Minute},
		"an hour after a short wait":       {10 * time.Second, time.Hour, 5 * time.Minute, 5 * time.Minute},
		"a week after a long wait":         {2 * time.Hour, 7 * 24 * time.Hour, 4 * time.Hour, 4 * time.Hour},
		"a week after the longest wait":    {24 * time.Hour, 7 * 24 * time.Hour, 24 * time.Hour, 29 * time.Hour},
		"nothing":                          {time.Hour, 0, 48 * time.Minute, 72 * time.Minute},
		"two minutes when now is the next": {0, 2 * time.Minute, 2 * time.Minute, 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDeliverTest(t)
			d.schedule = []time.Duration{0, c.scheduled}
			d.crm = func(int, webhook.Request) webhook.Result {
				busy := answer(429)
				busy.RetryAfter = c.asked
				return busy
			}
			start := d.Now()
			_, err := d.deliver()
			requireDead(t, err, "dead after 2 attempts")
			gap := d.gaps(start)[1]
			require.GreaterOrEqual(t, gap, c.least-2*time.Second)
			require.LessOrEqual(t, gap, c.most+2*time.Second)
		})
	}
}

func TestAbort(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	refused := answer(400)
	refused.Abort = true
	d.crm = always(refused)
	_, err := d.deliver()
	requireDead(t, err, "dead after 1 attempts, the last one: answered 400")
	require.Len(t, d.posts, 1)
	require.Equal(t, []activities.AlertKind{activities.AlertDeliveryDead}, d.alertKinds(), "the endpoint itself is well")
}

// TestGone parks everybody at once and loses nothing: what is parked is a row, and no workflow waits for it.
func TestGone(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	d.crm = always(answer(410))
	start := d.Now()
	result, err := d.deliver()
	require.NoError(t, err)
	require.Equal(t, workflows.DeliverResult{State: "parked"}, result)
	require.Equal(t, store.DeliveryParked, d.delivery().State)
	require.Less(t, d.Now().Sub(start), time.Minute, "it ends with its next attempt")
	require.Len(t, d.posts, 1)
	require.Equal(t, activities.AlertEndpointParked, d.alertKinds()[0])
	require.Equal(t, []string{"watch ep_crm 1", "watch ep_crm 1"}, d.told, "when the breaker opens, and when a delivery is parked")
}

func TestParked(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*deliverTest){
		"the breaker is open":     func(d *deliverTest) { d.openBreaker() },
		"it is told to go on":     func(d *deliverTest) { d.openBreaker(); d.resume(0, func() {}) },
		"so long that it is long": func(d *deliverTest) { d.openBreaker(); d.SetContinueAsNewSuggested(true) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDeliverTest(t)
			event := d.outcome() // before there is a reason to park it
			prepare(d)
			start := d.Now()
			result, err := d.deliverAs(workflows.DeliverInput{EventID: event, ReplayOnly: true})
			require.NoError(t, err)
			require.Equal(t, "parked", result.State)
			require.Empty(t, d.posts)
			require.Zero(t, d.delivery().Automatic, "parked time uses up no attempt")
			require.Less(t, d.Now().Sub(start), time.Minute)
		})
	}
}

// TestTriedBefore waits for the time of the next attempt: the first one was made by the call's workflow.
func TestTriedBefore(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	event, next := d.outcome(), d.Now().Add(time.Hour)
	require.NoError(t, d.store.SaveAttempt(t.Context(), store.Attempt{EventID: event, N: 1, Trigger: store.TriggerAutomatic,
		StartedAt: d.Now(), ErrorClass: "status", Error: "answered 500", Run: "a call's", NextAttemptAt: &next}))
	start := d.Now()
	result, err := d.deliverAs(workflows.DeliverInput{EventID: event, Tried: true})
	require.NoError(t, err)
	require.Equal(t, "automatic", result.By)
	require.Len(t, d.posts, 1)
	require.Equal(t, 2, d.posts[0].Attempt)
	require.InDelta(t, time.Hour.Minutes(), d.gaps(start)[0].Minutes(), 1)
}

// TestLanesTaken has a CRM that takes all lanes: the delivery that waits for one makes one attempt to get it, and is then a row.
// It was 908 activity tasks in an hour.
func TestLanesTaken(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	d.act.Lanes, d.act.LaneWait = 1, 10*time.Millisecond
	slow, waiting := d.outcome(), d.outcome()
	entered, leave := make(chan struct{}), make(chan struct{})
	d.crm = func(_ int, r webhook.Request) webhook.Result {
		if r.EventID == slow {
			close(entered)
			<-leave
		}
		return answer(200)
	}
	done := make(chan error, 1)
	go func() {
		var suite testsuite.WorkflowTestSuite
		env := suite.NewTestActivityEnvironment()
		env.RegisterActivity(d.act)
		_, err := env.ExecuteActivity(d.act.DeliverFirst, activities.DeliverInput{EventID: slow})
		done <- err
	}()
	<-entered
	tries := 0
	d.SetOnActivityStartedListener(func(*activity.Info, context.Context, converter.EncodedValues) { tries++ })
	result, err := d.deliverAs(workflows.DeliverInput{EventID: waiting})
	require.NoError(t, err)
	require.Equal(t, "parked", result.State)
	require.Equal(t, 1, tries)
	require.Equal(t, []string{"well ep_crm 0"}, d.told, "the drain is told")
	close(leave)
	require.NoError(t, <-done)
	require.Len(t, d.posts, 1)
}

// TestNoEndpoint has an outcome without a webhook URL: it was 1,440 attempts a day.
func TestNoEndpoint(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	d.store = storetest.SQLite(t) // without an endpoint
	d.act.Deliveries, d.act.Endpoints = d.store, d.store
	event, tries := d.outcome(), 0
	d.SetOnActivityStartedListener(func(*activity.Info, context.Context, converter.EncodedValues) { tries++ })
	result, err := d.deliverAs(workflows.DeliverInput{EventID: event})
	require.NoError(t, err)
	require.Equal(t, "parked", result.State)
	require.Equal(t, 1, tries)
	require.Empty(t, d.posts)
	require.Empty(t, d.told)
}

// readOnly is a database that reads and does not write.
type readOnly struct{ *store.Store }

var errReadOnly = errors.New("cannot execute UPDATE in a read-only transaction")

// Lease implements activities.Deliveries.
func (readOnly) Lease(context.Context, string, string, time.Duration, ...store.DeliveryState) (store.Lease, error) {
	return store.Lease{}, errReadOnly
}

// SaveAttempt implements activities.Deliveries.
func (readOnly) SaveAttempt(context.Context, store.Attempt) error { return errReadOnly }

// TestReadOnlyDatabase posts nothing while it cannot write down what comes of it: it was four POSTs a minute.
func TestReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	d.act.Deliveries = readOnly{d.store}
	d.RegisterDelayedCallback(func() {
		require.Empty(t, d.posts)
		d.act.Deliveries = d.store
	}, time.Hour)
	_, err := d.deliver()
	require.NoError(t, err)
	require.Len(t, d.posts, 1)
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*deliverTest){
		"while it waits": func(d *deliverTest) { d.crm = always(answer(500)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDeliverTest(t)
			prepare(d)
			d.RegisterDelayedCallback(d.CancelWorkflow, time.Hour)
			_, err := d.deliver()
			var cancelled *temporal.CanceledError
			require.ErrorAs(t, err, &cancelled)
		})
	}
}

func TestUnknownEvent(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	_, err := d.deliverAs(workflows.DeliverInput{EventID: "evt_mistyped"})
	var app *temporal.ApplicationError
	require.ErrorAs(t, err, &app)
	require.Equal(t, activities.ErrTypeUnknownEvent, app.Type())
	require.Contains(t, app.Message(), "evt_mistyped")
}

// TestDiedUnseen has a worker that died after it had written the last attempt down and before it could say so.
func TestDiedUnseen(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	event := d.outcome()
	require.NoError(t, d.store.SaveAttempt(t.Context(), store.Attempt{EventID: event, N: 1, Trigger: store.TriggerAutomatic,
		StartedAt: time.Now(), ErrorClass: "status", Error: "answered 500", Run: "default-test-run-id"}))
	_, err := d.deliverAs(workflows.DeliverInput{EventID: event})
	requireDead(t, err, "dead after 1 attempts, the last one: answered 500")
	require.Empty(t, d.posts)
}

// TestRevived is what an operator does in Temporal Web: the same workflow, once more.
func TestRevived(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	event := d.outcome()
	require.NoError(t, d.store.SaveAttempt(t.Context(), store.Attempt{EventID: event, N: 1, Trigger: store.TriggerAutomatic,
		StartedAt: time.Now(), ErrorClass: "status", Error: "answered 500", Run: "an earlier run"}))
	d.crm = untilNth(3)
	result, err := d.deliverAs(workflows.DeliverInput{EventID: event})
	require.NoError(t, err)
	require.Equal(t, "automatic", result.By)
	require.Len(t, d.posts, 3, "the schedule has begun anew")
	require.Equal(t, 4, d.posts[2].Attempt)
}
