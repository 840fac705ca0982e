package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// refusedAge is the age at which a call that was never accepted is a leftover: the request that made it is long over.
const refusedAge = time.Hour

// refusedKept is how long ids of refused calls are kept.
const refusedKept = 24 * time.Hour

// Housekeep deletes what nobody can ask for any more: idempotency keys whose 24 hours are over, rows of calls that were never
// accepted (left by an api that died in the middle of a request), ids of calls that were refused a day ago, dials that no limit looks at any more, and bulk replays that ended 90 days ago. Idempotent; any
// number of processes may run it.
func (s *Store) Housekeep(ctx context.Context, now time.Time) error {
	err := s.purgeAllKeys(ctx, now)
	_, leftovers := s.exec(ctx, s.write, `DELETE FROM calls WHERE accepted_at IS NULL AND created_at < ?`, stamp(now.Add(-refusedAge)))
	if leftovers != nil {
		leftovers = fmt.Errorf("delete calls that were never accepted: %w", leftovers)
	}
	_, refused := s.exec(ctx, s.write, `DELETE FROM refused_calls WHERE refused_at < ?`, stamp(now.Add(-refusedKept)))
	if refused != nil {
		refused = fmt.Errorf("delete ids of refused calls: %w", refused)
	}
	_, lines := s.healLines(ctx)
	return errors.Join(err, leftovers, refused, s.purgeReplays(ctx, now), s.purgeDialedNumbers(ctx, now), s.purgeAttempts(ctx, now), lines, s.buryDeliveries(ctx))
}
