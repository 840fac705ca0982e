package activities

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/rs/zerolog"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/webhook"
)

// DeliverState is where an attempt left its delivery.
type DeliverState string

// The states that a delivery activity ends with. An automatic attempt that failed is an error instead.
const (
	Delivered DeliverState = "delivered"
	Parked    DeliverState = "parked" // the endpoint's breaker is open
	Refused   DeliverState = "failed" // a replay that the CRM did not take
	Dead      DeliverState = "dead"   // the schedule is exhausted; only a replay can still deliver it
)

// DeliverInput names the outcome to deliver.
type DeliverInput struct {
	EventID string `json:"event_id"`
}

// Deliveries is what delivering needs of the store's deliveries.
type Deliveries interface {
	// TakeUp parks the delivery if its endpoint is held back, and revives it if it died in another run.
	TakeUp(ctx context.Context, eventID, run string) (store.Delivery, error)
	Delivery(ctx context.Context, eventID string) (store.Delivery, error)
	SaveAttempt(ctx context.Context, a store.Attempt) error
	// AttemptOfReplay returns store.ErrNotFound when the replay has made no attempt for the event yet.
	AttemptOfReplay(ctx context.Context, eventID, replayID string) (store.Attempt, error)
}

// Endpoints is what delivering needs of the store's endpoints.
type Endpoints interface {
	// Endpoint returns the default endpoint for an empty id, and store.ErrNotFound while none is configured.
	Endpoint(ctx context.Context, id string) (store.Endpoint, error)
	// RecordResult tells the endpoint's breaker how an attempt went. It returns the health before and after.
	RecordResult(ctx context.Context, endpointID string, r store.EndpointResult) (before, after store.EndpointHealth, err error)
	NextProbe(ctx context.Context, endpointID string, hold int) (eventID string, held bool, err error)
	// Parked returns at most limit parked deliveries of an endpoint, oldest first, beginning after one of them.
	Parked(ctx context.Context, endpointID, after string, limit int) ([]string, error)
}

// DeliveryWorkflows is what delivering asks of Temporal; package workflows implements it.
type DeliveryWorkflows interface {
	// Resume wakes a parked delivery, and starts its workflow again if that is gone.
	Resume(ctx context.Context, eventID string) error
	// ReplayDelivery tells a delivery of a replay, or of a probe, which is then a replay that has been made.
	ReplayDelivery(ctx context.Context, eventID, replayID string) error
	// WatchEndpoint starts the watch over an endpoint that is held back, or does nothing when it runs or ran for this hold.
	WatchEndpoint(ctx context.Context, w Watchpoint) error
	// EndpointWell tells the watch that the endpoint takes webhooks again. It returns nil when the watch is over.
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

	ProbeWaits  []time.Duration // before each probe of a failing endpoint, the last one for ever; nil: DefaultProbeWaits
	DrainRate   int             // parked deliveries woken a second; 0: DefaultDrainRate
	PerEndpoint int             // attempts at once to one endpoint; 0: DefaultPerEndpoint

	Now func() time.Time // nil: time.Now

	lanes   lanes
	watches watches
}

// errNoEndpointWait is how often a delivery looks whether a webhook URL has been set.
const errNoEndpointWait = time.Minute

// Deliver makes one automatic attempt to post an outcome to the CRM and writes the attempt down.
//
// Side effect: one POST. Idempotent for a CRM that knows the webhook-id; the bytes are those that were stored with the
// outcome. It fails with ErrTypeNotDelivered and the wait until the next attempt, or, when the schedule is exhausted,
// for good with ErrTypeDead. While the endpoint is held back it makes no attempt and returns Parked. Which attempt it is
// comes from the store: an attempt that was never written down, because its worker died, does not count. When it
// is due comes from there, too: started too early, it makes no attempt and waits for the rest. Time limit 60 s; it heartbeats.
func (d *Delivering) Deliver(ctx context.Context, in DeliverInput) (DeliverState, error) {
	defer beat(ctx)()
	run := activity.GetInfo(ctx).WorkflowExecution.RunID
	reading, cancel := context.WithTimeout(ctx, readFor)
	defer cancel()
	delivery, err := d.Deliveries.TakeUp(reading, in.EventID, run)
	if err != nil {
		return "", unknownEvent(err, in.EventID)
	}
	switch delivery.State {
	case store.DeliveryDelivered:
		return Delivered, nil
	case store.DeliveryDead: // in this run, whose worker died before it could say so
		return "", deadError(delivery.Round, delivery.LastError)
	case store.DeliveryParked:
		return Parked, d.startWatch(reading, delivery.EndpointID)
	case store.DeliveryPending:
	}
	if rest := d.tooEarly(ctx, delivery); rest > 0 {
		return "", later(ErrTypeNotDelivered, rest, "attempt %d: %s", delivery.Round, delivery.LastError)
	}
	settings, err := d.Settings.Get(reading)
	if err != nil {
		return "", fmt.Errorf("read the delivery schedule: %w", err)
	}
	made, err := d.attempt(ctx, delivery, attempt{n: delivery.Automatic + 1, round: delivery.Round + 1, trigger: store.TriggerAutomatic,
		run: run, schedule: settings.DeliverySchedule, allowHTTP: !settings.WebhookHTTPSOnly})
	switch {
	case err != nil:
		return "", err
	case made.result.Class == "":
		return Delivered, nil
	case made.next == nil:
		d.Alerts.Alert(ctx, deadAlert(delivery, made.result))
		return "", deadError(delivery.Round+1, made.result.Error)
	default:
		return "", later(ErrTypeNotDelivered, made.next.Sub(d.now()), "attempt %d: %s", delivery.Round+1, made.result.Error)
	}
}

// clocksApart is by how much the clocks of two workers may differ before an attempt that is due by the one is not by the other.
const clocksApart = time.Second

// tooEarly is how long before its time a retry was started. Temporal starts one at once when it hands out an activity's old
// task a second time, which happens after a crash: it compares neither the attempt nor the scheduled time (server 1.29,
// recordActivityTaskStarted). An attempt made then would be missing at the schedule's end.
func (d *Delivering) tooEarly(ctx context.Context, delivery store.Delivery) time.Duration {
	if activity.GetInfo(ctx).Attempt == 1 || delivery.NextAttemptAt == nil { // a first one is somebody's wish
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

// startWatch makes sure that somebody wakes what is parked.
func (d *Delivering) startWatch(ctx context.Context, endpointID string) error {
	endpoint, err := d.Endpoints.Endpoint(ctx, endpointID)
	if err != nil {
		return fmt.Errorf("read endpoint %s: %w", endpointID, err)
	}
	return d.watches.once(d.watchpoint(endpointID, endpoint.Health.Holds), func(w Watchpoint) error {
		return d.Workflows.WatchEndpoint(ctx, w)
	})
}

// jitter moves a wait by up to 20 % either way, so that a burst of calls does not come back as a burst of retries.
func jitter(wait time.Duration) time.Duration {
	return time.Duration(float64(wait) * (0.8 + 0.4*rand.Float64()))
}
