package store

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// TakeUp prepares the next automatic attempt of a delivery and returns it as it stands then:
//
//   - pending: go on. It was so, or its endpoint is well again, or it was dead and run is not the run it died in: then its
//     schedule begins anew.
//   - parked: its endpoint fails or is paused, or there is none. Nobody is parked after an endpoint is well again: looking and
//     parking are one step.
//   - delivered or dead: nothing is left to be done. What was for an endpoint that was removed stays dead.
//
// A delivery without an endpoint gets the default one. Idempotent. ErrNotFound when there is no such delivery.
func (s *Store) TakeUp(ctx context.Context, eventID, run string) (Delivery, error) {
	row, err := s.lookAtDelivery(ctx, s.read, eventID)
	if err == nil && row.moves(run) {
		err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
			row, err = s.takeUp(ctx, tx, eventID, run)
			return err
		})
	}
	if err != nil {
		return Delivery{}, fmt.Errorf("take up delivery %s: %w", eventID, err)
	}
	return row.delivery(), nil
}

type heldRow struct {
	deliveryRow

	Default *string `db:"default_endpoint"`
	Held    bool    `db:"held"`
	Removed bool    `db:"removed"`
}

func (s *Store) lookAtDelivery(ctx context.Context, q sqlx.QueryerContext, eventID string) (heldRow, error) {
	var row heldRow
	err := s.get(ctx, q, &row, `SELECT d.*, e.endpoint_id AS default_endpoint,
			COALESCE(e.opened_at IS NOT NULL OR e.state = 'paused', TRUE) AS held, e.removed_at IS NOT NULL AS removed
		FROM (`+selectDelivery+`WHERE event_id = ?) AS d
		LEFT JOIN endpoints e ON e.endpoint_id = COALESCE(d.endpoint_id, (SELECT endpoint_id FROM endpoints WHERE is_default))`, eventID)
	return row, err
}

// moves reports whether TakeUp has something to change.
func (r heldRow) moves(run string) bool {
	switch r.State {
	case DeliveryPending:
		return r.Held || (r.EndpointID == nil && r.Default != nil)
	case DeliveryParked:
		return !r.Held
	case DeliveryDead:
		return r.DeadRun != run && !r.Removed
	default:
		return false
	}
}

func (s *Store) takeUp(ctx context.Context, tx *sqlx.Tx, eventID, run string) (heldRow, error) {
	row, err := s.lookAtDelivery(ctx, tx, eventID)
	if err != nil {
		return row, err
	}
	if row.Default != nil { // nobody opens or closes its breaker until this is done
		if _, err := s.exists(ctx, tx, `SELECT 1 FROM endpoints WHERE endpoint_id = ?`+s.target.forShare(), *row.Default); err != nil {
			return row, err
		}
	}
	if _, err := s.exists(ctx, tx, `SELECT 1 FROM deliveries WHERE event_id = ?`+s.target.forUpdate(), eventID); err != nil {
		return row, err
	}
	if row, err = s.lookAtDelivery(ctx, tx, eventID); err != nil || !row.moves(run) {
		return row, err
	}
	if row.State == DeliveryDead {
		row.ScheduleFrom = row.Automatic
	}
	row.State, row.EndpointID, row.DeadRun = DeliveryPending, row.Default, ""
	row.NextAttemptAt = new(now())
	if row.Held {
		row.State, row.NextAttemptAt = DeliveryParked, nil
	}
	_, err = s.exec(ctx, tx, `UPDATE deliveries SET state = ?, endpoint_id = ?, schedule_from = ?, dead_at = NULL, dead_run = '',
		next_attempt_at = ? WHERE event_id = ?`, row.State, row.EndpointID, row.ScheduleFrom, row.NextAttemptAt, eventID)
	if err != nil {
		return row, err
	}
	return s.lookAtDelivery(ctx, tx, eventID)
}

// Park makes a pending delivery wait as a row for its endpoint's drain. It does nothing to any other. Idempotent.
func (s *Store) Park(ctx context.Context, eventID string) error {
	_, err := s.exec(ctx, s.write, `UPDATE deliveries SET state = ?, next_attempt_at = NULL WHERE event_id = ? AND state = ?`,
		DeliveryParked, eventID, DeliveryPending)
	if err != nil {
		return fmt.Errorf("park delivery %s: %w", eventID, err)
	}
	return nil
}

// Parked returns at most limit event ids of an endpoint's parked deliveries, oldest first, beginning after the delivery
// with the event id after; empty: from the oldest.
func (s *Store) Parked(ctx context.Context, endpointID, after string, limit int) ([]string, error) {
	var ids []string
	err := s.list(ctx, s.read, &ids, `SELECT event_id FROM deliveries WHERE endpoint_id = ? AND state = 'parked' AND (? = ''
			OR (created_at, event_id) > (SELECT created_at, event_id FROM deliveries WHERE event_id = ?))
		ORDER BY created_at, event_id LIMIT ?`, endpointID, after, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list parked deliveries of %s: %w", endpointID, err)
	}
	return ids, nil
}

// AdoptParked gives at most limit deliveries that were parked because there was no endpoint to this one, and returns how many.
func (s *Store) AdoptParked(ctx context.Context, endpointID string, limit int) (int, error) {
	n, err := s.exec(ctx, s.write, `UPDATE deliveries SET endpoint_id = ? WHERE state = 'parked' AND event_id IN (
		SELECT event_id FROM deliveries WHERE endpoint_id IS NULL AND state = 'parked' ORDER BY created_at, event_id LIMIT ?)`, endpointID, limit)
	if err != nil {
		return 0, fmt.Errorf("adopt parked deliveries for %s: %w", endpointID, err)
	}
	return int(n), nil
}

// WaitingEndpoint is an endpoint for whose parked deliveries somebody must be at work.
type WaitingEndpoint struct {
	ID   string `db:"endpoint_id"`
	Hold int    `db:"holds"`
	Held bool   `db:"held"` // still held back: it is to be probed; else its deliveries go out
}

// WaitingEndpoints returns the endpoints that are held back or have parked deliveries, at most 100.
func (s *Store) WaitingEndpoints(ctx context.Context) ([]WaitingEndpoint, error) {
	var all []WaitingEndpoint
	err := s.list(ctx, s.read, &all, `SELECT endpoint_id, holds, opened_at IS NOT NULL OR state = 'paused' AS held FROM endpoints e
		WHERE removed_at IS NULL AND (opened_at IS NOT NULL OR state = 'paused'
			OR EXISTS (SELECT 1 FROM deliveries d WHERE d.endpoint_id = e.endpoint_id AND d.state = 'parked')
			OR (is_default AND EXISTS (SELECT 1 FROM deliveries d WHERE d.endpoint_id IS NULL AND d.state = 'parked')))
		ORDER BY endpoint_id LIMIT ?`, maxEndpoints)
	if err != nil {
		return nil, fmt.Errorf("list endpoints with parked deliveries: %w", err)
	}
	return all, nil
}
