package store

import (
	"context"
	"fmt"
	"time"

	"github.com/click2call/click2call/call"
)

// TrunkDial is how one dial through a trunk ended.
type TrunkDial struct {
	CallID     call.ID         `db:"call_id"`
	CallStatus call.CallStatus `db:"call_status"`
	Reason     call.Reason     `db:"disconnect_reason"`
	SIPCode    *int            `db:"sip_disconnect_code"`
	Ended      stamp           `db:"ended_at"`
}

// EndedAt is when the call ended.
func (d TrunkDial) EndedAt() time.Time { return time.Time(d.Ended) }

// TrunkDials returns the latest dials through a trunk that have ended, of any age, the newest first, at most 20. Calls that ended
// before a dial, or for LiveKit's sake, are none of the trunk's.
func (s *Store) TrunkDials(ctx context.Context, trunkID string) ([]TrunkDial, error) {
	var dials []TrunkDial
	err := s.list(ctx, s.read, &dials, `SELECT call_id, call_status, disconnect_reason, sip_disconnect_code, ended_at FROM calls
		WHERE trunk_id = ? AND accepted_at IS NOT NULL AND call_status IS NOT NULL AND disconnect_reason NOT IN (?, ?, ?)
		ORDER BY created_at DESC LIMIT ?`,
		trunkID, call.ReasonNeverConnected, call.ReasonCancelledBeforeDial, call.ReasonLiveKitUnavailable, trunkWindow)
	if err != nil {
		return nil, fmt.Errorf("read the latest dials of trunk %s: %w", trunkID, err)
	}
	return dials, nil
}

// statusCount is how many calls ended in one of the three ways.
type statusCount struct {
	CallStatus call.CallStatus `db:"call_status"`
	N          int             `db:"n"`
}

func (c *CallCounts) add(s statusCount) {
	switch s.CallStatus {
	case call.Answered:
		c.Answered = s.N
	case call.NotAnswered:
		c.NotAnswered = s.N
	case call.Failed:
		c.Failed = s.N
	}
}

// CountTrunkCalls counts the calls created in the quarter of an hour of since or later that have ended, by trunk id: midnight begins one
// in every time zone. Live is not counted. A trunk without any is not in it.
func (s *Store) CountTrunkCalls(ctx context.Context, since time.Time) (map[string]CallCounts, error) {
	if counts, ok, err := s.countTrunkSums(ctx, since); err != nil || ok {
		if err != nil {
			return nil, fmt.Errorf("count the trunks' calls: %w", err)
		}
		return counts, nil
	}
	var rows []struct {
		TrunkID string `db:"trunk_id"`
		statusCount
	}
	err := s.list(ctx, s.read, &rows, `SELECT trunk_id, call_status, COUNT(*) AS n FROM calls
		WHERE accepted_at IS NOT NULL AND call_status IS NOT NULL AND created_at >= ? GROUP BY trunk_id, call_status LIMIT ?`,
		stamp(bucketOf(since)), 3*maxTrunks)
	if err != nil {
		return nil, fmt.Errorf("count the trunks' calls: %w", err)
	}
	counts := map[string]CallCounts{}
	for _, r := range rows {
		c := counts[r.TrunkID]
		c.add(r.statusCount)
		counts[r.TrunkID] = c
	}
	return counts, nil
}

// LatestEnded returns the calls that ended last, the latest end first; n is at most 200.
func (s *Store) LatestEnded(ctx context.Context, n int) ([]call.Call, error) {
	if n < 1 || n > maxPage {
		return nil, fmt.Errorf("read the calls that ended last: %w: at most %d", ErrBadFilter, maxPage)
	}
	var rows []callRow
	err := s.list(ctx, s.read, &rows, `SELECT `+callColumns+` FROM calls
		WHERE accepted_at IS NOT NULL AND ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT ?`, n)
	if err != nil {
		return nil, fmt.Errorf("read the calls that ended last: %w", err)
	}
	calls := make([]call.Call, len(rows))
	for i, r := range rows {
		calls[i] = r.call()
	}
	return calls, nil
}
