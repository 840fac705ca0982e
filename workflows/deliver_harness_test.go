package workflows_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
	"github.com/click2call/click2call/webhook"
	"github.com/click2call/click2call/workflows"
)

// post is one webhook that left, on the workflow's clock.
type post struct {
	at time.Time
	webhook.Request
}

// deliverTest runs delivery workflows on the SDK's time-skipping clock with the real activities on a real store; only
// the CRM and Temporal's client are played.
type deliverTest struct {
	*testsuite.TestWorkflowEnvironment
	t        *testing.T
	store    *store.Store
	act      *activities.Delivering
	schedule []time.Duration
	endpoint string
	events   []string

	mu     sync.Mutex
	crm    func(n int, r webhook.Request) webhook.Result // the n-th post's answer
	posts  []post
	alerts []activities.Alert
	told   []string // what the activities asked of Temporal
	onTold func(what string)
}

func newDeliverTest(t *testing.T) *deliverTest {
	t.Helper()
	d := &deliverTest{t: t, store: storetest.SQLite(t), schedule: store.DefaultDeliverySchedule(), crm: always(answer(200))}
	d.newEnvironment()
	endpoint := store.Endpoint{
		ID: "ep_crm", URL: "https://crm.example.com/hook", State: store.EndpointActive, Secrets: []store.SigningSecret{store.NewSigningSecret()},
	}
	require.NoError(t, d.store.SaveEndpoint(t.Context(), endpoint))
	d.endpoint = endpoint.ID
	d.act = &activities.Delivering{
		Deliveries: d.store, Endpoints: d.store, Workflows: d, Settings: d, Sender: d, Alerts: d, Log: zerolog.Nop(), DrainRate: 1000,
		Now: func() time.Time { return d.TestWorkflowEnvironment.Now() },
	}
	d.RegisterActivity(d.act)
	return d
}

// newEnvironment is a fresh run on the same store.
func (d *deliverTest) newEnvironment() {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	d.TestWorkflowEnvironment = suite.NewTestWorkflowEnvironment()
	d.SetWorkerOptions(worker.Options{WorkflowPanicPolicy: worker.FailWorkflow})
	d.SetTestTimeout(30 * time.Second)
	d.RegisterWorkflow(workflows.Deliver)
	d.RegisterWorkflow(workflows.WatchEndpoint)
	if d.act != nil {
		d.RegisterActivity(d.act)
	}
}

// outcome makes one more outcome that waits to be delivered, and returns its event id.
func (d *deliverTest) outcome() string {
	d.t.Helper()
	ctx := d.t.Context()
	trunk := call.Trunk{ID: store.NewTrunkID(), Label: "main", LiveKitTrunkID: "ST_1", DefaultDID: "+912233445566", Enabled: true}
	require.NoError(d.t, d.store.SaveTrunk(ctx, trunk))
	c := call.Call{ID: call.NewID(), CaseID: "case", AgentID: "agent", CustomerNumber: "9530251797", DID: "+912233445566",
		TrunkID: trunk.ID, Status: call.StatusCreated, CreatedAt: time.Now()}
	require.NoError(d.t, d.store.InsertCall(ctx, c, call.DefaultKnobs()))
	require.NoError(d.t, d.store.AcceptCall(ctx, c.ID, c.CreatedAt))
	o := call.FromSIPCode(486)
	o.EndedAt = time.Now()
	recorded, err := d.store.RecordOutcome(ctx, c.ID, o, nil, nil, fmt.Appendf(nil, `{"call_id":%q}`, c.ID))
	require.NoError(d.t, err)
	require.True(d.t, recorded)
	d.events = append(d.events, c.ID.EventID())
	return c.ID.EventID()
}

// deliver runs Deliver for a fresh outcome, to its end.
func (d *deliverTest) deliver() (workflows.DeliverResult, error) {
	d.t.Helper()
	return d.deliverAs(workflows.DeliverInput{EventID: d.outcome()})
}

func (d *deliverTest) deliverAs(in workflows.DeliverInput) (result workflows.DeliverResult, err error) {
	d.t.Helper()
	d.ExecuteWorkflow(workflows.Deliver, in)
	require.True(d.t, d.IsWorkflowCompleted())
	if err := d.GetWorkflowError(); err != nil {
		return result, err
	}
	require.NoError(d.t, d.GetWorkflowResult(&result))
	return result, nil
}

// delivery is the latest outcome's delivery.
func (d *deliverTest) delivery() store.Delivery {
	d.t.Helper()
	got, err := d.store.Delivery(d.t.Context(), d.events[len(d.events)-1])
	require.NoError(d.t, err)
	return got
}

// openBreaker makes the endpoint a failing one.
func (d *deliverTest) openBreaker() {
	_, health, err := d.store.RecordResult(context.Background(), d.endpoint, store.EndpointResult{At: time.Now(), EventID: "evt_other", Gone: true, Error: "answered 410 Gone"})
	require.NoError(d.t, err)
	require.True(d.t, health.Open())
}

func (d *deliverTest) closeBreaker() {
	_, _, err := d.store.RecordResult(context.Background(), d.endpoint, store.EndpointResult{At: time.Now(), EventID: "evt_other", OK: true})
	require.NoError(d.t, err)
}

// replay signals a replay after so long.
func (d *deliverTest) replay(after time.Duration, id string) {
	d.RegisterDelayedCallback(func() { d.SignalWorkflow(workflows.SignalReplay.Name, workflows.ReplayOrder{ID: id}) }, after)
}

func (d *deliverTest) resume(after time.Duration, before func()) {
	d.RegisterDelayedCallback(func() {
		before()
		d.SignalWorkflow(workflows.SignalResume.Name, workflows.Resume{})
	}, after)
}

// gaps are the waits before each post, from the workflow's start.
func (d *deliverTest) gaps(start time.Time) []time.Duration {
	gaps := make([]time.Duration, len(d.posts))
	for i, p := range d.posts {
		gaps[i], start = p.at.Sub(start), p.at
	}
	return gaps
}

func (d *deliverTest) alertKinds() []activities.AlertKind {
	kinds := make([]activities.AlertKind, len(d.alerts))
	for i, a := range d.alerts {
		kinds[i] = a.Kind
	}
	return kinds
}

// Send implements the activities' sender.
func (d *deliverTest) Send(_ context.Context, r webhook.Request) webhook.Result {
	d.mu.Lock()
	d.posts = append(d.posts, post{d.Now(), r})
	n, crm := len(d.posts), d.crm
	d.mu.Unlock()
	res := crm(n, r)
	res.StartedAt, res.URL = time.Now().UTC(), r.URL
	return res
}

// Get implements the activities' settings.
func (d *deliverTest) Get(context.Context) (store.Settings, error) {
	return store.Settings{DeliverySchedule: d.schedule, WebhookHTTPSOnly: true}, nil
}

// Alert implements activities.Alerter.
func (d *deliverTest) Alert(_ context.Context, a activities.Alert) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.alerts = append(d.alerts, a)
}

func (d *deliverTest) tell(format string, args ...any) error {
	d.mu.Lock()
	what := fmt.Sprintf(format, args...)
	d.told = append(d.told, what)
	hook := d.onTold
	d.mu.Unlock()
	if hook != nil {
		hook(what)
	}
	return nil
}

// Resume implements activities.DeliveryWorkflows.
func (d *deliverTest) Resume(_ context.Context, eventID string) error {
	return d.tell("resume %s", eventID)
}

// ReplayDelivery implements activities.DeliveryWorkflows.
func (d *deliverTest) ReplayDelivery(_ context.Context, eventID, replayID string) error {
	return d.tell("replay %s %s", eventID, replayID)
}

// WatchEndpoint implements activities.DeliveryWorkflows.
func (d *deliverTest) WatchEndpoint(_ context.Context, w activities.Watchpoint) error {
	return d.tell("watch %s %d", w.EndpointID, w.Hold)
}

// EndpointWell implements activities.DeliveryWorkflows.
func (d *deliverTest) EndpointWell(_ context.Context, endpointID string, hold int) error {
	return d.tell("well %s %d", endpointID, hold)
}

func always(res webhook.Result) func(int, webhook.Request) webhook.Result {
	return func(int, webhook.Request) webhook.Result { return res }
}

// answer is how the CRM answers with a status.
func answer(status int) webhook.Result {
	if status >= 200 && status < 300 {
		return webhook.Result{Status: status}
	}
	return webhook.Result{Status: status, Class: webhook.ClassStatus, Error: fmt.Sprintf("answered %d", status)}
}

// untilNth fails all posts before the n-th.
func untilNth(nth int) func(int, webhook.Request) webhook.Result {
	return func(n int, _ webhook.Request) webhook.Result {
		if n < nth {
			return answer(500)
		}
		return answer(200)
	}
}
