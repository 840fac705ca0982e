package store

import (
	"context"
	"fmt"
	"time"

	"github.com/click2call/click2call/call"
)

// EndedAttempt is an attempt of a dial that has an end.
type EndedAttempt struct {
	call.Attempt                // without label, detail
	Talk         *time.Duration // of its call, 0 when this attempt was not answered; nil while the call lives, or when it is gone
}

// EndedAttempts shows each attempt that began at since or later and before until to visit, oldest first, of one trunk or, with an empty
// id, of all. It holds 10,000 in memory at most, and ends when visit returns an error. Attempts are kept for 90 days.
func (s *Store) EndedAttempts(ctx context.Context, since, until time.Time, trunkID string, visit func(EndedAttempt) error) error {
	return s.endedAttempts(ctx, since, until, trunkID, endedChunk, visit)
}

func (s *Store) endedAttempts(ctx context.Context, since, until time.Time, trunkID string, chunk int, visit func(EndedAttempt) error) error {
	of, args := "", []any{stamp(until)}
	if trunkID != "" {
		of, args = "a.trunk_id = ? AND ", []any{trunkID, stamp(until)}
	}
	query := `SELECT a.call_id, a.attempt, a.trunk_id, a.state, a.sip_code, a.rang, a.started_at, a.ended_at, c.call_status, c.duration_seconds
		FROM dial_attempts a LEFT JOIN calls c ON c.call_id = a.call_id
		WHERE ` + of + `a.started_at < ? AND (a.started_at, a.call_id, a.attempt) > (?, ?, ?) ORDER BY a.started_at, a.call_id, a.attempt LIMIT ?`
	at, id, n := stamp(since), call.ID(""), 0 // no id sorts before the empty one
	for {
		var rows []struct {
			CallID  call.ID          `db:"call_id"`
			N       int              `db:"attempt"`
			TrunkID string           `db:"trunk_id"`
			State   call.DialState   `db:"state"`
			SIPCode *int             `db:"sip_code"`
			Rang    call.Rang        `db:"rang"`
			Started stamp            `db:"started_at"`
			Ended   *stamp           `db:"ended_at"`
			Status  *call.CallStatus `db:"call_status"`
			Seconds *int             `db:"duration_seconds"`
		}
		if err := s.list(ctx, s.read, &rows, query, append(args, at, id, n, chunk)...); err != nil {
			return fmt.Errorf("read attempts that ended: %w", err)
		}
		for _, r := range rows {
			at, id, n = r.Started, r.CallID, r.N
			if r.Ended == nil {
				continue
			}
			e := EndedAttempt{Attempt: call.Attempt{TrunkID: r.TrunkID, State: r.State, SIPCode: valueOf(r.SIPCode), Rang: r.Rang,
				StartedAt: time.Time(r.Started), EndedAt: time.Time(*r.Ended)}}
			if r.Status != nil {
				talk := time.Duration(0)
				if r.State == call.DialAnswered {
					talk = time.Duration(valueOf(r.Seconds)) * time.Second
				}
				e.Talk = &talk
			}
			if err := visit(e); err != nil {
				return err
			}
		}
		if len(rows) < chunk {
			return nil
		}
	}
}

// TrunkNumbers counts the attempts that began at since or later, by trunk id. A trunk without any is not in it.
func (s *Store) TrunkNumbers(ctx context.Context, since time.Time) (map[string]call.TrunkNumbers, error) {
	all := map[string]call.TrunkNumbers{}
	err := s.EndedAttempts(ctx, since, time.Now().Add(time.Minute), "", func(e EndedAttempt) error {
		n := all[e.TrunkID]
		n.Add(e.Attempt, e.Talk)
		all[e.TrunkID] = n
		return nil
	})
	return all, err
}
