package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

const (
	// maxQueued bounds how far the queue is looked at: those behind wait for their turn to be looked at.
	maxQueued = 1000
	// wokenFor is how long a call that was woken has until it is woken again: the signal may be lost with the worker that sent it.
	wokenFor = 5 * time.Second
)

// waits is the condition under which a row of dial_queue q still counts, beside its time; a call that is over, is being hung up or was
// dialed leaves the queue by that alone, whatever dies.
const waits = `dial_queue q JOIN calls c ON c.call_id = q.call_id
	WHERE c.call_status IS NULL AND c.leg_at_hangup IS NULL AND c.dial_claim IS NULL AND q.until > ?`

// Waiting is a call that is to wait for a line.
type Waiting struct {
	CallID      call.ID
	Trunks      []string // ids of those that it may be dialed through
	ConnectedAt time.Time
	At          time.Time
	Wait        time.Duration // at the most
}

// Enqueue has a call wait for a line, and says until when. A call that waits already keeps its place and its time. ErrNotFound when there is
// nothing to dial any more, because the call is unknown, over, being hung up, or was dialed.
func (s *Store) Enqueue(ctx context.Context, w Waiting) (until time.Time, err error) {
	trunks, err := json.Marshal(w.Trunks)
	if err != nil {
		return time.Time{}, fmt.Errorf("queue %s: %w", w.CallID, err)
	}
	wanting, err := s.wanting(ctx, call.EventCallQueued)
	if err != nil {
		return time.Time{}, fmt.Errorf("queue %s: %w", w.CallID, err)
	}
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		news := false
		if len(wanting) > 0 {
			if news, err = s.exists(ctx, tx, `SELECT 1 FROM calls WHERE call_id = ? AND queued_at IS NULL`+s.target.forUpdate(), w.CallID); err != nil {
				return err
			}
		}
		n, err := s.exec(ctx, tx, `UPDATE calls SET queued_at = COALESCE(queued_at, ?), connected_at = COALESCE(connected_at, ?),
				event_sequence = event_sequence + CASE WHEN queued_at IS NULL THEN 1 ELSE 0 END
			WHERE call_id = ? AND accepted_at IS NOT NULL AND call_status IS NULL AND leg_at_hangup IS NULL AND dial_claim IS NULL`,
			stamp(w.At), stamp(w.ConnectedAt), w.CallID)
		if err != nil || n == 0 {
			return errors.Join(err, ErrNotFound)
		}
		var kept stamp
		err = s.get(ctx, tx, &kept, `INSERT INTO dial_queue (call_id, trunks, until) VALUES (?, ?, ?)
			ON CONFLICT (call_id) DO UPDATE SET trunks = excluded.trunks, woken_at = NULL RETURNING until`,
			w.CallID, string(trunks), stamp(w.At.Add(w.Wait)))
		until = time.Time(kept)
		if err == nil && news {
			err = s.insertProgress(ctx, tx, wanting, call.EventCallQueued, w.CallID, w.At)
		}
		return err
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("queue %s: %w", w.CallID, err)
	}
	return until, nil
}

// QueuedUntil says until when a call waits for a line. ErrNotFound when it does not, or was dialed.
func (s *Store) QueuedUntil(ctx context.Context, id call.ID, at time.Time) (time.Time, error) {
	var until stamp
	if err := s.get(ctx, s.read, &until, `SELECT q.until FROM `+waits+` AND q.call_id = ?`, stamp(at), id); err != nil {
		return time.Time{}, fmt.Errorf("look %s up in the queue: %w", id, err)
	}
	return time.Time(until), nil
}

// QueuePosition is a waiting call's place in the queue, 1 for the first; 0 when it does not wait.
func (s *Store) QueuePosition(ctx context.Context, id call.ID, at time.Time) (place int, err error) {
	err = s.get(ctx, s.read, &place, `SELECT COUNT(*) FROM `+waits+` AND q.seq <= (SELECT w.seq FROM dial_queue w WHERE w.call_id = ?)`, stamp(at), id)
	if err != nil {
		return 0, fmt.Errorf("count who waits before %s: %w", id, err)
	}
	return place, nil
}

// LinesFreed counts the lines of the trunks that a waiting call may be dialed through that got free since a moment; 0 when it does not wait.
func (s *Store) LinesFreed(ctx context.Context, id call.ID, since time.Time) (freed int, err error) {
	var trunks string
	err = s.get(ctx, s.read, &trunks, `SELECT trunks FROM dial_queue WHERE call_id = ?`, id)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	var ids []string
	if err == nil {
		err = json.Unmarshal([]byte(trunks), &ids)
	}
	if err == nil && len(ids) > 0 {
		query, args, _ := sqlx.In(`SELECT COUNT(*) FROM dial_attempts WHERE released_at > ? AND trunk_id IN (?)`, stamp(since), ids) // there is one
		err = s.get(ctx, s.read, &freed, query, args...)
	}
	if err != nil {
		return 0, fmt.Errorf("count the lines that got free for %s: %w", id, err)
	}
	return freed, nil
}

// WakeQueued says which of the waiting calls have a line now, in their order. Each is named once, by whoever asks first, and again when it
// has not claimed its line after a while. What is left of calls that do not wait any more is cleared away. It costs one look-up while
// nobody waits.
func (s *Store) WakeQueued(ctx context.Context, at time.Time) ([]call.ID, error) {
	if any, err := s.exists(ctx, s.read, `SELECT 1 FROM dial_queue LIMIT 1`); err != nil || !any {
		return nil, err
	}
	settings, err := s.Settings(ctx)
	if err != nil && !errors.Is(err, ErrNotFound) { // nobody has set any yet
		return nil, err
	}
	var woken []call.ID
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if _, err := s.exec(ctx, tx, `DELETE FROM dial_queue WHERE until <= ? OR NOT EXISTS (SELECT 1 FROM calls c
			WHERE c.call_id = dial_queue.call_id AND c.call_status IS NULL AND c.leg_at_hangup IS NULL AND c.dial_claim IS NULL)`, stamp(at)); err != nil {
			return err
		}
		queue, err := s.queue(ctx, tx, "", at)
		if err != nil || len(queue) == 0 {
			return err
		}
		free, err := s.freeLines(ctx, tx, settings.Limits, at)
		if err != nil {
			return err
		}
		woken, err = s.wake(ctx, tx, free.Grant(queue), at)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("wake calls that wait for a line: %w", err)
	}
	return woken, nil
}

func (s *Store) wake(ctx context.Context, tx *sqlx.Tx, granted []call.ID, at time.Time) ([]call.ID, error) {
	if len(granted) == 0 {
		return nil, nil
	}
	query, args, err := sqlx.In(`UPDATE dial_queue SET woken_at = ? WHERE call_id IN (?) AND (woken_at IS NULL OR woken_at < ?) RETURNING call_id`,
		stamp(at), granted, stamp(at.Add(-wokenFor)))
	if err != nil {
		return nil, err
	}
	var woken []call.ID
	err = s.list(ctx, tx, &woken, query, args...)
	slices.SortFunc(woken, func(a, b call.ID) int { return slices.Index(granted, a) - slices.Index(granted, b) })
	return woken, err
}

// queue returns those who wait, in their order: all, or those before a call that waits.
func (s *Store) queue(ctx context.Context, q sqlx.QueryerContext, before call.ID, at time.Time) ([]call.QueuedCall, error) {
	var rows []struct {
		CallID call.ID `db:"call_id"`
		Trunks string  `db:"trunks"`
	}
	err := s.list(ctx, q, &rows, `SELECT q.call_id, q.trunks FROM `+waits+`
			AND q.seq < COALESCE((SELECT w.seq FROM dial_queue w WHERE w.call_id = ?), ?) ORDER BY q.seq LIMIT ?`, stamp(at), before, math.MaxInt64, maxQueued)
	if err != nil {
		return nil, err
	}
	var queue []call.QueuedCall
	for _, r := range rows {
		c := call.QueuedCall{ID: r.CallID}
		if err := json.Unmarshal([]byte(r.Trunks), &c.Trunks); err != nil {
			return nil, fmt.Errorf("read the trunks that %s waits for: %w", r.CallID, err)
		}
		queue = append(queue, c)
	}
	return queue, nil
}

// needTurn returns errNoLine when the lines of a claim are for calls that wait already. A call that has been dialed goes on to its next trunk
// without waiting again.
func (s *Store) needTurn(ctx context.Context, tx *sqlx.Tx, c Claim) error {
	if c.N > 1 || c.All == (call.Limits{}) && c.Trunk.Limits == (call.Limits{}) {
		return nil
	}
	ahead, err := s.queue(ctx, tx, c.CallID, c.At)
	if err != nil || len(ahead) == 0 {
		return err
	}
	free, err := s.freeLines(ctx, tx, c.All, c.At)
	if err != nil {
		return err
	}
	if free.Grant(ahead); !free.Has(c.Trunk.ID) {
		return errNoLine
	}
	return nil
}

// LineFree reports whether a call would find a line if it were dialed now.
func (s *Store) LineFree(ctx context.Context, id call.ID, at time.Time) (bool, error) {
	plan, err := s.DialPlan(ctx, id, at)
	if err != nil {
		return false, err
	}
	free, err := s.freeLines(ctx, s.read, plan.All, at)
	if err != nil {
		return false, fmt.Errorf("look for a line for %s: %w", id, err)
	}
	ahead, err := s.queue(ctx, s.read, id, at)
	if err != nil {
		return false, fmt.Errorf("look for a line for %s: %w", id, err)
	}
	free.Grant(ahead)
	return slices.ContainsFunc(plan.Trunks, func(t PlannedTrunk) bool { return free.Has(t.ID) }), nil
}

// freeLines counts what the limits of the installation and of the trunks have room for.
func (s *Store) freeLines(ctx context.Context, q sqlx.QueryerContext, all call.Limits, at time.Time) (call.FreeLines, error) {
	free := call.FreeLines{ByTrunk: map[string]int{}}
	taken, begun := 0, 0
	var err error
	if all != (call.Limits{}) {
		if taken, begun, err = s.lines(ctx, q, "", at); err != nil {
			return free, err
		}
	}
	free.All = all.Free(taken, begun)
	var rows []struct {
		TrunkID    string `db:"trunk_id"`
		Concurrent int    `db:"max_concurrent_calls"`
		PerSecond  int    `db:"max_calls_per_second"`
		Taken      int    `db:"taken"`
		Begun      int    `db:"begun"`
	}
	err = s.list(ctx, q, &rows, `SELECT t.trunk_id, t.max_concurrent_calls, t.max_calls_per_second,
			(SELECT COUNT(*) FROM dial_attempts a WHERE a.trunk_id = t.trunk_id AND a.released_at IS NULL)
				+ (SELECT COUNT(*) FROM dial_attempts a WHERE a.trunk_id = t.trunk_id AND a.released_at > ?) AS taken,
			(SELECT COUNT(*) FROM dial_attempts a WHERE a.trunk_id = t.trunk_id AND a.started_at > ?) AS begun
		FROM trunks t WHERE t.max_concurrent_calls > 0 OR t.max_calls_per_second > 0 LIMIT ?`,
		stamp(at.Add(-lineGuard)), stamp(at.Add(-time.Second)), maxTrunks)
	for _, r := range rows {
		free.ByTrunk[r.TrunkID] = call.Limits{Concurrent: r.Concurrent, PerSecond: r.PerSecond}.Free(r.Taken, r.Begun)
	}
	return free, err
}
