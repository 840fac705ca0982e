package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/click2call/click2call/call"
)

// LedgerWord is how long an operator's word holds that the ledger may end calls.
const LedgerWord = time.Hour

// LedgerBrake says whether the ledger ends calls that have lost their workflows, or waits for an operator because they are too many.
type LedgerBrake struct {
	HeldSince     *time.Time // nil: it holds nothing back
	Gone, Live    int        // calls that seemed to have no workflow, of how many that lived, when it was last checked
	ReleasedUntil *time.Time // until then an operator lets it end calls, however many; nil: nobody does
	ReleasedBy    string
}

// Released reports whether an operator lets the ledger go on at a moment.
func (b LedgerBrake) Released(at time.Time) bool {
	return b.ReleasedUntil != nil && at.Before(*b.ReleasedUntil)
}

// LedgerBrake returns how the ledger's brake stands; the zero value before it was ever needed.
func (s *Store) LedgerBrake(ctx context.Context) (LedgerBrake, error) {
	var r struct {
		HeldSince     *stamp `db:"held_since"`
		Gone          int    `db:"calls_gone"`
		Live          int    `db:"calls_live"`
		ReleasedUntil *stamp `db:"released_until"`
		ReleasedBy    string `db:"released_by"`
	}
	err := s.get(ctx, s.write, &r, `SELECT held_since, calls_gone, calls_live, released_until, released_by FROM ledger_brake WHERE only_one = 1`)
	switch {
	case errors.Is(err, ErrNotFound):
		return LedgerBrake{}, nil
	case err != nil:
		return LedgerBrake{}, fmt.Errorf("read the ledger's brake: %w", err)
	}
	return LedgerBrake{HeldSince: r.HeldSince.time(), Gone: r.Gone, Live: r.Live, ReleasedUntil: r.ReleasedUntil.time(), ReleasedBy: r.ReleasedBy}, nil
}

// HoldLedger pulls the brake, and keeps since when. Idempotent.
func (s *Store) HoldLedger(ctx context.Context, at time.Time, gone, live int) error {
	_, err := s.exec(ctx, s.write, `INSERT INTO ledger_brake (only_one, held_since, calls_gone, calls_live, released_until, released_by)
		VALUES (1, ?, ?, ?, NULL, '')
		ON CONFLICT (only_one) DO UPDATE SET held_since = COALESCE(ledger_brake.held_since, excluded.held_since),
			calls_gone = excluded.calls_gone, calls_live = excluded.calls_live, released_until = NULL, released_by = ''`,
		stamp(at), gone, live)
	if err != nil {
		return fmt.Errorf("pull the ledger's brake: %w", err)
	}
	return nil
}

// FreeLedger lets go of the brake: so many calls are not missed any more. An operator's word ends with it. Idempotent.
func (s *Store) FreeLedger(ctx context.Context) error {
	_, err := s.exec(ctx, s.write, `UPDATE ledger_brake SET held_since = NULL, released_until = NULL, released_by = '' WHERE only_one = 1`)
	if err != nil {
		return fmt.Errorf("let go of the ledger's brake: %w", err)
	}
	return nil
}

// ReleaseLedger is an operator's word that the ledger may end calls until a moment, however many. Idempotent. ErrConflict when it
// holds nothing back: a word in advance would be no word about what it found.
func (s *Store) ReleaseLedger(ctx context.Context, by string, until time.Time) error {
	n, err := s.exec(ctx, s.write, `UPDATE ledger_brake SET released_until = ?, released_by = ? WHERE only_one = 1 AND held_since IS NOT NULL`,
		stamp(until), clip(by, maxLabel))
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: the ledger holds nothing back", ErrConflict)
	}
	if err != nil {
		return fmt.Errorf("release the ledger: %w", err)
	}
	return nil
}

// missedFor is how long it counts that a call was found without a workflow: checks come every five minutes.
const missedFor = 20 * time.Minute

// MissWorkflow keeps that a live call was found without a workflow at a moment, and returns when that was first so, if it was not
// long ago. ErrNotFound when the call does not live.
func (s *Store) MissWorkflow(ctx context.Context, id call.ID, at time.Time) (time.Time, error) {
	var first stamp
	err := s.get(ctx, s.write, &first, `UPDATE calls SET workflow_missed_at = CASE WHEN workflow_missed_at > ? THEN workflow_missed_at ELSE ? END
		WHERE call_id = ? AND accepted_at IS NOT NULL AND call_status IS NULL RETURNING workflow_missed_at`,
		stamp(at.Add(-missedFor)), stamp(at), id)
	if err != nil {
		return time.Time{}, fmt.Errorf("miss the workflow of %s: %w", id, err)
	}
	return time.Time(first), nil
}
