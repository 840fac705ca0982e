package store

import (
	"context"
	"fmt"
	"time"

	"github.com/click2call/click2call/call"
)

// DeliveryState is where a delivery stands.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryPending   DeliveryState = "pending"   // not accepted yet, and tried on: a workflow is at work
	DeliveryDelivered DeliveryState = "delivered" // the CRM answered 2xx
	DeliveryDead      DeliveryState = "dead"      // the schedule is exhausted
	DeliveryParked    DeliveryState = "parked"    // waits as a row while its endpoint fails, is paused or busy, or is not there
)

// Delivery is one outcome on its way to one endpoint. Its id and body never change.
type Delivery struct {
	EventID       string
	CallID        call.ID
	EndpointID    string // empty when there was no endpoint when the call ended: the default one, then
	Body          []byte
	State         DeliveryState
	Attempts      int // of every trigger
	Automatic     int // attempts by the schedule
	Round         int // those of them since the schedule last began: it begins anew when a dead delivery is revived
	Replays       int // attempts by replays
	Probes        int // attempts by the watch over a failing endpoint
	CreatedAt     time.Time
	NextAttemptAt *time.Time // nil when no attempt is planned
	DeliveredAt   *time.Time
	LastStatus    int    // HTTP status of the latest attempt, 0 when there was no answer
	LastError     string // of the latest attempt, empty when it went well
	LastClass     string // of that error
	Unwritten     int    // POSTs that were announced since the latest attempt that was written down
}

type deliveryRow struct {
	EventID       string        `db:"event_id"`
	CallID        call.ID       `db:"call_id"`
	EndpointID    *string       `db:"endpoint_id"`
	Body          []byte        `db:"body"`
	State         DeliveryState `db:"state"`
	Automatic     int           `db:"automatic_attempts"`
	Replays       int           `db:"replay_attempts"`
	Probes        int           `db:"probe_attempts"`
	ScheduleFrom  int           `db:"schedule_from"` // automatic attempts made before the present round
	CreatedAt     stamp         `db:"created_at"`
	NextAttemptAt *stamp        `db:"next_attempt_at"`
	DeliveredAt   *stamp        `db:"delivered_at"`
	DeadRun       string        `db:"dead_run"`
	LastStatus    int           `db:"last_status"`
	LastError     string        `db:"last_error"`
	LastClass     string        `db:"last_class"`
	Unwritten     int           `db:"unwritten"`
}

// toDefault is the condition that a delivery is that to the default endpoint, of which each outcome has one.
const toDefault = `event_id = 'evt_' || substr(call_id, 5)`

const (
	deliveryColumns = `event_id, call_id, endpoint_id, body, state, automatic_attempts, replay_attempts, probe_attempts,
		schedule_from, created_at, next_attempt_at, delivered_at, dead_run, last_status, last_error, last_class, unwritten`
	selectDelivery = `SELECT ` + deliveryColumns + ` FROM deliveries `
)

// Delivery returns the delivery of an event. ErrNotFound when there is none.
func (s *Store) Delivery(ctx context.Context, eventID string) (Delivery, error) {
	return s.delivery(ctx, "read delivery "+eventID, `WHERE event_id = ?`, eventID)
}

// DeliveryOfCall returns the delivery of a call's outcome to the default endpoint. ErrNotFound while the call lives.
func (s *Store) DeliveryOfCall(ctx context.Context, id call.ID) (Delivery, error) {
	return s.delivery(ctx, "read delivery of "+string(id), `WHERE event_id = ?`, id.EventID())
}

// DeliveriesOfCall returns the deliveries of a call's outcome, without their bodies: the one to the default endpoint first, and those to
// all others that heard of it. Empty while the call lives.
func (s *Store) DeliveriesOfCall(ctx context.Context, id call.ID) ([]Delivery, error) {
	var rows []deliveryRow
	err := s.list(ctx, s.read, &rows, `SELECT event_id, call_id, endpoint_id, state, automatic_attempts, replay_attempts, probe_attempts, schedule_from,
			created_at, next_attempt_at, delivered_at, last_status, last_error FROM deliveries
		WHERE call_id = ? ORDER BY created_at, event_id LIMIT ?`, id, maxEndpoints+1)
	if err != nil {
		return nil, fmt.Errorf("list the deliveries of %s: %w", id, err)
	}
	deliveries := make([]Delivery, len(rows))
	for i, r := range rows {
		deliveries[i] = r.delivery()
	}
	return deliveries, nil
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
		Attempts: r.Automatic + r.Replays + r.Probes, Automatic: r.Automatic, Round: r.Automatic - r.ScheduleFrom, Replays: r.Replays, Probes: r.Probes,
		CreatedAt: time.Time(r.CreatedAt), NextAttemptAt: r.NextAttemptAt.time(), DeliveredAt: r.DeliveredAt.time(), LastStatus: r.LastStatus, LastError: r.LastError,
		LastClass: r.LastClass,
		Unwritten: r.Unwritten,
	}
}
