package store

import (
	"context"
	"fmt"
	"slices"

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
