package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/click2call/click2call/call"
)

// maxHeld bounds the calls that one worker keeps on hold.
const maxHeld = 1000

// Hold puts a call on hold, and reports whether it was not before. Idempotent: the first moment stays. ErrNotFound when
// no such call lives.
func (s *Store) Hold(ctx context.Context, id call.ID, at time.Time) (begun bool, err error) {
	return s.setHold(ctx, id, `UPDATE calls SET held_at = ? WHERE call_id = ? AND held_at IS NULL AND accepted_at IS NOT NULL AND call_status IS NULL`,
		stamp(at), id)
}

// Unhold takes a call off hold, and reports whether it was on hold. Idempotent. ErrNotFound when no such call lives.
func (s *Store) Unhold(ctx context.Context, id call.ID) (ended bool, err error) {
	return s.setHold(ctx, id, `UPDATE calls SET held_at = NULL, hold_keeper = NULL, hold_kept_until = NULL
		WHERE call_id = ? AND held_at IS NOT NULL AND accepted_at IS NOT NULL AND call_status IS NULL`, id)
}

func (s *Store) setHold(ctx context.Context, id call.ID, update string, args ...any) (changed bool, err error) {
	n, err := s.exec(ctx, s.write, update, args...)
	if err != nil {
		return false, fmt.Errorf("set hold of %s: %w", id, err)
	}
	if n > 0 {
		return true, nil
	}
	c, err := s.call(ctx, s.write, id)
	if err == nil && c.Outcome != nil {
		err = ErrNotFound
	}
	if err != nil {
		return false, fmt.Errorf("set hold of %s: %w", id, err)
	}
	return false, nil
}

// ClaimHeld gives a keeper the calls on hold that nobody keeps, and those that it keeps already, until a moment; a keeper that dies
// loses them then. It returns all that are the keeper's now, at most 1,000.
func (s *Store) ClaimHeld(ctx context.Context, keeper string, now, until time.Time) ([]call.ID, error) {
	var ids []call.ID
	err := s.list(ctx, s.write, &ids, `UPDATE calls SET hold_keeper = ?, hold_kept_until = ?
		WHERE call_id IN (SELECT call_id FROM calls WHERE held_at IS NOT NULL AND call_status IS NULL AND leg_at_hangup IS NULL
			AND (hold_keeper = ? OR hold_kept_until IS NULL OR hold_kept_until < ?) ORDER BY held_at LIMIT ?)
		AND held_at IS NOT NULL AND (hold_keeper = ? OR hold_kept_until IS NULL OR hold_kept_until < ?)
		RETURNING call_id`, keeper, stamp(until), keeper, stamp(now), maxHeld, keeper, stamp(now))
	if err != nil {
		return nil, fmt.Errorf("claim calls on hold: %w", err)
	}
	return ids, nil
}

// OnHold reports whether a call is on hold.
func (s *Store) OnHold(ctx context.Context, id call.ID) (bool, error) {
	c, err := s.Call(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return c.HeldAt != nil && c.Outcome == nil, err
}
