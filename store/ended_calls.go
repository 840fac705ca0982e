package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/click2call/click2call/call"
)

// endedChunk is how many calls one statement of EndedCalls reads: each is done well within a statement's time.
const endedChunk = 10_000

// EndedCall is what a report needs of a call.
type EndedCall struct {
	CreatedAt       time.Time
	TrunkID         string
	AgentID         string
	CallStatus      call.CallStatus
	Reason          call.Reason
	SIPCode         *int
	DurationSeconds int
	RingSeconds     int
}

// EndedFilter chooses ended calls by when they were created. Empty ids choose all.
type EndedFilter struct {
	Since, Until     time.Time // created at or after Since, before Until
	TrunkID, AgentID string
}

type endedRow struct {
	ID              call.ID         `db:"call_id"`
	CreatedAt       stamp           `db:"created_at"`
	TrunkID         string          `db:"trunk_id"`
	AgentID         string          `db:"agent_id"`
	CallStatus      call.CallStatus `db:"call_status"`
	Reason          call.Reason     `db:"disconnect_reason"`
	SIPCode         *int            `db:"sip_disconnect_code"`
	DurationSeconds int             `db:"duration_seconds"`
	RingSeconds     int             `db:"ring_seconds"`
}

// EndedCalls shows each chosen call to visit, oldest first, and holds 10,000 of them in memory at most. It ends when visit
// returns an error, and returns that.
func (s *Store) EndedCalls(ctx context.Context, f EndedFilter, visit func(EndedCall) error) error {
	return s.endedCalls(ctx, f, endedChunk, visit)
}

func (s *Store) endedCalls(ctx context.Context, f EndedFilter, chunk int, visit func(EndedCall) error) error {
	conditions := []string{"accepted_at IS NOT NULL", "call_status IS NOT NULL", "created_at < ?"}
	args := []any{stamp(f.Until)}
	for column, value := range map[string]string{"trunk_id": f.TrunkID, "agent_id": f.AgentID} {
		if value != "" {
			conditions, args = append(conditions, column+" = ?"), append(args, value)
		}
	}
	query := `SELECT call_id, created_at, trunk_id, agent_id, call_status, disconnect_reason, sip_disconnect_code,
			duration_seconds, ring_seconds FROM calls WHERE ` + strings.Join(conditions, " AND ") +
		` AND (created_at, call_id) > (?, ?) ORDER BY created_at, call_id LIMIT ?`
	// No id sorts before the empty one: the first chunk begins with the first call at Since itself.
	at, id := stamp(f.Since), call.ID("")
	for {
		var rows []endedRow
		if err := s.list(ctx, s.read, &rows, query, append(args, at, id, chunk)...); err != nil {
			return fmt.Errorf("read ended calls: %w", err)
		}
		for _, r := range rows {
			err := visit(EndedCall{
				CreatedAt: time.Time(r.CreatedAt), TrunkID: r.TrunkID, AgentID: r.AgentID, CallStatus: r.CallStatus,
				Reason: r.Reason, SIPCode: r.SIPCode, DurationSeconds: r.DurationSeconds, RingSeconds: r.RingSeconds,
			})
			if err != nil {
				return err
			}
		}
		if len(rows) < chunk {
			return nil
		}
		at, id = rows[len(rows)-1].CreatedAt, rows[len(rows)-1].ID
	}
}
