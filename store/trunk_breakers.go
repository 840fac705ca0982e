package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

// TrunkBreaker is the breaker of a trunk whose dials fail, while it is open.
type TrunkBreaker struct {
	TrunkID string
	Since   time.Time
	SeenAt  time.Time // of the latest failure
	Why     string    // one sentence
}

// Holds reports whether calls prefer other trunks: not for ever, where nobody dials through this one any more.
func (b TrunkBreaker) Holds(now time.Time) bool { return now.Sub(b.SeenAt) < faultFresh }

// OpenBreakers returns the breakers that are open.
func (s *Store) OpenBreakers(ctx context.Context) ([]TrunkBreaker, error) {
	var rows []struct {
		TrunkID string `db:"trunk_id"`
		Since   stamp  `db:"opened_at"`
		SeenAt  stamp  `db:"seen_at"`
		Why     string `db:"why"`
	}
	err := s.list(ctx, s.read, &rows, `SELECT trunk_id, opened_at, seen_at, why FROM trunk_breakers WHERE opened_at IS NOT NULL
		ORDER BY trunk_id LIMIT ?`, maxTrunks)
	if err != nil {
		return nil, fmt.Errorf("list open breakers: %w", err)
	}
	open := make([]TrunkBreaker, len(rows))
	for i, r := range rows {
		open[i] = TrunkBreaker{TrunkID: r.TrunkID, Since: time.Time(r.Since), SeenAt: time.Time(r.SeenAt), Why: r.Why}
	}
	return open, nil
}

// TrunkFailed judges a trunk after a dial that failed for its sake and that [Store.EndAttempt] has written down. It returns the breaker when
// this opened it: that happens once, whoever saw the failure.
func (s *Store) TrunkFailed(ctx context.Context, trunkID string, rule call.BreakerRule, at time.Time) (opened *TrunkBreaker, err error) {
	wanting, err := s.wanting(ctx, call.EventTrunkDegraded)
	if err != nil {
		return nil, fmt.Errorf("judge trunk %s: %w", trunkID, err)
	}
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		var from stamp
		err := s.get(ctx, tx, &from, `SELECT judged_from FROM trunk_breakers WHERE trunk_id = ?`, trunkID)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		failed, dials, err := s.judgeDials(ctx, tx, trunkID, time.Time(from), rule.Dials)
		if err != nil {
			return err
		}
		b := TrunkBreaker{TrunkID: trunkID, Since: at, SeenAt: at, Why: fmt.Sprintf("%d of its last %d dials failed for its own sake.", failed, dials)}
		if rule.Opens(failed, dials) {
			n, err := s.exec(ctx, tx, `INSERT INTO trunk_breakers (trunk_id, opened_at, seen_at, why, judged_from) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT (trunk_id) DO UPDATE SET opened_at = excluded.opened_at, seen_at = excluded.seen_at, why = excluded.why
				WHERE trunk_breakers.opened_at IS NULL`, trunkID, stamp(at), stamp(at), b.Why, from)
			if err != nil {
				return err
			}
			if n > 0 {
				opened = &b
				if err := s.insertTrunkEvents(ctx, tx, wanting, call.EventTrunkDegraded, trunkID, b.Why, at); err != nil {
					return err
				}
			}
		}
		_, err = s.exec(ctx, tx, `UPDATE trunk_breakers SET seen_at = ? WHERE trunk_id = ? AND opened_at IS NOT NULL`, stamp(at), trunkID)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("judge trunk %s: %w", trunkID, err)
	}
	return opened, nil
}

func (s *Store) judgeDials(ctx context.Context, tx *sqlx.Tx, trunkID string, from time.Time, latest int) (failed, dials int, err error) {
	var rows []struct {
		State   call.DialState `db:"state"`
		SIPCode *int           `db:"sip_code"`
		Rang    call.Rang      `db:"rang"`
	}
	err = s.list(ctx, tx, &rows, `SELECT state, sip_code, rang FROM dial_attempts WHERE trunk_id = ? AND started_at > ? AND ended_at IS NOT NULL
		ORDER BY started_at DESC LIMIT ?`, trunkID, stamp(from), min(latest, call.MaxBreakerDials))
	for _, r := range rows {
		if (call.Attempt{State: r.State, SIPCode: valueOf(r.SIPCode), Rang: r.Rang}).TrunkFailed() {
			failed++
		}
	}
	return failed, len(rows), err
}

// TrunkWorked closes a trunk's breaker after a dial that reached somebody, and reports whether it was open: that is true once. The dials
// from before do not count against the trunk any more.
func (s *Store) TrunkWorked(ctx context.Context, trunkID string, at time.Time) (closed bool, err error) {
	wanting, err := s.wanting(ctx, call.EventTrunkRecovered)
	if err != nil {
		return false, fmt.Errorf("close the breaker of trunk %s: %w", trunkID, err)
	}
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		n, err := s.exec(ctx, tx, `UPDATE trunk_breakers SET opened_at = NULL, judged_from = ? WHERE trunk_id = ? AND opened_at IS NOT NULL`,
			stamp(at), trunkID)
		if closed = n > 0; err != nil || !closed {
			return err
		}
		return s.insertTrunkEvents(ctx, tx, wanting, call.EventTrunkRecovered, trunkID, "", at)
	})
	if err != nil {
		return false, fmt.Errorf("close the breaker of trunk %s: %w", trunkID, err)
	}
	return closed, nil
}
