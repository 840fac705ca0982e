package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

// DeliveryState is where a delivery stands.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryPending   DeliveryState = "pending"   // not accepted yet, and tried on
	DeliveryDelivered DeliveryState = "delivered" // the CRM answered 2xx
	DeliveryDead      DeliveryState = "dead"      // the schedule is exhausted
	DeliveryParked    DeliveryState = "parked"    // held back while its endpoint is paused
)

// Delivery is one outcome on its way to the CRM. Its id and body never change.
type Delivery struct {
	EventID       string
	CallID        call.ID
	EndpointID    string // empty when there was no endpoint when the call ended: the default one, then
	Body          []byte
	State         DeliveryState
	Attempts      int // of every trigger
	CreatedAt     time.Time
	NextAttemptAt *time.Time // nil when no attempt is planned
	DeliveredAt   *time.Time
	LastStatus    int    // HTTP status of the latest attempt, 0 when there was no answer
	LastError     string // of the latest attempt, empty when it went well
}

type deliveryRow struct {
	EventID       string        `db:"event_id"`
	CallID        call.ID       `db:"call_id"`
	EndpointID    *string       `db:"endpoint_id"`
	Body          []byte        `db:"body"`
	State         DeliveryState `db:"state"`
	Attempts      int           `db:"attempts"`
	CreatedAt     stamp         `db:"created_at"`
	NextAttemptAt *stamp        `db:"next_attempt_at"`
	DeliveredAt   *stamp        `db:"delivered_at"`
	LastStatus    int           `db:"last_status"`
	LastError     string        `db:"last_error"`
}

const selectDelivery = `SELECT event_id, call_id, endpoint_id, body, state, attempts, created_at, next_attempt_at,
	delivered_at, last_status, last_error FROM deliveries `

func (s *Store) insertDelivery(ctx context.Context, tx *sqlx.Tx, id call.ID, body []byte) error {
	at := now()
	_, err := s.exec(ctx, tx, `
		INSERT INTO deliveries (event_id, call_id, endpoint_id, body, state, attempts, created_at, next_attempt_at, last_status, last_error)
		VALUES (?, ?, (SELECT endpoint_id FROM endpoints WHERE is_default), ?, ?, 0, ?, ?, 0, '')`,
		id.EventID(), id, body, DeliveryPending, at, at)
	return err
}

// Delivery returns the delivery of an event. ErrNotFound when there is none.
func (s *Store) Delivery(ctx context.Context, eventID string) (Delivery, error) {
	return s.delivery(ctx, "read delivery "+eventID, `WHERE event_id = ?`, eventID)
}

// DeliveryOfCall returns the delivery of a call's outcome. ErrNotFound while the call lives.
func (s *Store) DeliveryOfCall(ctx context.Context, id call.ID) (Delivery, error) {
	return s.delivery(ctx, "read delivery of "+string(id), `WHERE call_id = ?`, id)
}

func (s *Store) delivery(ctx context.Context, verb, where string, args ...any) (Delivery, error) {
	var r deliveryRow
	if err := s.get(ctx, s.read, &r, selectDelivery+where, args...); err != nil {
		return Delivery{}, fmt.Errorf("%s: %w", verb, err)
	}
	return r.delivery(), nil
}

func (r deliveryRow) delivery() Delivery {
	return Delivery{
		EventID: r.EventID, CallID: r.CallID, EndpointID: valueOf(r.EndpointID), Body: r.Body, State: r.State,
		Attempts: r.Attempts, CreatedAt: time.Time(r.CreatedAt), NextAttemptAt: r.NextAttemptAt.time(),
		DeliveredAt: r.DeliveredAt.time(), LastStatus: r.LastStatus, LastError: r.LastError,
	}
}

// MarkDelivered says that the CRM has the outcome. Idempotent: the first moment stays. It wins over dead: a replay may
// succeed later. ErrNotFound when there is no such delivery.
func (s *Store) MarkDelivered(ctx context.Context, eventID string, at time.Time) error {
	n, err := s.exec(ctx, s.write, `UPDATE deliveries
		SET state = ?, delivered_at = COALESCE(delivered_at, ?), dead_at = NULL, next_attempt_at = NULL WHERE event_id = ?`,
		DeliveryDelivered, stamp(at), eventID)
	return found(n, err, "mark delivered", eventID)
}

// MarkDead says that the schedule is exhausted. Idempotent; it never takes back a delivery that succeeded. ErrNotFound
// when there is no such delivery.
func (s *Store) MarkDead(ctx context.Context, eventID string, at time.Time) error {
	n, err := s.exec(ctx, s.write, `UPDATE deliveries SET
			state = CASE WHEN state = 'delivered' THEN state ELSE 'dead' END,
			dead_at = CASE WHEN state = 'delivered' THEN NULL ELSE COALESCE(dead_at, ?) END,
			next_attempt_at = NULL
		WHERE event_id = ?`, stamp(at), eventID)
	return found(n, err, "mark dead", eventID)
}
