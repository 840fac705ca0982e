package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/store"
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

// TestGone parks everybody at once and loses nothing.
func TestGone(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	d.crm = func(n int, _ webhook.Request) webhook.Result {
		if n == 1 {
			return answer(410)
		}
		return answer(200)
	}
	d.resume(time.Hour, func() {
		require.Equal(t, store.DeliveryParked, d.delivery().State)
		d.closeBreaker()
	})
	result, err := d.deliver()
	require.NoError(t, err)
	require.Equal(t, "automatic", result.By)
	require.Len(t, d.posts, 2)
	require.Equal(t, activities.AlertEndpointParked, d.alertKinds()[0])
	require.Equal(t, []string{"watch ep_crm 1", "watch ep_crm 1"}, d.told, "when the breaker opens, and when a delivery is parked")
}

func TestParkedAndResumed(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	d.openBreaker()
	d.resume(time.Hour, func() {}) // too early
	d.resume(100*time.Minute, d.closeBreaker)
	start := d.Now()
	_, err := d.deliver()
	require.NoError(t, err)
	require.Len(t, d.posts, 1, "parked time uses up no attempt")
	require.Equal(t, 1, d.posts[0].Attempt)
	require.InDelta(t, 100*time.Minute.Minutes(), d.gaps(start)[0].Minutes(), 1)
	require.Equal(t, []string{"watch ep_crm 1"}, d.told, "parked twice, and the watch was started a moment ago")
}

// TestParkedWithoutWatch has nobody who wakes the delivery.
func TestParkedWithoutWatch(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	d.openBreaker()
	d.RegisterDelayedCallback(d.closeBreaker, time.Hour)
	start := d.Now()
	_, err := d.deliver()
	require.NoError(t, err)
	require.InDelta(t, 24, d.gaps(start)[0].Hours(), 0.1)
}

func TestLongParkingStartsAfresh(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	d.openBreaker()
	d.SetContinueAsNewSuggested(true)
	d.resume(time.Hour, func() {})
	_, err := d.deliverAs(workflows.DeliverInput{EventID: d.outcome(), ReplayOnly: true})
	var again *workflow.ContinueAsNewError
	require.ErrorAs(t, err, &again)
	require.Equal(t, "Deliver", again.WorkflowType.Name)
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*deliverTest){
		"while it waits": func(d *deliverTest) { d.crm = always(answer(500)) },
		"while parked":   func(d *deliverTest) { d.openBreaker() },
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
