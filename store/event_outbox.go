package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/click2call/click2call/call"
)

// OutboxEvent is an event on its way to an endpoint. Its id and body never change.
type OutboxEvent struct {
	EventID    string
	EndpointID string
	Type       call.EventType
	Body       []byte
	CreatedAt  time.Time
	ExpiresAt  time.Time // it is not sent later than that
	Attempts   int       // the one that it was leased for included
}

type outboxRow struct {
	EventID    string         `db:"event_id"`
	EndpointID string         `db:"endpoint_id"`
	Type       call.EventType `db:"type"`
	Body       []byte         `db:"body"`
	CreatedAt  stamp          `db:"created_at"`
	ExpiresAt  stamp          `db:"expires_at"`
	Attempts   int            `db:"attempts"`
}

// EventEndpoints returns the endpoints that events are on their way to, at most 100. It costs one look-up while there are none.
func (s *Store) EventEndpoints(ctx context.Context) ([]string, error) {
	var ids []string
	if err := s.list(ctx, s.read, &ids, `SELECT DISTINCT endpoint_id FROM event_outbox ORDER BY endpoint_id LIMIT ?`, maxEndpoints); err != nil {
		return nil, fmt.Errorf("list the endpoints of events: %w", err)
	}
	return ids, nil
}

// LeaseEvents announces the POSTs of at most limit events of an endpoint that are due and that nobody else posts, oldest first. Of each
// call, and of each trunk, that is the first that is left: the next one follows when it arrived or was given up.
func (s *Store) LeaseEvents(ctx context.Context, endpointID, by string, at time.Time, lasts time.Duration, limit int) ([]OutboxEvent, error) {
	var rows []outboxRow
	err := s.list(ctx, s.write, &rows, `UPDATE event_outbox SET lease_by = ?, lease_until = ?, attempts = attempts + 1
		WHERE event_id IN (SELECT o.event_id FROM event_outbox o WHERE o.endpoint_id = ? AND o.next_attempt_at <= ? AND o.expires_at > ?
				AND (o.lease_until IS NULL OR o.lease_until < ?)
				AND NOT EXISTS (SELECT 1 FROM event_outbox b WHERE b.endpoint_id = o.endpoint_id AND b.subject = o.subject AND b.sequence < o.sequence)
			ORDER BY o.created_at, o.event_id LIMIT ?`+s.target.skipLocked()+`)
		RETURNING event_id, endpoint_id, type, body, created_at, expires_at, attempts`,
		by, stamp(at.Add(lasts)), endpointID, stamp(at), stamp(at), stamp(at), limit)
	if err != nil {
		return nil, fmt.Errorf("lease events of endpoint %s: %w", endpointID, err)
	}
	events := make([]OutboxEvent, len(rows))
	for i, r := range rows {
		events[i] = OutboxEvent{EventID: r.EventID, EndpointID: r.EndpointID, Type: r.Type, Body: r.Body, CreatedAt: time.Time(r.CreatedAt),
			ExpiresAt: time.Time(r.ExpiresAt), Attempts: r.Attempts}
	}
	slices.SortFunc(events, func(a, b OutboxEvent) int {
		if order := a.CreatedAt.Compare(b.CreatedAt); order != 0 {
			return order
		}
		return strings.Compare(a.EventID, b.EventID)
	})
	return events, nil
}

// DeleteEvent takes an event out of the outbox: it arrived. Idempotent.
func (s *Store) DeleteEvent(ctx context.Context, eventID string) error {
	if _, err := s.exec(ctx, s.write, `DELETE FROM event_outbox WHERE event_id = ?`, eventID); err != nil {
		return fmt.Errorf("delete event %s: %w", eventID, err)
	}
	return nil
}

// RetryEvent gives an event back that somebody has leased, to be tried again at a moment. Idempotent.
func (s *Store) RetryEvent(ctx context.Context, eventID, by string, at time.Time) error {
	_, err := s.exec(ctx, s.write, `UPDATE event_outbox SET next_attempt_at = ?, lease_by = '', lease_until = NULL WHERE event_id = ? AND lease_by = ?`,
		stamp(at), eventID, by)
	if err != nil {
		return fmt.Errorf("give event %s back: %w", eventID, err)
	}
	return nil
}

// DropEvents deletes the events that are too old at a moment and that nobody posts, and those for endpoints that were removed, at most limit,
// and returns how many of each type.
func (s *Store) DropEvents(ctx context.Context, at time.Time, limit int) (map[call.EventType]int, error) {
	var types []call.EventType
	err := s.list(ctx, s.write, &types, `DELETE FROM event_outbox WHERE event_id IN (SELECT o.event_id FROM event_outbox o
			WHERE (o.lease_until IS NULL OR o.lease_until < ?) AND (o.expires_at <= ?
				OR EXISTS (SELECT 1 FROM endpoints e WHERE e.endpoint_id = o.endpoint_id AND e.removed_at IS NOT NULL)) LIMIT ?)
		RETURNING type`, stamp(at), stamp(at), limit)
	if err != nil {
		return nil, fmt.Errorf("drop events that are too old: %w", err)
	}
	dropped := map[call.EventType]int{}
	for _, t := range types {
		dropped[t]++
	}
	return dropped, nil
}
