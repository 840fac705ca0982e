package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

const (
	// progressLasts is for how long an event of a call that is under way is worth anything, and trunkLasts one of a trunk.
	progressLasts = time.Minute
	trunkLasts    = time.Hour
)

// telling is a change of a call that endpoints may hear of.
type telling struct {
	Type   call.EventType
	CallID call.ID
	At     time.Time
	// change is the change, as a statement that touches the call only if nobody has made it before.
	change string
	args   []any
}

// tell makes a change of a call together with its events, in one transaction, and reports whether it did. It does nothing when no endpoint
// wants events of the type, or when somebody has made the change: the plain change, without events, is what is left to be done then.
func (s *Store) tell(ctx context.Context, t telling) (told bool, err error) {
	wanting, err := s.wanting(ctx, t.Type)
	if err != nil {
		return false, fmt.Errorf("tell of %s of %s: %w", t.Type, t.CallID, err)
	}
	if len(wanting) == 0 {
		return false, nil
	}
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		n, err := s.exec(ctx, tx, t.change, append(t.args, t.CallID)...)
		if err != nil || n == 0 {
			return err
		}
		told = true
		return s.insertProgress(ctx, tx, wanting, t.Type, t.CallID, t.At)
	})
	if err != nil {
		return false, fmt.Errorf("tell of %s of %s: %w", t.Type, t.CallID, err)
	}
	return told, nil
}

// insertProgress writes an event of a call, after its change, for each endpoint that wants it.
func (s *Store) insertProgress(ctx context.Context, tx *sqlx.Tx, wanting []subscriber, t call.EventType, id call.ID, at time.Time) error {
	c, sequence, err := s.callWithSequence(ctx, tx, id)
	if err != nil {
		return err
	}
	body, err := call.NewProgressEvent(t, at, c, sequence)
	if err != nil {
		return err
	}
	for _, e := range wanting {
		if !e.wants(t, c.TrunkID, &c.AgentID, "") {
			continue
		}
		if err := s.insertEvent(ctx, tx, outboxRow{EventID: id.ProgressID(sequence, e.ID), EndpointID: e.ID, Type: t, Body: body},
			string(id), int64(sequence), progressLasts); err != nil {
			return err
		}
	}
	return nil
}

// insertEvent counts the life of an event from now on: what it tells of may have waited for the database.
func (s *Store) insertEvent(ctx context.Context, tx *sqlx.Tx, e outboxRow, subject string, sequence int64, lasts time.Duration) error {
	at := now()
	_, err := s.exec(ctx, tx, `INSERT INTO event_outbox (event_id, endpoint_id, subject, sequence, type, body, created_at, expires_at, next_attempt_at,
			attempts, lease_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')`,
		e.EventID, e.EndpointID, subject, sequence, e.Type, e.Body, at, stamp(time.Time(at).Add(lasts)), at)
	return err
}

// insertTrunkEvents writes an event of a trunk for each endpoint that wants it, in the transaction of the change of its breaker.
func (s *Store) insertTrunkEvents(ctx context.Context, tx *sqlx.Tx, wanting []subscriber, t call.EventType, trunkID, reason string, at time.Time) error {
	var label string
	if err := s.get(ctx, tx, &label, `SELECT label FROM trunks WHERE trunk_id = ?`, trunkID); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	body, err := call.NewTrunkEvent(t, at, trunkID, label, reason)
	if err != nil {
		return err
	}
	sequence := at.UnixMicro()
	for _, e := range wanting {
		if !e.wants(t, trunkID, nil, "") {
			continue
		}
		row := outboxRow{EventID: "evt_" + rand.Text(), EndpointID: e.ID, Type: t, Body: body}
		if err := s.insertEvent(ctx, tx, row, trunkID, sequence, trunkLasts); err != nil {
			return err
		}
	}
	return nil
}
