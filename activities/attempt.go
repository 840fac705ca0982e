package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/webhook"
)

const (
	// readFor is how long everything may take that must be known before an attempt.
	readFor = 10 * time.Second
	// writeFor is how long the result of an attempt is tried to be written down: what is not written is posted again.
	writeFor = 10 * time.Second
	// tellFor is how long the breaker and the watch may take, after that.
	tellFor = 5 * time.Second
	// leaseFor is longer than an attempt takes until it is written down, and so is leaseLook shorter than anybody minds.
	leaseFor  = 45 * time.Second
	leaseLook = 300 * time.Millisecond
	// unwrittenWait is the wait before the next POST of a delivery after one whose result could not be written down. It doubles
	// with each, up to unwrittenMost: a CRM that took it is not asked again and again.
	unwrittenWait = 15 * time.Second
	unwrittenMost = time.Hour
	// retryAfterSpan and retryAfterMost bound what a receiver's Retry-After may ask for: it may slow us down to twice
	// the scheduled wait, to five minutes in any case, and to a day at most. It never speeds the schedule up.
	retryAfterSpan = 5 * time.Minute
	retryAfterMost = 24 * time.Hour
)

// removedEndpoint is what people read of a delivery to an endpoint that is gone.
const removedEndpoint = "its endpoint was removed"

// errMoved says that somebody else has brought the delivery into another state before it could be posted.
var errMoved = errors.New("somebody else has delivered or parked it")

// attempt says which attempt is to be made.
type attempt struct {
	n         int // 1 for the first of its trigger
	round     int // 1 for the first since the schedule began
	trigger   store.Trigger
	replayID  string
	run       string
	by        string          // who makes it: see [store.Store.Lease]
	schedule  []time.Duration // that of the settings, unless the endpoint has one of its own; nil: there is no next attempt
	allowHTTP bool
}

// made is an attempt that was made and written down.
type made struct {
	result webhook.Result
	next   *time.Time // nil: it went well, or the schedule is exhausted
	open   bool       // the endpoint's breaker is open afterwards
}

// attempt posts the outcome once, writes down what came of it, and tells the endpoint's breaker. The intent is written down
// first: a database that takes no writes stops posts. An automatic attempt waits only a while for a lane, and has errNoLane
// then; a probe needs none. errMoved when an automatic attempt, or a probe, is not needed any more.
func (d *Delivering) attempt(ctx context.Context, delivery store.Delivery, a attempt) (made, error) {
	endpoint, err := d.endpointOf(ctx, delivery)
	if err != nil {
		return made{}, err
	}
	var states []store.DeliveryState
	queue := maxLaneQueue
	waiting, cancel := context.WithCancel(ctx)
	switch a.trigger {
	case store.TriggerAutomatic:
		states, queue = []store.DeliveryState{store.DeliveryPending}, laneQueue
		cancel()
		waiting, cancel = context.WithTimeout(ctx, d.laneWait())
	case store.TriggerProbe:
		states = []store.DeliveryState{store.DeliveryPending, store.DeliveryParked}
	case store.TriggerReplay:
	}
	defer cancel()
	if a.trigger != store.TriggerProbe {
		err := d.rates.wait(waiting, endpoint)
		if err != nil {
			return made{}, cmp.Or(ctx.Err(), err)
		}
		leave, err := d.lanes.enter(waiting, endpoint.ID, cmp.Or(d.Lanes, DefaultLanes), queue)
		if err != nil {
			return made{}, cmp.Or(ctx.Err(), err)
		}
		defer leave()
	}
	lease, err := d.lease(ctx, delivery.EventID, a.by, states)
	if err != nil {
		return made{}, err
	}
	return d.post(ctx, delivery, endpoint, a, lease.Unwritten)
}

func (d *Delivering) endpointOf(ctx context.Context, delivery store.Delivery) (store.Endpoint, error) {
	reading, cancel := context.WithTimeout(ctx, readFor)
	defer cancel()
	endpoint, err := d.Endpoints.Endpoint(reading, delivery.EndpointID)
	if errors.Is(err, store.ErrRemoved) {
		return store.Endpoint{}, temporal.NewNonRetryableApplicationError(removedEndpoint, ErrTypeEndpointRemoved, nil)
	}
	if errors.Is(err, store.ErrNotFound) {
		return store.Endpoint{}, later(ErrTypeNoEndpoint, errNoEndpointWait, "no webhook URL is set; set one in Settings")
	}
	if err != nil {
		return store.Endpoint{}, fmt.Errorf("find the endpoint of %s: %w", delivery.EventID, err)
	}
	return endpoint, nil
}

// lease waits until nobody else posts the delivery, and announces the POST.
func (d *Delivering) lease(ctx context.Context, eventID, by string, states []store.DeliveryState) (store.Lease, error) {
	for {
		writing, cancel := context.WithTimeout(ctx, readFor)
		lease, err := d.Deliveries.Lease(writing, eventID, by, leaseFor, states...)
		cancel()
		switch {
		case err != nil:
			return lease, fmt.Errorf("announce a POST of %s: %w", eventID, err)
		case lease.Moved:
			return lease, errMoved
		case lease.Got:
			return lease, nil
		}
		if pause(ctx, leaseLook); ctx.Err() != nil {
			return lease, ctx.Err()
		}
	}
}

// post posts a delivery that was leased. Once it has begun it goes on to the end, even when the worker stops: what is broken
// off must be posted again.
func (d *Delivering) post(ctx context.Context, delivery store.Delivery, endpoint store.Endpoint, a attempt, unwritten int) (made, error) {
	ctx = context.WithoutCancel(ctx)
	if a.schedule != nil && len(endpoint.Schedule) > 0 {
		a.schedule = endpoint.Schedule
	}
	m := made{result: d.Sender.Send(ctx, requestOf(delivery, endpoint, a))}
	m.next = nextAttempt(a, m.result, d.now())
	if err := d.writeDown(ctx, delivery, a, m); err != nil {
		wait := unwrittenMost
		if doubled := max(0, unwritten-1); doubled < 8 {
			wait = unwrittenWait << doubled
		}
		d.Log.Error().Err(err).Str("event_id", delivery.EventID).Dur("wait", wait).Msg("an attempt was made and cannot be written down")
		return made{}, later(ErrTypeNotWritten, wait, "attempt %d was made and cannot be written down: %v", a.n, err)
	}
	d.observe(delivery, a.trigger, m.result)
	m.open = d.tellBreaker(ctx, endpoint, delivery, m.result)
	return m, nil
}

func requestOf(delivery store.Delivery, endpoint store.Endpoint, a attempt) webhook.Request {
	r := RequestTo(endpoint, time.Now())
	r.EventID, r.Body, r.Attempt, r.Replay, r.AllowHTTP = delivery.EventID, delivery.Body, a.n, a.trigger == store.TriggerReplay, a.allowHTTP
	return r
}

// RequestTo is what every webhook to an endpoint has in common at a moment: its URL, headers and certificates, and the
// keys that are valid then.
func RequestTo(endpoint store.Endpoint, at time.Time) webhook.Request {
	secrets := make([]string, 0, len(endpoint.Secrets))
	for _, s := range endpoint.Secrets {
		if s.Signs(at) {
			secrets = append(secrets, s.Secret)
		}
	}
	return webhook.Request{
		URL: endpoint.URL, APIKey: endpoint.APIKey, Secrets: secrets, Headers: endpoint.Headers,
		TLS: webhook.TLS{ClientCert: endpoint.TLS.ClientCert, ClientKey: endpoint.TLS.ClientKey, CA: endpoint.TLS.CA},
	}
}

// nextAttempt is when the schedule goes on after a failed attempt; nil when it is exhausted, or when the receiver asked for
// no more of this outcome. The schedule's first entry is the wait before attempt 1.
func nextAttempt(a attempt, r webhook.Result, now time.Time) *time.Time {
	if r.Class == "" || r.Abort || a.round >= len(a.schedule) {
		return nil
	}
	scheduled := a.schedule[a.round]
	wait := max(jitter(scheduled), min(r.RetryAfter, max(2*scheduled, retryAfterSpan), retryAfterMost))
	at := now.UTC().Add(wait)
	return &at
}

// writeDown insists for a while: an attempt that is not written down is made again, and the CRM gets a duplicate.
func (d *Delivering) writeDown(ctx context.Context, delivery store.Delivery, a attempt, m made) error {
	ctx, cancel := context.WithTimeout(ctx, writeFor)
	defer cancel()
	row := attemptRow(delivery, a, m)
	for {
		err := d.Deliveries.SaveAttempt(ctx, row)
		if err == nil {
			return nil
		}
		pause(ctx, 500*time.Millisecond)
		if ctx.Err() != nil || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
			return fmt.Errorf("write down attempt %d of %s: %w", a.n, delivery.EventID, err)
		}
	}
}

func attemptRow(delivery store.Delivery, a attempt, m made) store.Attempt {
	r := m.result
	return store.Attempt{
		EventID: delivery.EventID, N: a.n, Trigger: a.trigger, ReplayID: a.replayID, Run: a.run, StartedAt: r.StartedAt, URL: r.URL,
		Status: r.Status, ErrorClass: string(r.Class), Error: r.Error, RemoteAddr: r.RemoteAddr,
		DNS: r.DNS, Connect: r.Connect, TLS: r.TLS, FirstByte: r.FirstByte, Total: r.Total,
		RequestHeaders: r.RequestHeaders, ResponseHeaders: r.ResponseHeaders, ResponseBody: r.ResponseBody, Truncated: r.Truncated,
		NextAttemptAt: m.next,
	}
}

// tellBreaker keeps the endpoint's health. A failure to do so is only logged: the next attempt tells it again. A receiver
// that aborts one outcome is not a failing one. It reports whether the breaker is open now.
func (d *Delivering) tellBreaker(ctx context.Context, endpoint store.Endpoint, delivery store.Delivery, r webhook.Result) (open bool) {
	if r.Abort {
		return endpoint.Health.Open()
	}
	tell, cancel := context.WithTimeout(ctx, tellFor)
	defer cancel()
	before, after, err := d.Endpoints.RecordResult(tell, endpoint.ID, store.EndpointResult{
		At: time.Now().UTC(), EventID: delivery.EventID, OK: r.Class == "", Gone: r.Status == http.StatusGone, Error: r.Error,
		Drained: delivery.State == store.DeliveryParked,
	})
	if err != nil {
		d.Log.Warn().Err(err).Str("endpoint_id", endpoint.ID).Msg("cannot keep the endpoint's health")
		return endpoint.Health.Open()
	}
	switch {
	case !before.Open() && after.Open():
		err = d.Workflows.WatchEndpoint(tell, d.watchpoint(endpoint.ID, after.Holds))
	case before.Open() && !after.Open():
		err = d.Workflows.EndpointWell(tell, endpoint.ID, before.Holds)
	}
	if err != nil { // the next delivery that is parked, or the watch's next probe, does it
		d.Log.Warn().Err(err).Str("endpoint_id", endpoint.ID).Msg("cannot reach the watch over an endpoint yet")
	}
	if alert := healthAlert(endpoint.ID, before, after); alert != nil {
		d.Alerts.Alert(ctx, *alert)
	}
	return after.Open()
}
