package activities_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
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
	if id, resumed := strings.CutPrefix(b.told[len(b.told)-1], "resume "); resumed {
		_, err := b.store.TakeUp(context.Background(), id, "a run") // as the woken workflow does
		return err
	}
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

// TestSlowEndpoint has an endpoint that holds all the attempts that it may have: others go on, and its own come back later
// without holding a worker's slot meanwhile.
func TestSlowEndpoint(t *testing.T) {
	t.Parallel()
	b := newDeliverBench(t)
	b.PerEndpoint = 1
	slow, waiting, healthy := b.outcome(), b.outcome(), ""
	other := b.endpoint("ep_other")
	other.Default = true
	require.NoError(t, b.store.SaveEndpoint(t.Context(), other))
	healthy = b.outcome()
	entered, leave := make(chan struct{}), make(chan struct{})
	b.crm = func(_ context.Context, r webhook.Request) webhook.Result {
		if r.EventID == slow {
			close(entered)
			<-leave
		}
		return webhook.Result{Status: 200}
	}
	done := make(chan error, 1)
	go func() { done <- b.deliver(slow) }()
	<-entered
	requireLater(t, b.deliver(waiting), activities.ErrTypeEndpointBusy, 3*time.Second, 5*time.Second)
	require.NoError(t, b.deliver(healthy))
	close(leave)
	require.NoError(t, <-done)
	require.NoError(t, b.deliver(waiting))
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

func TestNoEndpoint(t *testing.T) {
	t.Parallel()
	b := newDeliverBench(t)
	b.Endpoints = noEndpoints{b.store}
	requireLater(t, b.deliver(b.outcome()), activities.ErrTypeNoEndpoint, time.Minute, time.Minute)
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

func TestDrainGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	b := newDeliverBench(t)
	events := b.parked(3)
	env := b.environment()
	env.SetHeartbeatDetails(events[0])
	_, err := env.ExecuteActivity(b.DrainEndpoint, activities.DrainInput{Watchpoint: activities.Watchpoint{EndpointID: "ep_crm", Hold: 1}})
	require.NoError(t, err)
	require.Equal(t, []string{"resume " + events[1], "resume " + events[2], "resume " + events[0]}, b.told,
		"the first one, which has not woken up, has its turn again")
}

func TestDrainOfAStoppingWorker(t *testing.T) {
	t.Parallel()
	b := newDeliverBench(t)
	b.parked(2)
	stopped := make(chan struct{})
	close(stopped)
	env := b.environment()
	env.SetWorkerStopChannel(stopped)
	_, err := env.ExecuteActivity(b.DrainEndpoint, activities.DrainInput{Watchpoint: activities.Watchpoint{EndpointID: "ep_crm", Hold: 1}})
	requireLater(t, err, activities.ErrTypeInterrupted, time.Second, time.Second)
	require.Empty(t, b.told)
}
