package store

import (
	"context"
	"fmt"
	"time"
)

const (
	maxAttemptSlots = 200
	maxAttemptSums  = 50_000 // rows: slots × answers × times of two digits
)

// AttemptSum counts attempts to an endpoint that are alike.
type AttemptSum struct {
	Slot   int    `db:"slot"` // in which they began; 0 is the first
	Status int    `db:"status"`
	Class  string `db:"error_class"` // empty when the CRM took it
	TookMS int    `db:"took_ms"`     // cut to two digits from 100 ms on, so that thousands of attempts are some dozens of rows
	N      int    `db:"n"`
}

// AttemptSums counts the attempts to an endpoint, of every trigger, that began from since on, in at most 200 slots of a step of whole
// seconds. Attempts are kept for 90 days; those from before migration 00290 know their endpoint for eight days back.
func (s *Store) AttemptSums(ctx context.Context, endpointID string, since time.Time, step time.Duration, slots int) ([]AttemptSum, error) {
	if slots < 1 || slots > maxAttemptSlots || step < time.Second || step%time.Second != 0 {
		return nil, fmt.Errorf("count the attempts of endpoint %s: %w: 1 to %d slots of whole seconds", endpointID, ErrBadFilter, maxAttemptSlots)
	}
	var sums []AttemptSum
	err := s.list(ctx, s.read, &sums, `SELECT slot, status, error_class, took_ms, COUNT(*) AS n FROM (
			SELECT `+s.target.slotOf("started_at")+` AS slot, status, error_class, CASE
				WHEN total_us < 100000 THEN total_us / 1000 WHEN total_us < 1000000 THEN total_us / 10000 * 10
				WHEN total_us < 10000000 THEN total_us / 100000 * 100 ELSE total_us / 1000000 * 1000 END AS took_ms
			FROM delivery_attempts WHERE endpoint_id = ? AND started_at >= ? AND started_at < ?) AS a
		GROUP BY slot, status, error_class, took_ms LIMIT ?`,
		stamp(since), int64(step/time.Second), clip(endpointID, maxLabel), stamp(since), stamp(since.Add(time.Duration(slots)*step)), maxAttemptSums)
	if err != nil {
		return nil, fmt.Errorf("count the attempts of endpoint %s: %w", endpointID, err)
	}
	return sums, nil
}

// slotOf is in which slot since a moment a column's moment lies: its parameters are the moment and the seconds of a slot.
func (t target) slotOf(column string) string {
	if t.dialect == dialectPostgres {
		return `CAST(FLOOR(EXTRACT(EPOCH FROM (` + column + ` - CAST(? AS timestamptz))) / CAST(? AS integer)) AS integer)`
	}
	return `(` + column + ` - ?) / (1000000 * ?)`
}
