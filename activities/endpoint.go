package activities

import (
	"context"
	"time"

	"github.com/click2call/click2call/store"
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
	Number  int    `json:"number,omitempty"`   // which probe of that event it is
	Pending bool   `json:"pending,omitempty"`  // a workflow waits for the event, and must be told
	Held    bool   `json:"held"`               // the endpoint is still held back; false: drain
}

// NextProbe says what the watch over an endpoint is to do next. When nothing waits that the endpoint could be tried with,
// it closes the breaker so that the next delivery is the probe. Idempotent. Time limit 30 s.
func (d *Delivering) NextProbe(ctx context.Context, in Watchpoint) (Probe, error) {
	c, err := d.Endpoints.NextProbe(ctx, in.EndpointID, in.Hold)
	return Probe{EventID: c.EventID, Number: c.Number, Pending: c.Pending, Held: c.Held}, err
}

// ProbeEndpoint tries a failing endpoint with one delivery. A success closes the breaker.
//
// Side effect: one POST, beside the delivery's schedule, which waits for no lane. It is made once for each event and probe id,
// as a replay is. Time limit 60 s; it heartbeats.
func (d *Delivering) ProbeEndpoint(ctx context.Context, in ReplayInput) (ReplayResult, error) {
	defer beat(ctx)()
	return d.extraAttempt(ctx, in, store.TriggerProbe)
}
