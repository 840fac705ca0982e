package activities_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
	"github.com/click2call/click2call/webhook"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// deliverBench is a real store with an endpoint, and a CRM and a Temporal that are played.
type deliverBench struct {
	*activities.Delivering
	store *store.Store
	t     *testing.T

	mu   sync.Mutex
	crm  func(context.Context, webhook.Request) webhook.Result
	told []string
}

func newDeliverBench(t *testing.T) *deliverBench {
	t.Helper()
	b := &deliverBench{t: t, store: storetest.SQLite(t)}
	b.crm = func(context.Context, webhook.Request) webhook.Result { return webhook.Result{Status: 200} }
	require.NoError(t, b.store.SaveEndpoint(t.Context(), b.endpoint("ep_crm")))
	b.Delivering = &activities.Delivering{
		Deliveries: b.store, Endpoints: b.store, Workflows: b, Settings: b, Sender: b, Alerts: activities.Alerters{}, Log: zerolog.Nop(),
		DrainRate: 1000,
	}
	return b
}

func (b *deliverBench) endpoint(id string) store.Endpoint {
	return store.Endpoint{ID: id, URL: "https://crm.example.com/" + id, State: store.EndpointActive,
		Headers: map[string]string{"X-Tenant": "7"}, Secrets: []store.SigningSecret{store.NewSigningSecret()}}
}

func (b *deliverBench) outcome() string {
	b.t.Helper()
	ctx := b.t.Context()
	trunk := call.Trunk{ID: store.NewTrunkID(), Label: "main", LiveKitTrunkID: "ST_1", DefaultDID: "+912233445566", Enabled: true}
	require.NoError(b.t, b.store.SaveTrunk(ctx, trunk))
	c := call.Call{ID: call.NewID(), CaseID: "case", AgentID: "agent", CustomerNumber: "9530251797", DID: "+912233445566",
		TrunkID: trunk.ID, Status: call.StatusCreated, CreatedAt: time.Now()}
	require.NoError(b.t, b.store.InsertCall(ctx, c, call.DefaultKnobs()))
	require.NoError(b.t, b.store.AcceptCall(ctx, c.ID, c.CreatedAt))
	o := call.FromSIPCode(486)
	o.EndedAt = time.Now()
	_, err := b.store.RecordOutcome(ctx, c.ID, o, nil, nil, []byte(`{}`))
	require.NoError(b.t, err)
	return c.ID.EventID()
}

func (b *deliverBench) environment() *testsuite.TestActivityEnvironment {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(b.Delivering)
	return env
}

func (b *deliverBench) deliver(eventID string) error {
	_, err := b.environment().ExecuteActivity(b.Deliver, activities.DeliverInput{EventID: eventID})
	return err
}

// Send implements the sender.
func (b *deliverBench) Send(ctx context.Context, r webhook.Request) webhook.Result {
	res := b.crm(ctx, r)
	res.StartedAt, res.URL = time.Now().UTC(), r.URL
	return res
}

// Get implements the settings.
func (b *deliverBench) Get(context.Context) (store.Settings, error) {
	return store.Settings{DeliverySchedule: []time.Duration{0, time.Hour}, WebhookHTTPSOnly: true}, nil
}

func (b *deliverBench) tell(format string, args ...any) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told = append(b.told, fmt.Sprintf(format, args...))
	return nil
}

// Resume implements activities.DeliveryWorkflows.
func (b *deliverBench) Resume(_ context.Context, eventID string) error {
	return b.tell("resume %s", eventID)
}

// ReplayDelivery implements activities.DeliveryWorkflows.
func (b *deliverBench) ReplayDelivery(_ context.Context, eventID, replayID string) error {
	return b.tell("replay %s %s", eventID, replayID)
}

// WatchEndpoint implements activities.DeliveryWorkflows.
func (b *deliverBench) WatchEndpoint(_ context.Context, w activities.Watchpoint) error {
	return b.tell("watch %s %d", w.EndpointID, w.Hold)
}

// EndpointWell implements activities.DeliveryWorkflows.
func (b *deliverBench) EndpointWell(_ context.Context, endpointID string, hold int) error {
	return b.tell("well %s %d", endpointID, hold)
}

func requireLater(t *testing.T, err error, kind string, least, most time.Duration) {
	t.Helper()
	var app *temporal.ApplicationError
	require.ErrorAs(t, err, &app)
	require.Equal(t, kind, app.Type())
	require.False(t, app.NonRetryable())
	require.GreaterOrEqual(t, app.NextRetryDelay(), least)
	require.LessOrEqual(t, app.NextRetryDelay(), most)
}

// TestSlowEndpoint has an endpoint that holds all lanes. Another one gets the next that is free, before those of the slow one that
// wait, and what waits too long is a row.
func TestSlowEndpoint(t *testing.T) {
	t.Parallel()
	b := newDeliverBench(t)
	b.Lanes, b.LaneWait = 2, time.Minute
	slow := []string{b.outcome(), b.outcome()}
	waiting := b.outcome()
	other := b.endpoint("ep_other")
	other.Default = true
	require.NoError(t, b.store.SaveEndpoint(t.Context(), other))
	healthy := b.outcome()
	entered, leave, order := make(chan string, 9), make(chan struct{}), make(chan string, 9)
	b.crm = func(_ context.Context, r webhook.Request) webhook.Result {
		entered <- r.EventID
		if slices.Contains(slow, r.EventID) {
			<-leave
		} else {
			order <- r.EventID
		}
		return webhook.Result{Status: 200}
	}
	var all sync.WaitGroup
	deliver := func(event string) { all.Go(func() { require.NoError(t, b.deliver(event)) }) } //nolint:testifylint // it fails the test all the same
	for _, event := range slow {
		deliver(event)
		<-entered
	}
	deliver(waiting)
	require.Eventually(t, func() bool { return activities.WaitingFor(b.Delivering, "ep_crm") == 1 }, time.Minute, time.Millisecond)
	deliver(healthy)
	require.Eventually(t, func() bool { return activities.WaitingFor(b.Delivering, "ep_other") == 1 }, time.Minute, time.Millisecond)
	leave <- struct{}{}
	require.Equal(t, healthy, <-order)
	close(leave)
	all.Wait()
	require.Equal(t, waiting, <-order)
}

// TestNoLane makes no attempt, leaves a row, and tells the drain once.
func TestNoLane(t *testing.T) {
	t.Parallel()
	b := newDeliverBench(t)
	b.Lanes, b.LaneWait = 1, time.Millisecond
	slow, first, second := b.outcome(), b.outcome(), b.outcome()
	entered, leave := make(chan struct{}), make(chan struct{})
	b.crm = func(context.Context, webhook.Request) webhook.Result {
		close(entered)
		<-leave
		return webhook.Result{Status: 200}
	}
	done := make(chan error, 1)
	go func() { done <- b.deliver(slow) }()
	<-entered
	for _, event := range []string{first, second} {
		require.Equal(t, activities.Parked, b.first(event))
		d, err := b.store.Delivery(t.Context(), event)
		require.NoError(t, err)
		require.Equal(t, store.DeliveryParked, d.State)
		require.Zero(t, d.Unwritten, "no POST was announced")
	}
	close(leave)
	require.NoError(t, <-done)
	require.Equal(t, []string{"well ep_crm 0"}, b.told)
}

// first makes the first attempt as the call's workflow does.
func (b *deliverBench) first(eventID string) (state activities.DeliverState) {
	b.t.Helper()
	value, err := b.environment().ExecuteActivity(b.DeliverFirst, activities.DeliverInput{EventID: eventID})
	require.NoError(b.t, err)
	require.NoError(b.t, value.Get(&state))
	return state
}

func TestDeliverFirst(t *testing.T) {
	t.Parallel()
	answer := func(r webhook.Result) func(context.Context, webhook.Request) webhook.Result {
		return func(context.Context, webhook.Request) webhook.Result { return r }
	}
	refused := webhook.Result{Status: 500, Class: webhook.ClassStatus, Error: "answered 500"}
	aborted, gone := refused, refused
	aborted.Abort, gone.Status = true, 410
	for name, c := range map[string]struct {
		crm  webhook.Result
		want activities.DeliverState
		is   store.DeliveryState
	}{
		"taken":                {webhook.Result{Status: 200}, activities.Delivered, store.DeliveryDelivered},
		"refused":              {refused, activities.Waiting, store.DeliveryPending},
		"aborted":              {aborted, activities.Dead, store.DeliveryDead},
		"it opens the breaker": {gone, activities.Parked, store.DeliveryParked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, posts := newDeliverBench(t), 0
			event := b.outcome()
			answers := answer(c.crm)
			b.crm = func(ctx context.Context, r webhook.Request) webhook.Result {
				posts++
				return answers(ctx, r)
			}
			for range 2 { // once more, as after a lost reply: what was written down is not made again
				require.Equal(t, c.want, b.first(event))
				require.Equal(t, 1, posts)
			}
			d, err := b.store.Delivery(t.Context(), event)
			require.NoError(t, err)
			require.Equal(t, c.is, d.State)
			require.Equal(t, 1, d.Automatic)
		})
	}
}

// TestReadOnly posts nothing that it could not write down.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	b := newDeliverBench(t)
	event, posts := b.outcome(), 0
	b.crm = func(context.Context, webhook.Request) webhook.Result { posts++; return webhook.Result{Status: 200} }
	b.Deliveries = readOnly{b.store}
	require.Error(t, b.deliver(event))
	for _, activity := range []any{b.ReplayOnce, b.ProbeEndpoint} {
		_, err := b.environment().ExecuteActivity(activity, activities.ReplayInput{EventID: event, ReplayID: "r"})
		require.Error(t, err)
	}
	require.Zero(t, posts)
}

// readOnly is a database that reads and does not write.
type readOnly struct{ *store.Store }

// Lease implements activities.Deliveries.
func (readOnly) Lease(context.Context, string, string, time.Duration, ...store.DeliveryState) (store.Lease, error) {
	return store.Lease{}, errDown
}

// TestUnwritten waits ever longer before it posts again what was posted and could not be written down.
func TestUnwritten(t *testing.T) {
	t.Parallel()
	b := newDeliverBench(t)
	event, posts := b.outcome(), 0
	b.crm = func(context.Context, webhook.Request) webhook.Result { posts++; return webhook.Result{Status: 200} }
	b.Deliveries = refuses{b.store}
	for _, wait := range []time.Duration{15 * time.Second, 30 * time.Second, time.Minute} {
		requireLater(t, b.deliver(event), activities.ErrTypeNotWritten, wait, wait)
	}
	require.Equal(t, 3, posts)
	b.Deliveries = b.store
	require.NoError(t, b.deliver(event))
}

// refuses is a store that can write everything but attempts.
type refuses struct{ *store.Store }

// SaveAttempt implements activities.Deliveries.
func (refuses) SaveAttempt(context.Context, store.Attempt) error { return store.ErrInvalid }

// TestOnePostAtATime has a replay wait for the attempt that is under way.
func TestOnePostAtATime(t *testing.T) {
	t.Parallel()
	b := newDeliverBench(t)
	event := b.outcome()
	entered, leave := make(chan struct{}), make(chan struct{})
	var once sync.Once
	b.crm = func(_ context.Context, r webhook.Request) webhook.Result {
		if !r.Replay {
			once.Do(func() { close(entered) })
			<-leave
		}
		return webhook.Result{Status: 200}
	}
	var all sync.WaitGroup
	all.Go(func() { require.NoError(t, b.deliver(event)) }) //nolint:testifylint // it fails the test all the same
	<-entered
	asked := &asksForLease{Store: b.store, twice: make(chan struct{})}
	b.Deliveries = asked
	all.Go(func() {
		_, err := b.environment().ExecuteActivity(b.ReplayOnce, activities.ReplayInput{EventID: event, ReplayID: "rpl_1"})
		require.NoError(t, err) //nolint:testifylint // it fails the test all the same
	})
	<-asked.twice
	attempts, err := b.store.Attempts(t.Context(), event)
	require.NoError(t, err)
	require.Empty(t, attempts)
	close(leave)
	all.Wait()
	attempts, err = b.store.Attempts(t.Context(), event)
	require.NoError(t, err)
	require.Len(t, attempts, 2)
}

// asksForLease closes twice when a lease is asked for the second time.
type asksForLease struct {
	*store.Store
	n     atomic.Int64
	twice chan struct{}
}

// Lease implements activities.Deliveries.
func (a *asksForLease) Lease(ctx context.Context, eventID, by string, lasts time.Duration, states ...store.DeliveryState) (store.Lease, error) {
	if a.n.Add(1) == 2 {
		close(a.twice)
	}
	return a.Store.Lease(ctx, eventID, by, lasts, states...)
}

func TestFailedAttemptIsWrittenDown(t *testing.T) {
	t.Parallel()
	b := newDeliverBench(t)
	event := b.outcome()
	var sent webhook.Request
	b.crm = func(_ context.Context, r webhook.Request) webhook.Result {
		sent = r
		return webhook.Result{Status: 500, Class: webhook.ClassStatus, Error: "answered 500", RemoteAddr: "192.0.2.1:443",
			RequestHeaders: map[string][]string{"Webhook-Id": {event}}, ResponseBody: []byte("no"), Truncated: true}
	}
	requireLater(t, b.deliver(event), activities.ErrTypeNotDelivered, 47*time.Minute, 73*time.Minute)
	require.Equal(t, "7", sent.Headers["X-Tenant"])
	require.Len(t, sent.Secrets, 1)
	attempts, err := b.store.Attempts(t.Context(), event)
	require.NoError(t, err)
	require.Len(t, attempts, 1)
	a := attempts[0]
	require.Equal(t, store.TriggerAutomatic, a.Trigger)
	require.Equal(t, "https://crm.example.com/ep_crm", a.URL)
	require.Equal(t, []string{event}, a.RequestHeaders["Webhook-Id"])
	require.WithinDuration(t, time.Now().Add(time.Hour), *a.NextAttemptAt, 13*time.Minute)
	require.True(t, a.Truncated)
}

// flaky is a store whose next writes fail.
type flaky struct {
	*store.Store
	mu    sync.Mutex
	fails int
}

// SaveAttempt implements activities.Deliveries.
func (f *flaky) SaveAttempt(ctx context.Context, a store.Attempt) error {
	f.mu.Lock()
	f.fails--
	fails := f.fails >= 0
	f.mu.Unlock()
	if fails {
		return errors.New("the database is down")
	}
	return f.Store.SaveAttempt(ctx, a)
}

// TestWriteDownInsists posts once though the database is away for a moment.
func TestWriteDownInsists(t *testing.T) {
	t.Parallel()
	b := newDeliverBench(t)
	event, posts := b.outcome(), 0
	b.Deliveries = &flaky{Store: b.store, fails: 3}
	b.crm = func(context.Context, webhook.Request) webhook.Result { posts++; return webhook.Result{Status: 200} }
	require.NoError(t, b.deliver(event))
	require.Equal(t, 1, posts)
	d, err := b.store.Delivery(t.Context(), event)
	require.NoError(t, err)
	require.Equal(t, store.DeliveryDelivered, d.State)
}

// TestWorkerStopsInMidAttempt ends the worker's context while the CRM is still answering.
func TestWorkerStopsInMidAttempt(t *testing.T) {
	t.Parallel()
	b := newDeliverBench(t)
	event := b.outcome()
	ctx, stop := context.WithCancel(t.Context())
	b.crm = func(ctx context.Context, _ webhook.Request) webhook.Result {
		stop()
		if ctx.Err() != nil {
			return webhook.Result{Class: webhook.ClassOther, Error: "cancelled"}
		}
		return webhook.Result{Status: 200}
	}
	env := b.environment()
	env.SetWorkerOptions(worker.Options{BackgroundActivityContext: ctx})
	_, _ = env.ExecuteActivity(b.Deliver, activities.DeliverInput{EventID: event}) // nobody is left to hear it
	d, err := b.store.Delivery(t.Context(), event)
	require.NoError(t, err)
	require.Equal(t, store.DeliveryDelivered, d.State)
	require.Equal(t, 1, d.Automatic)
}

// TestNoEndpoint refuses a replay at once: its attempt would come a minute after somebody has set a URL.
func TestNoEndpoint(t *testing.T) {
	t.Parallel()
	b := newDeliverBench(t)
	event := b.outcome()
	b.Endpoints = noEndpoints{b.store}
	value, err := b.environment().ExecuteActivity(b.ReplayOnce, activities.ReplayInput{EventID: event, ReplayID: "rpl_1"})
	require.NoError(t, err)
	var got activities.ReplayResult
	require.NoError(t, value.Get(&got))
	require.Equal(t, activities.ReplayResult{State: activities.Refused, Reason: "no webhook URL is set", After: activities.Waiting}, got)
}

// noEndpoints has none.
type noEndpoints struct{ *store.Store }

// Endpoint implements activities.Endpoints.
func (noEndpoints) Endpoint(context.Context, string) (store.Endpoint, error) {
	return store.Endpoint{}, store.ErrNotFound
}

// parked makes so many parked deliveries whose endpoint is well again.
func (b *deliverBench) parked(n int) []string {
	b.t.Helper()
	ctx := b.t.Context()
	tell := func(ok bool) {
		_, _, err := b.store.RecordResult(ctx, "ep_crm", store.EndpointResult{At: time.Now(), OK: ok, Gone: !ok})
		require.NoError(b.t, err)
	}
	events := make([]string, n)
	for i := range events {
		events[i] = b.outcome()
	}
	tell(false)
	for _, id := range events {
		_, err := b.store.TakeUp(ctx, id, "a run")
		require.NoError(b.t, err)
	}
	tell(true)
	return events
}
