package store

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

// receiver is an endpoint that may be told of an outcome.
type receiver struct {
	subscriptionRow

	ID      string `db:"endpoint_id"`
	Default bool   `db:"is_default"`
	Held    bool   `db:"held"`
}

// insertDeliveries makes the deliveries of an outcome: one of body for the default endpoint, and one of call.ended for each other one that
// wants to hear of it. One that is born while its endpoint is held back, or while there is no default one, is parked: a row that waits, and
// nothing else. Looking and parking are one step, as in [Store.TakeUp].
func (s *Store) insertDeliveries(ctx context.Context, tx *sqlx.Tx, id call.ID, o call.Outcome, body []byte) error {
	var all []receiver
	err := s.list(ctx, tx, &all, `SELECT endpoint_id, is_default, opened_at IS NOT NULL OR state = 'paused' AS held, `+subscriptionColumns+`
		FROM endpoints WHERE removed_at IS NULL ORDER BY is_default DESC, endpoint_id LIMIT ?`+s.target.forShare(), maxEndpoints)
	if err != nil {
		return err
	}
	at, first, others := now(), receiver{Held: true}, all
	if len(all) > 0 && all[0].Default {
		first, others = all[0], all[1:]
	}
	if err := s.insertDelivery(ctx, tx, first, id.EventID(), id, body, at); err != nil {
		return err
	}
	return s.insertFurther(ctx, tx, id, o, at, others)
}

// insertFurther makes those for the endpoints beside the default one. They follow each other by a microsecond, so that a list's cursor, which
// is a moment and a call, tells them apart.
func (s *Store) insertFurther(ctx context.Context, tx *sqlx.Tx, id call.ID, o call.Outcome, at stamp, others []receiver) error {
	if len(others) == 0 {
		return nil
	}
	c, sequence, err := s.callWithSequence(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, to := range others {
		wants, err := to.subscription()
		if err != nil {
			return err
		}
		if !wants.wants(call.EventCallEnded, c.TrunkID, &c.AgentID, o.CallStatus) {
			continue
		}
		eventID := id.EventIDFor(to.ID)
		body, err := call.NewEndedEvent(c, o, eventID, sequence)
		if err != nil {
			return err
		}
		at = stamp(time.Time(at).Add(time.Microsecond))
		if err := s.insertDelivery(ctx, tx, to, eventID, id, body, at); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) insertDelivery(ctx context.Context, tx *sqlx.Tx, to receiver, eventID string, id call.ID, body []byte, at stamp) error {
	state, due := DeliveryPending, &at
	if to.Held {
		state, due = DeliveryParked, nil
	}
	_, err := s.exec(ctx, tx, `
		INSERT INTO deliveries (event_id, call_id, endpoint_id, body, state, automatic_attempts, replay_attempts, probe_attempts,
			schedule_from, created_at, next_attempt_at, dead_run, last_status, last_error)
		VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0, ?, ?, '', 0, '')`, eventID, id, textOrNull(to.ID), body, state, at, due)
	return err
}

// callWithSequence returns a call and how many events of it there were.
func (s *Store) callWithSequence(ctx context.Context, q sqlx.QueryerContext, id call.ID) (call.Call, int, error) {
	var row struct {
		callRow

		Sequence int `db:"event_sequence"`
	}
	err := s.get(ctx, q, &row, `SELECT `+callColumns+`, event_sequence FROM calls WHERE call_id = ?`, id)
	return row.call(), row.Sequence, err
}
