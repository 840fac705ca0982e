package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"github.com/click2call/click2call/store"
)

const (
	// DefaultDrainRate is how many parked deliveries are woken a second when their endpoint is well again.
	DefaultDrainRate = 50
	drainPage        = 200
	drainAtOnce      = 10
	// drainAgain is how long those have who were woken before they are woken again: a server with much to do is not given
	// more of it. drainLook is how often they are looked at meanwhile.
	drainAgain = time.Minute
	drainLook  = 2 * time.Second
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
	after, woken, again := drainedTo(ctx), 0, time.Now()
	for {
		activity.RecordHeartbeat(ctx, after)
		if held, err := d.heldAgain(ctx, in.EndpointID); err != nil || held {
			return err
		}
		parked, err := d.Endpoints.Parked(ctx, in.EndpointID, after, drainPage)
		switch {
		case err != nil:
			return fmt.Errorf("list parked deliveries of %s: %w", in.EndpointID, err)
		case len(parked) == 0 && after == "":
			d.Log.Info().Str("endpoint_id", in.EndpointID).Int("deliveries", woken).Msg("woke the deliveries that were parked")
			return nil
		case len(parked) == 0:
			after, again = "", time.Now().Add(drainAgain)
		case time.Now().Before(again):
			pause(ctx, drainLook)
		default:
			if err := d.wake(ctx, limit, parked); err != nil {
				return err
			}
			after, woken = parked[len(parked)-1], woken+len(parked)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// heldAgain reports whether the endpoint is held back anew, and makes sure that somebody watches over it then.
func (d *Delivering) heldAgain(ctx context.Context, endpointID string) (bool, error) {
	endpoint, err := d.Endpoints.Endpoint(ctx, endpointID)
	if err != nil {
		return false, fmt.Errorf("read endpoint %s: %w", endpointID, err)
	}
	if !endpoint.Health.Open() && endpoint.State != store.EndpointPaused {
		return false, nil
	}
	return true, d.Workflows.WatchEndpoint(ctx, d.watchpoint(endpointID, endpoint.Health.Holds))
}

// wake wakes deliveries in order of age, a few at a time: one signal takes the server longer than the rate has time for.
func (d *Delivering) wake(ctx context.Context, limit *rate.Limiter, parked []string) error {
	for few := range slices.Chunk(parked, drainAtOnce) {
		if workerStops(ctx) {
			return later(ErrTypeInterrupted, time.Second, "the worker stops; another one goes on")
		}
		group, waking := errgroup.WithContext(ctx)
		for _, eventID := range few {
			if err := limit.Wait(ctx); err != nil {
				return errors.Join(err, group.Wait())
			}
			group.Go(func() error { return d.Workflows.Resume(waking, eventID) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
		activity.RecordHeartbeat(ctx, few[len(few)-1])
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
