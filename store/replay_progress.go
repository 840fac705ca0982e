package store

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// ReplayResult is what came of one delivery's turn in a replay.
type ReplayResult string

// The results.
const (
	ReplaySucceeded ReplayResult = "succeeded" // the CRM took the attempt
	ReplayFailed    ReplayResult = "failed"
	ReplaySkipped   ReplayResult = "skipped" // no attempt: somebody else had delivered it by then
)

// ReplayItem is a delivery that a replay has still to send.
type ReplayItem struct {
	N       int           `db:"n"` // its place; 1 is the oldest delivery
	EventID string        `db:"event_id"`
	Was     DeliveryState `db:"was"` // when the selection was frozen
}

// TakeReplay makes worker the one that may work on a replay and returns it. Whoever worked on it before sees in
// [Replay.Worker] that it must stop: a worker that was thought dead may come back. Idempotent. ErrNotFound.
func (s *Store) TakeReplay(ctx context.Context, id, worker string) (Replay, error) {
	changed, err := s.exec(ctx, s.write, `UPDATE replays SET worker = ? WHERE replay_id = ?`, worker, id)
	if err == nil && changed == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Replay{}, fmt.Errorf("take replay %.64s: %w", id, err)
	}
	return s.Replay(ctx, id)
}

// ReplayItems returns at most limit deliveries whose turn is still to come, in order, after place after.
func (s *Store) ReplayItems(ctx context.Context, id string, after, limit int) ([]ReplayItem, error) {
	var items []ReplayItem
	err := s.list(ctx, s.read, &items, `SELECT n, event_id, was FROM replay_items WHERE replay_id = ? AND result = '' AND n > ?
		ORDER BY n LIMIT ?`, id, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list what replay %s has left: %w", id, err)
	}
	return items, nil
}

// SaveReplayItem writes down what came of a delivery's turn, and counts it, in one transaction. Idempotent: the first result
// stays and counts once.
func (s *Store) SaveReplayItem(ctx context.Context, id string, n int, result ReplayResult) error {
	column, known := map[ReplayResult]string{ReplaySucceeded: "succeeded", ReplayFailed: "failed", ReplaySkipped: "skipped"}[result]
	if !known {
		return fmt.Errorf("save place %d of replay %s: %w", n, id, invalid("result %q must be succeeded, failed or skipped", result))
	}
	err := s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		changed, err := s.exec(ctx, tx, `UPDATE replay_items SET result = ? WHERE replay_id = ? AND n = ? AND result = ''`, result, id, n)
		if err != nil || changed == 0 {
			return err
		}
		_, err = s.exec(ctx, tx, `UPDATE replays SET `+column+` = `+column+` + 1 WHERE replay_id = ?`, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("save place %d of replay %s: %w", n, id, err)
	}
	return nil
}

// FinishReplay ends a running replay that has nothing left, and returns it as it stands. Idempotent. ErrNotFound.
func (s *Store) FinishReplay(ctx context.Context, id string) (Replay, error) {
	_, err := s.exec(ctx, s.write, `UPDATE replays SET state = 'done', finished_at = ?, running_since = NULL
		WHERE replay_id = ? AND state = 'running' AND succeeded + failed + skipped = total`, now(), id)
	if err != nil {
		return Replay{}, fmt.Errorf("finish replay %s: %w", id, err)
	}
	return s.Replay(ctx, id)
}

// SteerReplay pauses a replay, lets it run again, or cancels it, and returns it as it stands. Idempotent. ErrConflict when it
// is over in another way, ErrNotFound when there is none.
func (s *Store) SteerReplay(ctx context.Context, id string, to ReplayState) (Replay, error) {
	set, args := "", []any{}
	switch to {
	case ReplayRunning:
		set, args = `running_since = ?, running_from = succeeded + failed + skipped`, []any{now()}
	case ReplayPaused:
		set = `running_since = NULL`
	case ReplayCancelled:
		set, args = `running_since = NULL, finished_at = ?`, []any{now()}
	case ReplayDone:
	}
	if set == "" {
		return Replay{}, fmt.Errorf("steer replay %.64s: %w", id, invalid("it can be made running, paused or cancelled"))
	}
	_, err := s.exec(ctx, s.write, `UPDATE replays SET state = ?, `+set+` WHERE replay_id = ? AND state <> ? AND finished_at IS NULL`,
		append(append([]any{to}, args...), id, to)...)
	if err != nil {
		return Replay{}, fmt.Errorf("steer replay %.64s: %w", id, err)
	}
	r, err := s.Replay(ctx, id)
	if err == nil && r.Over() && r.State != to {
		err = fmt.Errorf("steer replay %.64s: %w: the replay is %s; begin a new one for what it left", id, ErrConflict, r.State)
	}
	return r, err
}
