package activities

import (
	"cmp"
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"go.temporal.io/sdk/activity"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"github.com/click2call/click2call/store"
)

const (
	// DefaultDrainRate is how many parked deliveries are posted a second when their endpoint is well again.
	DefaultDrainRate = 50
	// drainPage is how many are leased at once. drainLease is longer than a page can take: all of its POSTs are under way at
	// once, or at the drain's rate, but for the lanes that it must wait for; what has waited for longer is leased anew.
	drainPage  = 100
	drainLease = 2 * time.Minute
	drainFresh = drainLease - leaseFor
	// drainAtOnce bounds the POSTs under way, so that fresh outcomes find lanes.
	drainAtOnce = DefaultLanes / 2
	// drainLook is how often it is looked whether what somebody else has leased is free.
	drainLook = 500 * time.Millisecond
	// adoptPage is how many that had no endpoint are taken in at once.
	adoptPage = 1000
	// drainWriteFor is how long it may take to give back what was leased and not posted.
	drainWriteFor = 5 * time.Second
)

// DrainInput says whose parked deliveries go out.
type DrainInput struct {
	Watchpoint
	// Probed is the delivery that a probe has brought home, if a workflow waits for it that does not know yet.
	Probed ReplayInput `json:"probed,omitzero"`
}

// DrainEndpoint posts the parked deliveries of an endpoint, oldest first, at a capped rate, until none is left or the endpoint
// is held back anew, which has a watch of its own. It works on rows: a page is leased with one statement, and each attempt
// is its delivery's next automatic one. One that fails again goes on with its schedule in a workflow of its own, or is parked
// again when the endpoint is held back.
//
// Side effect: one POST for each delivery. The rows say which are left, so a killed worker loses no place: the next try of the
// same activity takes over what it had leased. Time limit 24 h; it heartbeats.
func (d *Delivering) DrainEndpoint(ctx context.Context, in DrainInput) error {
	defer beat(ctx)()
	if in.Probed.EventID != "" {
		if err := d.Workflows.ReplayDelivery(ctx, in.Probed.EventID, in.Probed.ReplayID); err != nil {
			return err
		}
	}
	run := &drain{Delivering: d, endpointID: in.EndpointID, by: ownerOf(ctx), run: activity.GetInfo(ctx).WorkflowExecution.RunID}
	if err := d.Endpoints.EndLeases(ctx, in.EndpointID, run.by); err != nil { // of a try whose worker died
		return err
	}
	defer run.giveBack(ctx)
	return run.all(ctx)
}

// drain is a drain under way.
type drain struct {
	*Delivering
	endpointID string
	by         string
	run        string
	held       atomic.Bool // somebody saw the breaker open
	posted     atomic.Int64
}

func (d *drain) all(ctx context.Context) error {
	perSecond := cmp.Or(d.DrainRate, DefaultDrainRate)
	limit := rate.NewLimiter(rate.Limit(perSecond), max(1, perSecond/20))
	group, posting := errgroup.WithContext(ctx)
	group.SetLimit(min(drainAtOnce, max(1, cmp.Or(d.Lanes, DefaultLanes)/2)))
	err := d.pages(posting, func(deliveries []store.Delivery, endpoint store.Endpoint, until time.Time) error {
		for _, delivery := range deliveries {
			if workerStops(ctx) {
				return later(ErrTypeInterrupted, time.Second, "the worker stops; another one goes on")
			}
			if err := limit.Wait(posting); err != nil {
				return err
			}
			if err := d.rates.wait(posting, endpoint); err != nil {
				return cmp.Or(posting.Err(), err)
			}
			group.Go(func() error {
				if d.held.Load() || posting.Err() != nil || !time.Now().Before(until) {
					return nil
				}
				return d.one(posting, delivery, endpoint)
			})
		}
		return nil
	})
	if failed := group.Wait(); failed != nil {
		return failed
	}
	if err == nil {
		d.Log.Info().Str("endpoint_id", d.endpointID).Int64("deliveries", d.posted.Load()).Msg("posted the deliveries that were parked")
	}
	return err
}

// pages has page after page posted until nothing is left, or the endpoint is held back anew.
func (d *drain) pages(ctx context.Context, post func([]store.Delivery, store.Endpoint, time.Time) error) error {
	for ctx.Err() == nil {
		endpoint, err := d.Endpoints.Endpoint(ctx, d.endpointID)
		if err != nil {
			return fmt.Errorf("read endpoint %s: %w", d.endpointID, err)
		}
		if endpoint.Health.Open() || endpoint.State == store.EndpointPaused {
			return d.Workflows.WatchEndpoint(ctx, d.watchpoint(endpoint.ID, endpoint.Health.Holds))
		}
		d.held.Store(false)
		if endpoint.Default {
			if err := d.adopt(ctx); err != nil {
				return err
			}
		}
		until := time.Now().Add(drainFresh)
		deliveries, err := d.Endpoints.LeaseParked(ctx, d.endpointID, d.by, drainLease, pageOf(endpoint))
		if err != nil {
			return err
		}
		if len(deliveries) > 0 {
			if err := post(deliveries, endpoint, until); err != nil {
				return err
			}
			continue
		}
		left, err := d.Endpoints.Parked(ctx, d.endpointID, "", 1)
		if err != nil || len(left) == 0 {
			return err
		}
		pause(ctx, drainLook)
	}
	return ctx.Err()
}

// pageOf is how many are leased at once: not more than the endpoint takes while they are fresh.
func pageOf(e store.Endpoint) int {
	if e.MaxPerSecond == 0 {
		return drainPage
	}
	return min(drainPage, e.MaxPerSecond*int(drainFresh/(2*time.Second)))
}

// adopt takes in what was parked because there was no endpoint.
func (d *drain) adopt(ctx context.Context) error {
	for {
		n, err := d.Endpoints.AdoptParked(ctx, d.endpointID, adoptPage)
		if err != nil || n < adoptPage {
			return err
		}
	}
}

// one posts one delivery that was leased, and sees to what comes afterwards.
func (d *drain) one(ctx context.Context, delivery store.Delivery, endpoint store.Endpoint) error {
	leave, err := d.lanes.enter(ctx, endpoint.ID, cmp.Or(d.Lanes, DefaultLanes), maxLaneQueue)
	if err != nil {
		return cmp.Or(ctx.Err(), err)
	}
	defer leave()
	a, err := d.nextOf(ctx, delivery, d.run)
	if err != nil {
		return err
	}
	m, err := d.post(ctx, delivery, endpoint, a, delivery.Unwritten)
	if err != nil {
		return err
	}
	d.posted.Add(1)
	if m.open {
		d.held.Store(true)
	}
	switch {
	case m.result.Class == "":
		return nil
	case m.next == nil:
		d.Alerts.Alert(ctx, deadAlert(delivery, m.result))
		return nil
	case m.open:
		_, err := d.takeUp(ctx, delivery.EventID, d.run)
		return err
	default:
		return d.Workflows.Resume(ctx, delivery.EventID)
	}
}

// giveBack ends the leases of what was not posted, so that whoever is next need not wait until they end by themselves.
func (d *drain) giveBack(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainWriteFor)
	defer cancel()
	if err := d.Endpoints.EndLeases(ctx, d.endpointID, d.by); err != nil {
		d.Log.WithLevel(zerolog.WarnLevel).Err(err).Str("endpoint_id", d.endpointID).Msg("cannot give back parked deliveries; they are free in two minutes")
	}
}
