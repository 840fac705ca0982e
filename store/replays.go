package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

const (
	// MaxReplayRate is how many deliveries a replay may send a second.
	MaxReplayRate = 200
	// maxOpenReplays is how many may be under way.
	maxOpenReplays = 10
	// replayAge is how long those that are over are kept.
	replayAge = 90 * 24 * time.Hour
)

// ReplayState is where a bulk replay stands.
type ReplayState string

// The states of a replay.
const (
	ReplayRunning   ReplayState = "running"
	ReplayPaused    ReplayState = "paused"
	ReplayCancelled ReplayState = "cancelled" // ended early; what was left is as it was
	ReplayDone      ReplayState = "done"
)

// Replay is a bulk replay: many deliveries, each sent once more under the replay's id.
type Replay struct {
	ID                         string
	State                      ReplayState
	Selection                  ReplaySelection
	RatePerSecond              int
	Total                      int // deliveries chosen at its start
	Succeeded, Failed, Skipped int // skipped: delivered by somebody else before its turn
	CreatedBy                  string
	CreatedAt                  time.Time
	FinishedAt                 *time.Time
	Worker                     string // who may work on it; see TakeReplay

	runningSince *time.Time // nil unless it runs
	runningFrom  int        // how many were settled then
}

// Sent is how many attempts were made and written down.
func (r Replay) Sent() int { return r.Succeeded + r.Failed }

// Left is how many deliveries still wait for their turn.
func (r Replay) Left() int { return r.Total - r.settled() }

func (r Replay) settled() int { return r.Succeeded + r.Failed + r.Skipped }

// Over reports whether it has ended, well or not.
func (r Replay) Over() bool { return r.FinishedAt != nil }

// rateSeenAfter is how long a replay must run until its own pace says more than its rate.
const rateSeenAfter = 5 * time.Second

// Remaining is how long the rest will take at the pace since it last began to run; ok is false unless it runs.
func (r Replay) Remaining(now time.Time) (rest time.Duration, ok bool) {
	if r.runningSince == nil {
		return 0, false
	}
	pace := float64(r.RatePerSecond)
	if ran := now.Sub(*r.runningSince); ran >= rateSeenAfter {
		pace = min(pace, float64(max(1, r.settled()-r.runningFrom))/ran.Seconds())
	}
	return time.Duration(float64(r.Left()) / pace * float64(time.Second)), true
}

type replayRow struct {
	ID            string      `db:"replay_id"`
	State         ReplayState `db:"state"`
	Selection     string      `db:"selection"`
	RatePerSecond int         `db:"rate_per_second"`
	Total         int         `db:"total"`
	Succeeded     int         `db:"succeeded"`
	Failed        int         `db:"failed"`
	Skipped       int         `db:"skipped"`
	CreatedBy     string      `db:"created_by"`
	CreatedAt     stamp       `db:"created_at"`
	FinishedAt    *stamp      `db:"finished_at"`
	RunningSince  *stamp      `db:"running_since"`
	RunningFrom   int         `db:"running_from"`
	Worker        string      `db:"worker"`
}

const selectReplay = `SELECT replay_id, state, selection, rate_per_second, total, succeeded, failed, skipped, created_by, created_at,
	finished_at, running_since, running_from, worker FROM replays `

func (r replayRow) replay() (Replay, error) {
	replay := Replay{
		ID: r.ID, State: r.State, RatePerSecond: r.RatePerSecond, Total: r.Total, Succeeded: r.Succeeded, Failed: r.Failed, Skipped: r.Skipped,
		CreatedBy: r.CreatedBy, CreatedAt: time.Time(r.CreatedAt), FinishedAt: r.FinishedAt.time(), Worker: r.Worker,
		runningSince: r.RunningSince.time(), runningFrom: r.RunningFrom,
	}
	if err := json.Unmarshal([]byte(r.Selection), &replay.Selection); err != nil {
		return Replay{}, fmt.Errorf("decode the selection: %w", err)
	}
	return replay, nil
}

// NewReplay is what a replay begins with.
type NewReplay struct {
	Selection     ReplaySelection
	RatePerSecond int // 1 to MaxReplayRate
	CreatedBy     string
}

// CreateReplay freezes a selection as a running replay of at most 100,000 deliveries, oldest first. ErrInvalid when it cannot
// be used or chooses nothing, ErrConflict when ten replays are under way. Not idempotent.
func (s *Store) CreateReplay(ctx context.Context, n NewReplay) (Replay, error) {
	id := "rpl_" + rand.Text()
	err := s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error { return s.createReplay(ctx, tx, id, n) })
	if err != nil {
		return Replay{}, fmt.Errorf("create a replay: %w", err)
	}
	return s.Replay(ctx, id)
}

func (s *Store) createReplay(ctx context.Context, tx *sqlx.Tx, id string, n NewReplay) error {
	if n.RatePerSecond < 1 || n.RatePerSecond > MaxReplayRate {
		return invalid("the rate must be 1 to %d a second", MaxReplayRate)
	}
	if err := n.Selection.check(); err != nil {
		return err
	}
	if err := s.nameUnknown(ctx, tx, n.Selection.EventIDs); err != nil {
		return err
	}
	text, err := n.Selection.encode()
	if err != nil {
		return err
	}
	if err := s.lockTable(ctx, tx, "replays"); err != nil {
		return err
	}
	open := 0
	if err := s.get(ctx, tx, &open, `SELECT COUNT(*) FROM replays WHERE finished_at IS NULL`); err != nil {
		return err
	}
	if open >= maxOpenReplays {
		return fmt.Errorf("%w: %d replays are under way: wait for one to end, or cancel one", ErrConflict, open)
	}
	at := now()
	_, err = s.exec(ctx, tx, `INSERT INTO replays (replay_id, state, selection, rate_per_second, total, succeeded, failed, skipped,
			created_by, created_at, running_since, running_from, worker) VALUES (?, ?, ?, ?, 0, 0, 0, 0, ?, ?, ?, 0, '')`,
		id, ReplayRunning, text, n.RatePerSecond, clip(n.CreatedBy, maxLabel), at, at)
	if err != nil {
		return err
	}
	return s.freeze(ctx, tx, id, n.Selection)
}

// freeze writes down what the selection chooses now.
func (s *Store) freeze(ctx context.Context, tx *sqlx.Tx, id string, selection ReplaySelection) error {
	where, args := selection.where()
	total, err := s.exec(ctx, tx, `INSERT INTO replay_items (replay_id, n, event_id, was, result)
		SELECT CAST(? AS TEXT), ROW_NUMBER() OVER (ORDER BY d.created_at, d.event_id), d.event_id, d.state, ''
		FROM deliveries d JOIN calls c ON c.call_id = d.call_id WHERE `+where+`
		ORDER BY d.created_at, d.event_id LIMIT ?`, append(append([]any{id}, args...), maxReplayItems+1)...)
	switch {
	case err != nil:
		return err
	case total > maxReplayItems:
		return invalid("the selection chooses more than %d deliveries: narrow it, for example by time", maxReplayItems)
	case total == 0:
		return invalid("the selection chooses no delivery: widen it")
	}
	_, err = s.exec(ctx, tx, `UPDATE replays SET total = ? WHERE replay_id = ?`, total, id)
	return err
}

// Replay returns a bulk replay. ErrNotFound when there is none.
func (s *Store) Replay(ctx context.Context, id string) (Replay, error) {
	var row replayRow
	err := s.get(ctx, s.read, &row, selectReplay+`WHERE replay_id = ?`, id)
	if err != nil {
		return Replay{}, fmt.Errorf("read replay %.64s: %w", id, err)
	}
	return row.replay()
}
