package store

import (
	"context"
	"time"
)

// EndedCallsInChunks is EndedCalls with small statements, so that a few calls make several.
func (s *Store) EndedCallsInChunks(ctx context.Context, f EndedFilter, chunk int, visit func(EndedCall) error) error {
	return s.endedCalls(ctx, f, chunk, visit)
}

// EndedAttemptsInChunks is EndedAttempts with small statements.
func (s *Store) EndedAttemptsInChunks(ctx context.Context, since, until time.Time, chunk int, visit func(EndedAttempt) error) error {
	return s.endedAttempts(ctx, since, until, "", chunk, visit)
}

// Copied are the tables that CopyFrom copies.
var Copied = copied

// Tables are the names of all tables of a PostgreSQL database.
func (s *Store) Tables(ctx context.Context) ([]string, error) {
	var names []string
	return names, s.list(ctx, s.read, &names, `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`)
}
