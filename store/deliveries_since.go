package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// maxDeliveriesRead is how many deliveries are named or read at once.
const maxDeliveriesRead = 500

// DeliveryMark is the place of a delivery among all of them, in the order of their births. The empty EventID comes before every
// delivery of its moment.
type DeliveryMark struct {
	EventID   string
	CreatedAt time.Time
}

// DeliveriesSince returns the places of at most 500 deliveries that were born after a mark, oldest first; the last one leads on to
// the next page. A delivery that is committed late may come before marks that were read already.
func (s *Store) DeliveriesSince(ctx context.Context, after DeliveryMark) ([]DeliveryMark, error) {
	var rows []struct {
		EventID   string `db:"event_id"`
		CreatedAt stamp  `db:"created_at"`
	}
	err := s.list(ctx, s.read, &rows, `SELECT event_id, created_at FROM deliveries WHERE created_at >= ? AND (created_at, event_id) > (?, ?)
		ORDER BY created_at, event_id LIMIT ?`, stamp(after.CreatedAt), stamp(after.CreatedAt), after.EventID, maxDeliveriesRead)
	if err != nil {
		return nil, fmt.Errorf("list deliveries since %s: %w", after.CreatedAt.Format(time.RFC3339), err)
	}
	marks := make([]DeliveryMark, len(rows))
	for i, r := range rows {
		marks[i] = DeliveryMark{EventID: r.EventID, CreatedAt: time.Time(r.CreatedAt)}
	}
	return marks, nil
}

// DeliveriesOf returns those of at most 500 deliveries that exist, oldest first.
func (s *Store) DeliveriesOf(ctx context.Context, eventIDs []string) ([]Delivery, error) {
	if len(eventIDs) == 0 {
		return nil, nil
	}
	if len(eventIDs) > maxDeliveriesRead {
		return nil, fmt.Errorf("read deliveries: %w", invalid("at most %d at once", maxDeliveriesRead))
	}
	query, args, err := sqlx.In(selectDelivery+`WHERE event_id IN (?) ORDER BY created_at, event_id`, eventIDs)
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	var rows []deliveryRow
	if err := s.list(ctx, s.read, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	deliveries := make([]Delivery, len(rows))
	for i, r := range rows {
		deliveries[i] = r.delivery()
	}
	return deliveries, nil
}
