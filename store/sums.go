package store

import (
	"context"
	"time"
)

// sumBucket is the time that one sum covers. Every time zone's midnight is the beginning of one.
const sumBucket = 15 * time.Minute

// sumAccepted is what is summed beside the call statuses and the states of deliveries, which have names of their own.
const sumAccepted = "accepted"

// bucketOf is the beginning of the quarter of an hour that a moment is in.
func bucketOf(t time.Time) time.Time { return t.UTC().Truncate(sumBucket) }

// sumsSince returns how many calls and deliveries there are of each kind whose call was created in the quarter of an hour of a moment or
// later. Triggers keep them, in the transaction that changes a call or a delivery, so that no way of changing one is left out; see the
// migration. The live ones are counted, so that a sum that went wrong shows. All are of one moment.
func (s *Store) sumsSince(ctx context.Context, since time.Time) (sums map[string]int, live int, err error) {
	const liveKey = "live"
	from := stamp(bucketOf(since))
	var rows []struct {
		What string `db:"what"`
		N    int    `db:"n"`
	}
	err = s.list(ctx, s.read, &rows, `SELECT what, SUM(n) AS n FROM (
			SELECT what, n FROM sums WHERE bucket >= ?
			UNION ALL SELECT what, n FROM sum_changes WHERE bucket >= ?
			UNION ALL SELECT '`+liveKey+`', COUNT(*) FROM calls WHERE accepted_at IS NOT NULL AND call_status IS NULL AND created_at >= ?
		) AS all_sums GROUP BY what`, from, from, from)
	if err != nil {
		return nil, 0, err
	}
	sums = make(map[string]int, len(rows))
	for _, r := range rows {
		sums[r.What] = r.N
	}
	return sums, sums[liveKey], nil
}
