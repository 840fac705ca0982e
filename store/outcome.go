package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

const maxBody = 64 << 10 // bytes of a webhook body

// RecordOutcome ends a call, in one transaction: the outcome, the timeline, the delivery of body to the default
// endpoint under the event id id.EventID(), and one of the event call.ended to each other endpoint that wants it. A call has one outcome: whoever comes second gets recorded=false, whatever
// outcome they bring, and nothing changes. So it is idempotent, and safe to retry after a lost reply (then
// recorded=false means that an earlier try, or somebody else, did it). ErrNotFound when there is no such accepted call.
func (s *Store) RecordOutcome(ctx context.Context, id call.ID, o call.Outcome, connectedAt *time.Time,
	timeline []call.Entry, body []byte,
) (recorded bool, err error) {
	if len(body) == 0 || len(body) > maxBody {
		return false, fmt.Errorf("record outcome of %s: %w", id, invalid("body has %d bytes, it must have 1 to %d", len(body), maxBody))
	}
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		recorded, err = s.endCall(ctx, tx, id, o, connectedAt)
		if err != nil || !recorded {
			return err
		}
		if err := s.appendEntries(ctx, tx, id, timeline, maxTimeline); err != nil {
			return fmt.Errorf("insert timeline: %w", err)
		}
		if err := s.releaseLines(ctx, tx, id); err != nil {
			return fmt.Errorf("release lines: %w", err)
		}
		if err := s.insertDeliveries(ctx, tx, id, o, body); err != nil {
			return fmt.Errorf("insert deliveries: %w", err)
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("record outcome of %s: %w", id, err)
	}
	return recorded, nil
}

// endCall is where exactly one outcome is decided: the row lock of the UPDATE lets one transaction see call_status NULL.
func (s *Store) endCall(ctx context.Context, tx *sqlx.Tx, id call.ID, o call.Outcome, connectedAt *time.Time) (bool, error) {
	n, err := s.exec(ctx, tx, `UPDATE calls SET status = 'ended', event_sequence = event_sequence + 1, call_status = ?, disconnect_reason = ?,
			sip_disconnect_code = ?, duration_seconds = ?, ring_seconds = ?, hangup_by = ?,
			connected_at = COALESCE(?, connected_at), answered_at = ?, ended_at = ?
		WHERE call_id = ? AND accepted_at IS NOT NULL AND call_status IS NULL`,
		o.CallStatus, o.Reason, o.SIPCode, o.DurationSeconds, o.RingSeconds, o.HangupBy,
		stampOf(connectedAt), stampOf(o.AnsweredAt), stamp(o.EndedAt), id)
	if err != nil || n > 0 {
		return n > 0, err
	}
	_, err = s.call(ctx, tx, id)
	return false, err
}
