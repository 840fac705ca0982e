package store

import (
	"context"
	"errors"
	"fmt"
)

// foldPage is how many changes are folded at once.
const foldPage = 20_000

// FoldSums makes few sums of many changes, of the ledger and of reports. Idempotent; any number of processes may do it at the same time.
func (s *Store) FoldSums(ctx context.Context) error {
	return errors.Join(s.foldLedger(ctx), s.foldReports(ctx))
}

func (s *Store) foldLedger(ctx context.Context) error {
	if s.target.dialect != dialectPostgres {
		return nil // there are no changes: see the migration
	}
	for {
		var folded int
		err := s.get(ctx, s.write, &folded, `WITH taken AS (
				DELETE FROM sum_changes WHERE change_id IN (SELECT change_id FROM sum_changes ORDER BY change_id LIMIT ? FOR UPDATE SKIP LOCKED)
				RETURNING bucket, what, n
			), kept AS (
				INSERT INTO sums (bucket, what, n) SELECT bucket, what, SUM(n) FROM taken GROUP BY bucket, what ORDER BY bucket, what
				ON CONFLICT (bucket, what) DO UPDATE SET n = sums.n + excluded.n
			) SELECT COUNT(*) FROM taken`, foldPage)
		if err != nil {
			return fmt.Errorf("fold the sums: %w", err)
		}
		if folded < foldPage {
			return nil
		}
	}
}
