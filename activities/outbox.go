package activities

import (
	"context"

	"github.com/click2call/click2call/store"
)

// Outbox is what ending a call needs of the deliveries.
type Outbox interface {
	// Delivery returns the delivery of an outcome.
	Delivery(ctx context.Context, eventID string) (store.Delivery, error)
	// WatchParked makes sure that somebody probes the endpoint of a delivery that was born parked. A failure is only logged:
	// the ledger makes sure of it, too.
	WatchParked(ctx context.Context, endpointID string)
}

// NewOutbox returns the outbox of a worker that delivers.
func NewOutbox(d *Delivering) Outbox { return outbox{d} }

type outbox struct{ delivering *Delivering }

func (o outbox) Delivery(ctx context.Context, eventID string) (store.Delivery, error) {
	return o.delivering.Deliveries.Delivery(ctx, eventID)
}

func (o outbox) WatchParked(ctx context.Context, endpointID string) {
	if err := o.delivering.startWatch(ctx, endpointID); err != nil {
		o.delivering.Log.Warn().Err(err).Str("endpoint_id", endpointID).Msg("cannot reach the watch over an endpoint yet")
	}
}
