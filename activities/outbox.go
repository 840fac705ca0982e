package activities

import (
	"context"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// Outbox is what ending a call needs of the deliveries.
type Outbox interface {
	// DeliveriesOfCall returns the deliveries of a call's outcome, one for each endpoint that hears of it, the default one's first.
	DeliveriesOfCall(ctx context.Context, id call.ID) ([]store.Delivery, error)
	// WatchParked makes sure that somebody probes the endpoint of a delivery that was born parked. A failure is only logged:
	// the ledger makes sure of it, too.
	WatchParked(ctx context.Context, endpointID string)
}

// NewOutbox returns the outbox of a worker that delivers.
func NewOutbox(d *Delivering) Outbox { return outbox{d} }

type outbox struct{ delivering *Delivering }

func (o outbox) DeliveriesOfCall(ctx context.Context, id call.ID) ([]store.Delivery, error) {
	return o.delivering.Deliveries.DeliveriesOfCall(ctx, id)
}

func (o outbox) WatchParked(ctx context.Context, endpointID string) {
	if err := o.delivering.startWatch(ctx, endpointID); err != nil {
		o.delivering.Log.Warn().Err(err).Str("endpoint_id", endpointID).Msg("cannot reach the watch over an endpoint yet")
	}
}
