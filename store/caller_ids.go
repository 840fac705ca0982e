package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// lastShownAtOnce is how many numbers one statement looks for.
const lastShownAtOnce = 100

// LastShown says of caller IDs when the latest call that shows one was placed. A number that no kept call shows is not in the answer.
func (s *Store) LastShown(ctx context.Context, dids []string) (map[string]time.Time, error) {
	last := map[string]time.Time{}
	for some := range slices.Chunk(dids, lastShownAtOnce) {
		var args []any
		for _, did := range some {
			args = append(args, did, did)
		}
		var rows []struct {
			DID string `db:"did"`
			At  *stamp `db:"at"`
		}
		err := s.list(ctx, s.read, &rows, strings.TrimPrefix(strings.Repeat(
			` UNION ALL SELECT CAST(? AS text) AS did, (SELECT created_at FROM calls WHERE did = ? AND did <> '' ORDER BY created_at DESC LIMIT 1) AS at`, len(some)), " UNION ALL "), args...)
		if err != nil {
			return nil, fmt.Errorf("look for the latest calls of caller IDs: %w", err)
		}
		for _, r := range rows {
			if r.At != nil {
				last[r.DID] = r.At.time().UTC()
			}
		}
	}
	return last, nil
}
