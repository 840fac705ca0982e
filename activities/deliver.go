package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/rs/zerolog"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/webhook"
)

// DeliverState is where an attempt left its delivery.
type DeliverState string

// The states that a delivery activity ends with. An automatic attempt that failed is an error instead.
const (
	Delivered DeliverState = "delivered"
	Parked    DeliverState = "parked"  // it waits as a row: its endpoint is held back or busy, or there is none
	Refused   DeliverState = "failed"  // a replay that the CRM did not take
	Dead      DeliverState = "dead"    // the schedule is exhausted; only a replay can still deliver it
	Waiting   DeliverState = "pending" // the first attempt failed, and the schedule goes on
)

// DeliverInput names the outcome to deliver.
type DeliverInput struct {
	EventID string `json:"event_id"`
	// Tried: attempts were made before this run, and the next one waits for its time. Else the first one is somebody's wish.
	Tried bool `json:"tried,omitempty"`
}

// Deliveries is what delivering needs of the store's deliveries.
type Deliveries interface {
	// TakeUp parks the delivery if its endpoint is held back, and revives it if it died in another run.
	TakeUp(ctx context.Context, eventID, run string) (store.Delivery, error)
	Delivery(ctx context.Context, eventID string) (store.Delivery, error)
	DeliveriesOfCall(ctx context.Context, id call.ID) ([]store.Delivery, error)
	SaveAttempt(ctx context.Context, a store.Attempt) error
	// Lease announces a POST, and keeps others from one until it is written down.
	Lease(ctx context.Context, eventID, by string, lasts time.Duration, states ...store.DeliveryState) (store.Lease, error)
	// Park leaves a pending delivery to its endpoint's drain.
	Park(ctx context.Context, eventID string) error
	// AttemptOfReplay returns store.ErrNotFound when the replay has made no attempt for the event yet.
	AttemptOfReplay(ctx context.Context, eventID, replayID string) (store.Attempt, error)
}

// Endpoints is what delivering needs of the store's endpoints.
type Endpoints interface {
	// Endpoint returns the default endpoint for an empty id, and store.ErrNotFound while none is configured.
	Endpoint(ctx context.Context, id string) (store.Endpoint, error)
	// RecordResult tells the endpoint's breaker how an attempt went. It returns the health before and after.
	RecordResult(ctx context.Context, endpointID string, r store.EndpointResult) (before, after store.EndpointHealth, err error)
	NextProbe(ctx context.Context, endpointID string, hold int) (store.ProbeChoice, error)
	// Parked returns at most limit parked deliveries of an endpoint, oldest first, beginning after one of them.
	Parked(ctx context.Context, endpointID, after string, limit int) ([]string, error)
	// LeaseParked announces the POSTs of parked deliveries that nobody else posts, oldest first; EndLeases gives back those that
	// were not made. AdoptParked takes in those that were parked because there was no endpoint.
	LeaseParked(ctx context.Context, endpointID, by string, lasts time.Duration, limit int) ([]store.Delivery, error)
	EndLeases(ctx context.Context, endpointID, by string) error
	AdoptParked(ctx context.Context, endpointID string, limit int) (int, error)
	WaitingEndpoints(ctx context.Context) ([]store.WaitingEndpoint, error)
}

// DeliveryWorkflows is what delivering asks of Temporal; package workflows implements it.
type DeliveryWorkflows interface {
	// Resume has a workflow go on with the delivery's schedule: the one that runs, or a new one.
	Resume(ctx context.Context, eventID string) error
	// ReplayDelivery tells a delivery of a replay, or of a probe, which is then a replay that has been made.
	ReplayDelivery(ctx context.Context, eventID, replayID string) error
	// WatchEndpoint starts the watch over an endpoint that is held back, or does nothing when it runs or ran for this hold.
	WatchEndpoint(ctx context.Context, w Watchpoint) error
	// EndpointWell has the watch over an endpoint's hold look at once, and starts one that then looks when there is none.
	EndpointWell(ctx context.Context, endpointID string, hold int) error
}

// Delivering holds the activities that post outcomes. Register it once on a worker of the deliveries task queue.
type Delivering struct {
	Deliveries Deliveries
	Endpoints  Endpoints
	Workflows  DeliveryWorkflows
	Settings   interface {
		Get(ctx context.Context) (store.Settings, error)
	}
	Sender interface {
		Send(ctx context.Context, r webhook.Request) webhook.Result
	}
	Alerts   Alerter
	Observer DeliveryObserver // nil: nobody counts
	Log      zerolog.Logger

	ProbeWaits []time.Duration // before each probe of a failing endpoint, the last one for ever; nil: DefaultProbeWaits
	DrainRate  int             // parked deliveries posted a second; 0: DefaultDrainRate
	Lanes      int             // attempts at once, of all endpoints; 0: DefaultLanes
	LaneWait   time.Duration   // how long an automatic attempt waits for a lane; 0: five seconds

	Now func() time.Time // nil: time.Now

	lanes   lanes
	rates   rates
	watches watches
	drains  watches
}

// errNoEndpointWait is how often a replay looks whether a webhook URL has been set.
const errNoEndpointWait = time.Minute

// DeliverFirst makes the first automatic attempt to post an outcome, for the call's own workflow, and writes it down.
//
// Side effect: one POST. It returns Waiting when the schedule goes on: a workflow of its own is needed for that. While the
// endpoint is held back, and when too many attempts are under way, it makes none and returns Parked. Idempotent: an attempt
// that was written down is not made again. Time limit 60 s; it heartbeats.
func (d *Delivering) DeliverFirst(ctx context.Context, in DeliverInput) (DeliverState, error) {
	defer beat(ctx)()
	run := activity.GetInfo(ctx).WorkflowExecution.RunID
	delivery, err := d.takeUp(ctx, in.EventID, run)
	if err != nil {
		return "", err
	}
	switch {
	case delivery.State == store.DeliveryParked:
		return Parked, d.startWatch(ctx, delivery.EndpointID)
	case delivery.State != store.DeliveryPending || delivery.Automatic > 0:
		return DeliverState(delivery.State), nil
	}
	m, err := d.automatic(ctx, delivery, run)
	switch {
	case errors.Is(err, errMoved):
		return Waiting, nil // the workflow that goes on finds out what it is
	case errors.Is(err, errNoLane):
		return Parked, d.leaveToDrain(ctx, delivery)
	case err != nil:
		return "", err
	case m.result.Class == "":
		return Delivered, nil
	case m.next == nil:
		return Dead, nil
	case m.open: // its retry would only find that
		if delivery, err = d.takeUp(ctx, in.EventID, run); err == nil && delivery.State == store.DeliveryParked {
			return Parked, nil
		}
	}
	return Waiting, nil
}

// Deliver makes one automatic attempt to post an outcome to the CRM and writes the attempt down.
//
// Side effect: one POST. Idempotent for a CRM that knows the webhook-id; the bytes are those that were stored with the
// outcome. It fails with ErrTypeNotDelivered and the wait until the next attempt, or, when the schedule is exhausted,
// for good with ErrTypeDead. While the endpoint is held back, and when too many attempts are under way, it makes no attempt and
// returns Parked. Which attempt it is comes from the store: an attempt that was never written down, because its worker died,
// does not count. When it is due comes from there, too: started too early, it makes no attempt and waits for the rest. Time
// limit 60 s; it heartbeats.
func (d *Delivering) Deliver(ctx context.Context, in DeliverInput) (DeliverState, error) {
	defer beat(ctx)()
	run := activity.GetInfo(ctx).WorkflowExecution.RunID
	for {
		delivery, err := d.takeUp(ctx, in.EventID, run)
		if err != nil {
			return "", err
		}
		switch delivery.State {
		case store.DeliveryDelivered:
			return Delivered, nil
		case store.DeliveryDead: // in this run, whose worker died before it could say so
			return "", deadError(delivery.Round, delivery.LastError)
		case store.DeliveryParked:
			return Parked, d.startWatch(ctx, delivery.EndpointID)
		case store.DeliveryPending:
		}
		if rest := d.tooEarly(ctx, in, delivery); rest > 0 {
			return "", later(ErrTypeNotDelivered, rest, "attempt %d: %s", delivery.Round, delivery.LastError)
		}
		m, err := d.automatic(ctx, delivery, run)
		switch {
		case errors.Is(err, errMoved):
			continue
		case errors.Is(err, errNoLane):
			return Parked, d.leaveToDrain(ctx, delivery)
		case err != nil:
			return "", err
		case m.result.Class == "":
			return Delivered, nil
		case m.next == nil:
			return "", deadError(delivery.Round+1, m.result.Error)
		default:
			return "", later(ErrTypeNotDelivered, m.next.Sub(d.now()), "attempt %d: %s", delivery.Round+1, m.result.Error)
		}
	}
}

func (d *Delivering) takeUp(ctx context.Context, eventID, run string) (store.Delivery, error) {
	reading, cancel := context.WithTimeout(ctx, readFor)
	defer cancel()
	delivery, err := d.Deliveries.TakeUp(reading, eventID, run)
	if err != nil {
		return store.Delivery{}, unknownEvent(err, eventID)
	}
	return delivery, nil
}

// automatic makes the next attempt of a delivery's schedule, and tells when it was the last one.
func (d *Delivering) automatic(ctx context.Context, delivery store.Delivery, run string) (made, error) {
	a, err := d.nextOf(ctx, delivery, run)
	if err != nil {
		return made{}, err
	}
	m, err := d.attempt(ctx, delivery, a)
	if err == nil && m.result.Class != "" && m.next == nil {
		d.Alerts.Alert(ctx, deadAlert(delivery, m.result))
	}
	return m, err
}

// nextOf is the next attempt of a delivery's schedule.
func (d *Delivering) nextOf(ctx context.Context, delivery store.Delivery, run string) (attempt, error) {
	reading, cancel := context.WithTimeout(ctx, readFor)
	defer cancel()
	settings, err := d.Settings.Get(reading)
	if err != nil {
		return attempt{}, fmt.Errorf("read the delivery schedule: %w", err)
	}
	return attempt{n: delivery.Automatic + 1, round: delivery.Round + 1, trigger: store.TriggerAutomatic, run: run, by: ownerOf(ctx),
		schedule: settings.DeliverySchedule, allowHTTP: !settings.WebhookHTTPSOnly}, nil
}

// leaveToDrain parks a delivery that found no lane: as a row it costs nothing while it waits, and the drain has lanes of its own.
func (d *Delivering) leaveToDrain(ctx context.Context, delivery store.Delivery) error {
	writing, cancel := context.WithTimeout(ctx, readFor)
	defer cancel()
	if err := d.Deliveries.Park(writing, delivery.EventID); err != nil {
		return err
	}
	endpoint, err := d.endpointOf(ctx, delivery)
	if err != nil {
		return err
	}
	w := d.watchpoint(endpoint.ID, endpoint.Health.Holds)
	return d.drains.once(w, func(w Watchpoint) error { return d.Workflows.EndpointWell(ctx, w.EndpointID, w.Hold) })
}

func (d *Delivering) laneWait() time.Duration { return cmp.Or(d.LaneWait, laneWait) }

// ownerOf names an activity, over all its tries: what one of them has leased the next one may post.
func ownerOf(ctx context.Context) string {
	info := activity.GetInfo(ctx)
	return info.WorkflowExecution.RunID + "/" + info.ActivityID
}

// clocksApart is by how much the clocks of two workers may differ before an attempt that is due by the one is not by the other.
const clocksApart = time.Second

// tooEarly is how long before its time a retry was started. Temporal starts one at once when it hands out an activity's old
// task a second time, which happens after a crash: it compares neither the attempt nor the scheduled time (server 1.29,
// recordActivityTaskStarted). An attempt made then would be missing at the schedule's end.
func (d *Delivering) tooEarly(ctx context.Context, in DeliverInput, delivery store.Delivery) time.Duration {
	if (activity.GetInfo(ctx).Attempt == 1 && !in.Tried) || delivery.NextAttemptAt == nil { // a first one is somebody's wish
		return 0
	}
	if rest := delivery.NextAttemptAt.Sub(d.now()); rest > clocksApart {
		return rest
	}
	return 0
}

func (d *Delivering) now() time.Time {
	if d.Now == nil {
		return time.Now()
	}
	return d.Now()
}

func deadError(attempts int, reason string) error {
	return temporal.NewNonRetryableApplicationError(fmt.Sprintf("dead after %d attempts, the last one: %s", attempts, reason), ErrTypeDead, nil)
}

// later is an expected failure that says when to try again.
func later(kind string, wait time.Duration, format string, args ...any) error {
	return temporal.NewApplicationErrorWithOptions(fmt.Sprintf(format, args...), kind,
		temporal.ApplicationErrorOptions{NextRetryDelay: max(wait, time.Millisecond), Category: temporal.ApplicationErrorCategoryBenign})
}

// unknownEvent ends the retries for a delivery that does not exist: it is started after its row was committed, so its id
// was mistyped.
func unknownEvent(err error, eventID string) error {
	if errors.Is(err, store.ErrNotFound) {
		return temporal.NewNonRetryableApplicationError("there is no outcome with the event id "+eventID+": check its spelling", ErrTypeUnknownEvent, nil)
	}
	return fmt.Errorf("read delivery %s: %w", eventID, err)
}

// startWatch makes sure that somebody probes the endpoint whose delivery is parked. Where there is none, its first look for one
// is made when it comes to be.
func (d *Delivering) startWatch(ctx context.Context, endpointID string) error {
	reading, cancel := context.WithTimeout(ctx, readFor)
	defer cancel()
	endpoint, err := d.Endpoints.Endpoint(reading, endpointID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read endpoint %s: %w", endpointID, err)
	}
	return d.watches.once(d.watchpoint(endpoint.ID, endpoint.Health.Holds), func(w Watchpoint) error {
		return d.Workflows.WatchEndpoint(ctx, w)
	})
}

// jitter moves a wait by up to 20 % either way, so that a burst of calls does not come back as a burst of retries.
func jitter(wait time.Duration) time.Duration {
	return time.Duration(float64(wait) * (0.8 + 0.4*rand.Float64()))
}
