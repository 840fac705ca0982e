package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Lease is the answer to [Store.Lease].
type Lease struct {
	Got       bool
	Moved     bool // not got: the delivery is in none of the states that were asked for; else somebody else has it
	Unwritten int  // announced POSTs, this one included, since the latest one whose result was written down
}

// Lease announces a POST of a delivery and keeps everybody else from one for so long: whoever cannot write this does not post.
// Only a delivery in one of the states is leased; any, when none is named. Whoever has it gets it again. SaveAttempt ends
// it. ErrNotFound when there is no such delivery.
func (s *Store) Lease(ctx context.Context, eventID, by string, lasts time.Duration, states ...DeliveryState) (Lease, error) {
	at := now()
	where, args := leasable(states)
	lease := Lease{Got: true}
	err := s.get(ctx, s.write, &lease.Unwritten, `UPDATE deliveries SET lease_by = ?, lease_until = ?, unwritten = unwritten + 1
		WHERE event_id = ? AND (lease_until IS NULL OR lease_until < ? OR lease_by = ?)`+where+` RETURNING unwritten`,
		append([]any{by, stamp(time.Time(at).Add(lasts)), eventID, at, by}, args...)...)
	if errors.Is(err, ErrNotFound) {
		lease = Lease{}
		var state DeliveryState
		err = s.get(ctx, s.read, &state, `SELECT state FROM deliveries WHERE event_id = ?`, eventID)
		lease.Moved = len(states) > 0 && !slices.Contains(states, state)
	}
	if err != nil {
		return Lease{}, fmt.Errorf("lease delivery %s: %w", eventID, err)
	}
	return lease, nil
}

func leasable(states []DeliveryState) (where string, args []any) {
	if len(states) == 0 {
		return "", nil
	}
	for _, state := range states {
		args = append(args, state)
	}
	return ` AND state IN (?` + strings.Repeat(`, ?`, len(states)-1) + `)`, args
}

// LeaseParked announces the POSTs of at most limit parked deliveries of an endpoint that nobody else posts, and returns them,
// oldest first. The endpoint's id must not be empty: see [Store.AdoptParked].
func (s *Store) LeaseParked(ctx context.Context, endpointID, by string, lasts time.Duration, limit int) ([]Delivery, error) {
	at := now()
	var rows []deliveryRow
	err := s.list(ctx, s.write, &rows, `UPDATE deliveries SET lease_by = ?, lease_until = ?, unwritten = unwritten + 1
		WHERE event_id IN (SELECT event_id FROM deliveries WHERE endpoint_id = ? AND state = 'parked' AND (lease_until IS NULL OR lease_until < ?)
			ORDER BY created_at, event_id LIMIT ?`+s.target.skipLocked()+`)
		RETURNING `+deliveryColumns, by, stamp(time.Time(at).Add(lasts)), endpointID, at, limit)
	if err != nil {
		return nil, fmt.Errorf("lease parked deliveries of %s: %w", endpointID, err)
	}
	slices.SortFunc(rows, func(a, b deliveryRow) int {
		if order := time.Time(a.CreatedAt).Compare(time.Time(b.CreatedAt)); order != 0 {
			return order
		}
		return strings.Compare(a.EventID, b.EventID)
	})
	deliveries := make([]Delivery, len(rows))
	for i, r := range rows {
		deliveries[i] = r.delivery()
	}
	return deliveries, nil
}

// EndLeases gives back what somebody leased of an endpoint's parked deliveries and did not come to. Idempotent.
func (s *Store) EndLeases(ctx context.Context, endpointID, by string) error {
	_, err := s.exec(ctx, s.write, `UPDATE deliveries SET lease_by = '', lease_until = NULL
		WHERE endpoint_id = ? AND state = 'parked' AND lease_by = ?`, endpointID, by)
	if err != nil {
		return fmt.Errorf("end the leases of %s: %w", endpointID, err)
	}
	return nil
}
