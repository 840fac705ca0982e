package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ReplayPage is a page of replays, newest first. Next is empty on the last page.
type ReplayPage struct {
	Replays []Replay
	Next    string
}

// Replays returns a page of replays, newest first; cursor is ReplayPage.Next of the page before, limit 1 to 200, and 50 for 0.
// ErrBadCursor, and ErrBadFilter for a limit out of range.
func (s *Store) Replays(ctx context.Context, cursor string, limit int) (ReplayPage, error) {
	page, err := s.replays(ctx, cursor, limit)
	if err != nil {
		return ReplayPage{}, fmt.Errorf("list replays: %w", err)
	}
	return page, nil
}

func (s *Store) replays(ctx context.Context, cursor string, limit int) (page ReplayPage, err error) {
	if limit == 0 {
		limit = defaultPage
	}
	if limit < 1 || limit > maxPage {
		return page, fmt.Errorf("%w: limit must be 1 to %d", ErrBadFilter, maxPage)
	}
	if cursor != "" {
		if _, err := s.Replay(ctx, cursor); errors.Is(err, ErrNotFound) {
			return page, ErrBadCursor
		} else if err != nil {
			return page, err
		}
	}
	var rows []replayRow
	err = s.list(ctx, s.read, &rows, selectReplay+`WHERE (? = '' OR (created_at, replay_id) < (SELECT created_at, replay_id FROM replays WHERE replay_id = ?))
		ORDER BY created_at DESC, replay_id DESC LIMIT ?`, cursor, cursor, limit+1)
	if err != nil {
		return page, err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		page.Next = rows[limit-1].ID
	}
	page.Replays = make([]Replay, len(rows))
	for i, row := range rows {
		if page.Replays[i], err = row.replay(); err != nil {
			return ReplayPage{}, err
		}
	}
	return page, nil
}

// StrayReplays returns running replays that were created before a moment: whoever was to start or wake their workflows may
// have died before doing so.
func (s *Store) StrayReplays(ctx context.Context, before time.Time) ([]Replay, error) {
	var rows []replayRow
	err := s.list(ctx, s.read, &rows, selectReplay+`WHERE finished_at IS NULL AND state = 'running' AND created_at < ? LIMIT ?`,
		stamp(before), maxOpenReplays)
	if err != nil {
		return nil, fmt.Errorf("list running replays: %w", err)
	}
	replays := make([]Replay, len(rows))
	for i, row := range rows {
		if replays[i], err = row.replay(); err != nil {
			return nil, fmt.Errorf("list running replays: %w", err)
		}
	}
	return replays, nil
}

// purgeReplays deletes replays that ended long ago. The attempts that they made stay.
func (s *Store) purgeReplays(ctx context.Context, now time.Time) error {
	if _, err := s.exec(ctx, s.write, `DELETE FROM replays WHERE finished_at < ?`, stamp(now.Add(-replayAge))); err != nil {
		return fmt.Errorf("delete old replays: %w", err)
	}
	return nil
}
