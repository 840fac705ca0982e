package activities

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"golang.org/x/time/rate"

	"github.com/click2call/click2call/store"
)

const (
	// DefaultDrainRate is how many parked deliveries are woken a second when their endpoint is well again.
	DefaultDrainRate = 50
	drainPage        = 200
	// drainAgain is how long a drain waits before it looks who has not woken up; it waits twice as long every time.
	drainAgain     = 2 * time.Second
	drainAgainMost = 16 * time.Second
)

// DefaultProbeWaits are the waits before the probes of a failing endpoint; the last one repeats for ever.
func DefaultProbeWaits() []time.Duration {
	return []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute}
}

// Watchpoint is what the watch over an endpoint is told. Every hold has its own watch, so that one that is just ending
// is never mistaken for the one that is needed.
type Watchpoint struct {
	EndpointID string          `json:"endpoint_id"`
	Hold       int             `json:"hold"`  // which time that its deliveries are held back
	Waits      []time.Duration `json:"waits"` // before each probe, the last one for ever; not empty
}

func (d *Delivering) watchpoint(endpointID string, hold int) Watchpoint {
	waits := d.ProbeWaits
	if len(waits) == 0 {
		waits = DefaultProbeWaits()
	}
	return Watchpoint{EndpointID: endpointID, Hold: hold, Waits: waits}
}

// Probe is the next thing for a watch to do.
type Probe struct {
	EventID string `json:"event_id,omitempty"` // to try the endpoint with; empty while it is paused
	Held    bool   `json:"held"`               // the endpoint is still held back; false: drain
}

// NextProbe says what the watch over an endpoint is to do next. When nothing waits that the endpoint could be tried with,
// it closes the breaker so that the next delivery is the probe. Idempotent. Time limit 30 s.
func (d *Delivering) NextProbe(ctx context.Context, in Watchpoint) (Probe, error) {
	eventID, held, err := d.Endpoints.NextProbe(ctx, in.EndpointID, in.Hold)
	return Probe{EventID: eventID, Held: held}, err
}

// ProbeEndpoint tries a failing endpoint with one delivery. A success closes the breaker.
//
// Side effect: one POST, beside the delivery's schedule. It is made once for each event and probe id, as a replay is.
// Time limit 60 s; it heartbeats.
func (d *Delivering) ProbeEndpoint(ctx context.Context, in ReplayInput) (ReplayResult, error) {
	defer beat(ctx)()
	return d.extraAttempt(ctx, in, store.TriggerProbe)
}

// DrainInput says whom to wake.
type DrainInput struct {
	Watchpoint
	// Probed is the delivery that a probe has brought home; its workflow does not know yet.
	Probed ReplayInput `json:"probed,omitzero"`
}

// DrainEndpoint wakes the parked deliveries of an endpoint, oldest first, at a capped rate, until none is left or the
// endpoint is held back anew, which has a watch of its own.
//
// Idempotent: a delivery is woken twice rather than not at all. It heartbeats how far it came, and goes on from there.
func (d *Delivering) DrainEndpoint(ctx context.Context, in DrainInput) error {
	perSecond := d.DrainRate
	if perSecond == 0 {
		perSecond = DefaultDrainRate
	}
	limit := rate.NewLimiter(rate.Limit(perSecond), 1)
	if in.Probed.EventID != "" {
		if err := d.Workflows.ReplayDelivery(ctx, in.Probed.EventID, in.Probed.ReplayID); err != nil {
			return err
		}
	}
	after, woken, wait := drainedTo(ctx), 0, drainAgain
	for {
		activity.RecordHeartbeat(ctx, after)
		endpoint, err := d.Endpoints.Endpoint(ctx, in.EndpointID)
		if err != nil {
			return fmt.Errorf("read endpoint %s: %w", in.EndpointID, err)
		}
		if endpoint.Health.Open() || endpoint.State == store.EndpointPaused {
			return d.Workflows.WatchEndpoint(ctx, d.watchpoint(in.EndpointID, endpoint.Health.Holds))
		}
		parked, err := d.Endpoints.Parked(ctx, in.EndpointID, after, drainPage)
		if err != nil {
			return fmt.Errorf("list parked deliveries of %s: %w", in.EndpointID, err)
		}
		if len(parked) == 0 && after == "" {
			d.Log.Info().Str("endpoint_id", in.EndpointID).Int("deliveries", woken).Msg("woke the deliveries that were parked")
			return nil
		}
		if len(parked) == 0 {
			pause(ctx, wait)
			after, wait = "", min(2*wait, drainAgainMost)
			continue
		}
		if err := d.wake(ctx, limit, parked); err != nil {
			return err
		}
		after, woken = parked[len(parked)-1], woken+len(parked)
	}
}

func (d *Delivering) wake(ctx context.Context, limit *rate.Limiter, parked []string) error {
	for _, eventID := range parked {
		if err := limit.Wait(ctx); err != nil {
			return err
		}
		select {
		case <-activity.GetWorkerStopChannel(ctx):
			return later(ErrTypeInterrupted, time.Second, "the worker stops; another one goes on")
		default:
		}
		if err := d.Workflows.Resume(ctx, eventID); err != nil {
			return err
		}
		activity.RecordHeartbeat(ctx, eventID)
	}
	return nil
}

// drainedTo is how far the drain came that this one goes on from.
func drainedTo(ctx context.Context) (eventID string) {
	if activity.HasHeartbeatDetails(ctx) && activity.GetHeartbeatDetails(ctx, &eventID) != nil {
		return ""
	}
	return eventID
}
