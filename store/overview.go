package store

import (
	"context"
	"fmt"
	"time"

	"github.com/click2call/click2call/call"
)

// trunkWindow is how many of a trunk's latest dials say how it does.
const trunkWindow = 20

// CallCounts counts calls: those live now, and those created since a moment by how they ended.
type CallCounts struct{ Live, Answered, NotAnswered, Failed int }

// CountCalls counts the live calls, and those that have ended of the calls created in the quarter of an hour of since or later:
// midnight begins one in every time zone. It costs the same however many calls there are.
func (s *Store) CountCalls(ctx context.Context, since time.Time) (CallCounts, error) {
	sums, _, err := s.sumsSince(ctx, since)
	if err != nil {
		return CallCounts{}, fmt.Errorf("count calls: %w", err)
	}
	c := CallCounts{Answered: sums[string(call.Answered)], NotAnswered: sums[string(call.NotAnswered)], Failed: sums[string(call.Failed)]}
	err = s.get(ctx, s.read, &c.Live, `SELECT COUNT(*) FROM calls WHERE accepted_at IS NOT NULL AND call_status IS NULL`)
	if err != nil {
		return CallCounts{}, fmt.Errorf("count live calls: %w", err)
	}
	return c, nil
}

// DeliveryCounts counts deliveries that have not arrived.
type DeliveryCounts struct {
	Waiting         int // pending and parked
	Parked          int // those of them that wait as rows: held back, or busy, or without a URL
	Dead            int
	OldestWaitingAt *time.Time // when the oldest of the waiting ones came to be
}

// CountDeliveries counts the deliveries that have not arrived.
func (s *Store) CountDeliveries(ctx context.Context) (DeliveryCounts, error) {
	var rows []struct {
		State  DeliveryState `db:"state"`
		N      int           `db:"n"`
		Oldest stamp         `db:"oldest"`
	}
	err := s.list(ctx, s.read, &rows, `SELECT state, COUNT(*) AS n, MIN(created_at) AS oldest FROM deliveries
		WHERE state IN ('pending', 'parked', 'dead') GROUP BY state`)
	if err != nil {
		return DeliveryCounts{}, fmt.Errorf("count deliveries: %w", err)
	}
	var c DeliveryCounts
	for _, r := range rows {
		if r.State == DeliveryDead {
			c.Dead = r.N
			continue
		}
		c.Waiting += r.N
		if r.State == DeliveryParked {
			c.Parked = r.N
		}
		if oldest := time.Time(r.Oldest); c.OldestWaitingAt == nil || oldest.Before(*c.OldestWaitingAt) {
			c.OldestWaitingAt = &oldest
		}
	}
	return c, nil
}

// TrunkRecord says how a trunk did lately.
type TrunkRecord struct {
	Dialed       int // its latest dials that have ended, at most 20
	Failed       int // how many of these the trunk rejected, or it or LiveKit was unavailable for
	LastDialedAt time.Time
	FailingSince time.Time // when the first call of the failed ones was opened; zero: none failed
}

// TrunkRecords returns how each trunk's latest dials since a moment ended, by trunk id. A trunk without any is not in it.
func (s *Store) TrunkRecords(ctx context.Context, since time.Time) (map[string]TrunkRecord, error) {
	var rows []struct {
		TrunkID string `db:"trunk_id"`
		Dialed  int    `db:"dialed"`
		Failed  int    `db:"failed"`
		Last    stamp  `db:"last_dialed_at"`
		Since   *stamp `db:"failing_since"`
	}
	err := s.list(ctx, s.read, &rows, `SELECT trunk_id, COUNT(*) AS dialed,
			SUM(CASE WHEN disconnect_reason IN (?, ?, ?) THEN 1 ELSE 0 END) AS failed, MAX(created_at) AS last_dialed_at,
			MIN(CASE WHEN disconnect_reason IN (?, ?, ?) THEN created_at END) AS failing_since
		FROM (SELECT trunk_id, disconnect_reason, created_at, ROW_NUMBER() OVER (PARTITION BY trunk_id ORDER BY created_at DESC) AS latest
			FROM calls WHERE accepted_at IS NOT NULL AND call_status IS NOT NULL AND created_at >= ?
				AND disconnect_reason NOT IN (?, ?)) AS dials
		WHERE latest <= ? GROUP BY trunk_id LIMIT ?`,
		call.ReasonTrunkRejected, call.ReasonTrunkUnavailable, call.ReasonLiveKitUnavailable,
		call.ReasonTrunkRejected, call.ReasonTrunkUnavailable, call.ReasonLiveKitUnavailable, stamp(since),
		call.ReasonNeverConnected, call.ReasonCancelledBeforeDial, trunkWindow, maxTrunks)
	if err != nil {
		return nil, fmt.Errorf("read trunk records: %w", err)
	}
	records := make(map[string]TrunkRecord, len(rows))
	for _, r := range rows {
		record := TrunkRecord{Dialed: r.Dialed, Failed: r.Failed, LastDialedAt: time.Time(r.Last)}
		if r.Since != nil {
			record.FailingSince = time.Time(*r.Since)
		}
		records[r.TrunkID] = record
	}
	return records, nil
}
