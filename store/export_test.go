package store

import "context"

// EndedCallsInChunks is EndedCalls with small statements, so that a few calls make several.
func (s *Store) EndedCallsInChunks(ctx context.Context, f EndedFilter, chunk int, visit func(EndedCall) error) error {
	return s.endedCalls(ctx, f, chunk, visit)
}
