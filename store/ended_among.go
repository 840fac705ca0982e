package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

// askedAtOnce keeps a statement below the databases' limits of parameters.
const askedAtOnce = 400

// EndedAmong returns those of ids whose calls have an outcome, or were refused within the last day, in no particular order.
func (s *Store) EndedAmong(ctx context.Context, ids []call.ID) ([]call.ID, error) {
	var ended []call.ID
	for some := range slices.Chunk(ids, askedAtOnce) {
		query, args, err := sqlx.In(`SELECT call_id FROM calls WHERE call_status IS NOT NULL AND call_id IN (?)
			UNION ALL SELECT call_id FROM refused_calls WHERE call_id IN (?)`, some, some)
		if err != nil {
			return nil, fmt.Errorf("list ended calls: %w", err)
		}
		var found []call.ID
		if err := s.list(ctx, s.read, &found, query, args...); err != nil {
			return nil, fmt.Errorf("list ended calls: %w", err)
		}
		ended = append(ended, found...)
	}
	return ended, nil
}

// overChunk is how many calls one statement of OverSince reads.
const overChunk = 10_000

// OverSince returns the calls that ended or were refused since a moment, oldest first: ask for minutes, not for days.
func (s *Store) OverSince(ctx context.Context, since time.Time) ([]call.ID, error) {
	var over []call.ID
	at, id := stamp(since), call.ID("") // no id sorts before the empty one
	for {
		var rows []struct {
			ID call.ID `db:"call_id"`
			At stamp   `db:"created_at"`
		}
		err := s.list(ctx, s.read, &rows, `SELECT call_id, created_at FROM deliveries WHERE (created_at, call_id) > (?, ?)
				AND `+toDefault+`
			ORDER BY created_at, call_id LIMIT ?`, at, id, overChunk)
		if err != nil {
			return nil, fmt.Errorf("list calls that are over: %w", err)
		}
		for _, r := range rows {
			over = append(over, r.ID)
		}
		if len(rows) < overChunk {
			break
		}
		at, id = rows[len(rows)-1].At, rows[len(rows)-1].ID
	}
	var refused []call.ID
	err := s.list(ctx, s.read, &refused, `SELECT call_id FROM refused_calls WHERE refused_at >= ? ORDER BY refused_at LIMIT ?`, stamp(since), 10*overChunk)
	if err != nil {
		return nil, fmt.Errorf("list refused calls: %w", err)
	}
	return append(over, refused...), nil
}
