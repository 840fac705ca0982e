package store

import (
	"context"
	"fmt"
	"time"

	"github.com/click2call/click2call/call"
)

// maxWatched is more calls than one LiveKit holds; to leave some out in silence would leave them open.
const maxWatched = 1_000_000

// MarkRinging shows that /connect came and the customer is being dialed. A projection: it only moves the status
// forward, keeps the first moment, and never touches a call that ended. Idempotent. ErrNotFound for an unknown call.
func (s *Store) MarkRinging(ctx context.Context, id call.ID, connectedAt time.Time) error {
	told, err := s.tell(ctx, telling{Type: call.EventCallRinging, CallID: id, At: connectedAt, args: []any{stamp(connectedAt)},
		change: `UPDATE calls SET status = 'ringing', connected_at = COALESCE(connected_at, ?), event_sequence = event_sequence + 1
			WHERE status = 'created' AND accepted_at IS NOT NULL AND call_status IS NULL AND call_id = ?`})
	if err != nil || told {
		return err
	}
	return s.advance(ctx, id, `UPDATE calls
		SET status = CASE WHEN status = 'created' THEN 'ringing' ELSE status END, connected_at = COALESCE(connected_at, ?),
			event_sequence = event_sequence + CASE WHEN status = 'created' THEN 1 ELSE 0 END
		WHERE call_id = ? AND accepted_at IS NOT NULL AND call_status IS NULL`, "mark ringing", stamp(connectedAt))
}

// MarkAnswered shows that the customer's leg is live, after it rang for so long; whole seconds count. The same rules as for
// [Store.MarkRinging].
func (s *Store) MarkAnswered(ctx context.Context, id call.ID, at time.Time, rang time.Duration) error {
	told, err := s.tell(ctx, telling{Type: call.EventCallAnswered, CallID: id, At: at, args: []any{stamp(at), int(max(0, rang) / time.Second)},
		change: `UPDATE calls SET status = 'answered', answered_at = COALESCE(answered_at, ?), ring_seconds = COALESCE(ring_seconds, ?),
				event_sequence = event_sequence + 1
			WHERE status <> 'answered' AND accepted_at IS NOT NULL AND call_status IS NULL AND call_id = ?`})
	if err != nil || told {
		return err
	}
	return s.advance(ctx, id, `UPDATE calls SET status = 'answered', answered_at = COALESCE(answered_at, ?), ring_seconds = COALESCE(ring_seconds, ?),
			event_sequence = event_sequence + CASE WHEN status = 'answered' THEN 0 ELSE 1 END
		WHERE call_id = ? AND accepted_at IS NOT NULL AND call_status IS NULL`, "mark answered", stamp(at), int(max(0, rang)/time.Second))
}

func (s *Store) advance(ctx context.Context, id call.ID, update, verb string, values ...any) error {
	n, err := s.exec(ctx, s.write, update, append(values, id)...)
	if err != nil {
		return fmt.Errorf("%s %s: %w", verb, id, err)
	}
	if n > 0 {
		return nil
	}
	if _, err := s.call(ctx, s.write, id); err != nil {
		return fmt.Errorf("%s %s: %w", verb, id, err)
	}
	return nil // it ended
}

// WatchedCall is a call whose room has to be looked at.
type WatchedCall struct {
	ID     call.ID
	Every  time.Duration // how often, as its knobs said when it began
	Grace  time.Duration // how long its agent may be gone, likewise
	Status call.Status
}

// WatchedCalls returns the calls that live and are not being hung up, all of them, in no particular order; beyond a million it fails. A
// call that still shows as created is among them: its later projections may have been lost with the database.
func (s *Store) WatchedCalls(ctx context.Context) ([]WatchedCall, error) {
	var rows []struct {
		ID      call.ID     `db:"call_id"`
		EveryUS int64       `db:"watch_every_us"`
		GraceUS int64       `db:"rejoin_grace_us"`
		Status  call.Status `db:"status"`
	}
	err := s.list(ctx, s.read, &rows, `SELECT call_id, watch_every_us, rejoin_grace_us, `+statusNow+` AS status FROM calls
		WHERE accepted_at IS NOT NULL AND call_status IS NULL AND leg_at_hangup IS NULL
		LIMIT ?`, maxWatched)
	if err == nil && len(rows) == maxWatched {
		err = fmt.Errorf("there are more than %d", maxWatched-1)
	}
	if err != nil {
		return nil, fmt.Errorf("list watched calls: %w", err)
	}
	watched := make([]WatchedCall, len(rows))
	for i, r := range rows {
		watched[i] = WatchedCall{ID: r.ID, Every: micros(r.EveryUS), Grace: micros(r.GraceUS), Status: r.Status}
	}
	return watched, nil
}

// KeepLegAtHangUp keeps how the customer's leg stood just before the room was deleted, and returns what is kept. The
// first look wins, call.LegUnknown ("nobody could look") included: a second look, after a crash, sees what our own
// deletion did and must not pass for the customer's doing. ErrNotFound for an unknown call.
func (s *Store) KeepLegAtHangUp(ctx context.Context, id call.ID, leg call.LegStatus) (first call.LegStatus, err error) {
	err = s.get(ctx, s.write, &first, `UPDATE calls SET leg_at_hangup = COALESCE(leg_at_hangup, ?)
		WHERE call_id = ? AND accepted_at IS NOT NULL RETURNING leg_at_hangup`, leg, id)
	if err != nil {
		return "", fmt.Errorf("keep leg at hang-up of %s: %w", id, err)
	}
	return first, nil
}

// Ending reports whether a call is being hung up or has ended: then news about its room changes nothing any more. Of a call that was
// not answered, whose leg had gone by itself and whose dial has not replied, LiveKit's word is still needed: only it says why.
// ErrNotFound for an unknown call.
func (s *Store) Ending(ctx context.Context, id call.ID) (ending bool, err error) {
	err = s.get(ctx, s.read, &ending, `SELECT call_status IS NOT NULL OR leg_at_hangup IS NOT NULL
			AND NOT (leg_at_hangup = 'gone' AND status = 'ringing' AND answered_at IS NULL AND dial_reply IS NULL)
		FROM calls WHERE call_id = ? AND accepted_at IS NOT NULL`, id)
	if err != nil {
		return false, fmt.Errorf("read whether %s is ending: %w", id, err)
	}
	return ending, nil
}
