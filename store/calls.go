package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

// callRow is a row of the table calls, without the columns that only this package reads.
type callRow struct {
	ID              call.ID          `db:"call_id"`
	CaseID          string           `db:"case_id"`
	CustomerCRMID   string           `db:"customer_crm_id"`
	AgentID         string           `db:"agent_id"`
	CustomerNumber  string           `db:"customer_number"`
	DID             string           `db:"did"`
	TrunkID         string           `db:"trunk_id"`
	Status          call.Status      `db:"status"`
	CreatedAt       stamp            `db:"created_at"`
	ConnectedAt     *stamp           `db:"connected_at"`
	AnsweredAt      *stamp           `db:"answered_at"`
	EndedAt         *stamp           `db:"ended_at"`
	CallStatus      *call.CallStatus `db:"call_status"`
	Reason          *call.Reason     `db:"disconnect_reason"`
	SIPCode         *int             `db:"sip_disconnect_code"`
	DurationSeconds *int             `db:"duration_seconds"`
	RingSeconds     *int             `db:"ring_seconds"`
	HangupBy        *call.Party      `db:"hangup_by"`
	Purpose         *call.Purpose    `db:"purpose"`
	Permission      *string          `db:"permission"`
	TrunkFixed      bool             `db:"trunk_fixed"`
	HeldAt          *stamp           `db:"held_at"`
	QueuedAt        *stamp           `db:"queued_at"`
}

// statusNow is a call's status in SQL, with that of those who wait for a line.
const statusNow = `CASE WHEN status = 'created' AND queued_at IS NOT NULL THEN 'queued' ELSE status END`

const callColumns = `call_id, case_id, customer_crm_id, agent_id, customer_number, did, trunk_id, status, created_at,
	connected_at, answered_at, ended_at, call_status, disconnect_reason, sip_disconnect_code, duration_seconds,
	ring_seconds, hangup_by, purpose, permission, trunk_fixed, held_at, queued_at`

func (r callRow) call() call.Call {
	c := call.Call{
		ID: r.ID, CaseID: r.CaseID, CustomerCRMID: r.CustomerCRMID, AgentID: r.AgentID,
		CustomerNumber: r.CustomerNumber, DID: r.DID, TrunkID: r.TrunkID, Status: r.Status,
		CreatedAt: time.Time(r.CreatedAt), ConnectedAt: r.ConnectedAt.time(), AnsweredAt: r.AnsweredAt.time(),
		EndedAt: r.EndedAt.time(), RingSeconds: valueOf(r.RingSeconds), Purpose: valueOf(r.Purpose), Permission: permissionOf(r.Permission),
		TrunkFixed: r.TrunkFixed,
	}
	if r.Status == call.StatusCreated && r.QueuedAt != nil {
		c.Status = call.StatusQueued
	}
	if r.CallStatus == nil {
		c.HeldAt = r.HeldAt.time()
		return c
	}
	c.Outcome = &call.Outcome{
		CallStatus: *r.CallStatus, Reason: valueOf(r.Reason), SIPCode: r.SIPCode,
		DurationSeconds: valueOf(r.DurationSeconds), RingSeconds: valueOf(r.RingSeconds), HangupBy: valueOf(r.HangupBy),
		AnsweredAt: c.AnsweredAt, EndedAt: valueOf(c.EndedAt),
	}
	return c
}

func valueOf[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// InsertCall writes a call that is not accepted yet: no reader sees it before [Store.AcceptCall]. It keeps of the knobs
// how often the call's room is looked at, the rejoin grace and whether the agent must be in the room, and of the trunk its
// prefix: settings that change later are not for this call. Status, outcome and moments of c other than CreatedAt are ignored.
// Idempotent: a second insert of the same id changes nothing. ErrConflict when c's trunk does not exist.
func (s *Store) InsertCall(ctx context.Context, c call.Call, k call.Knobs) error {
	_, err := s.exec(ctx, s.write, `
		INSERT INTO calls (call_id, case_id, customer_crm_id, agent_id, customer_number, did, trunk_id, status,
			watch_every_us, rejoin_grace_us, require_agent, dial_prefix, created_at, purpose, permission, trunk_fixed, sole_of_agent)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT prefix FROM trunks WHERE trunk_id = ?), ?, ?, ?, ?, ?) ON CONFLICT (call_id) DO NOTHING`,
		c.ID, c.CaseID, c.CustomerCRMID, c.AgentID, c.CustomerNumber, c.DID, c.TrunkID, call.StatusCreated,
		k.WatchInterval().Microseconds(), k.AgentRejoinGrace.Microseconds(), k.RequireAgent, c.TrunkID, stamp(c.CreatedAt),
		textOrNull(string(c.Purpose)), permissionText(c.Permission), c.TrunkFixed, c.SoleOfAgent)
	if err != nil {
		return fmt.Errorf("insert call %s: %w", c.ID, err)
	}
	return nil
}

// AcceptCall makes an inserted call visible. Idempotent: the first moment stays. ErrNotFound when the call was refused, ErrConflict when it
// must be the sole call of its agent, and another such call of the agent lives: of those that are accepted at once, one is.
func (s *Store) AcceptCall(ctx context.Context, id call.ID, at time.Time) error {
	told, err := s.tell(ctx, telling{Type: call.EventCallCreated, CallID: id, At: at, args: []any{stamp(at)},
		change: `UPDATE calls SET accepted_at = ?, event_sequence = 1 WHERE accepted_at IS NULL AND call_id = ?`})
	if err != nil {
		return fmt.Errorf("accept call %s: %w", id, err)
	}
	if told {
		return nil
	}
	n, err := s.exec(ctx, s.write, `UPDATE calls SET accepted_at = COALESCE(accepted_at, ?),
		event_sequence = CASE WHEN accepted_at IS NULL THEN 1 ELSE event_sequence END WHERE call_id = ?`, stamp(at), id)
	return found(n, err, "accept call", id)
}

// RefuseCall deletes a call that was not accepted, and remembers its id for a day, for the room that may be left of it. It
// reports false when the call had been accepted, which then stands. Idempotent: true also when there is no such call any more.
func (s *Store) RefuseCall(ctx context.Context, id call.ID) (refused bool, err error) {
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		n, err := s.exec(ctx, tx, `DELETE FROM calls WHERE call_id = ? AND accepted_at IS NULL`, id)
		if err != nil || n == 0 {
			return err
		}
		_, err = s.exec(ctx, tx, `INSERT INTO refused_calls (call_id, refused_at) VALUES (?, ?)`, id, stamp(time.Now()))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("refuse call %s: %w", id, err)
	}
	accepted, err := s.exists(ctx, s.write, `SELECT 1 FROM calls WHERE call_id = ?`, id)
	if err != nil {
		return false, fmt.Errorf("refuse call %s: %w", id, err)
	}
	return !accepted, nil
}

// Call returns an accepted call. ErrNotFound when there is none.
func (s *Store) Call(ctx context.Context, id call.ID) (call.Call, error) {
	c, err := s.call(ctx, s.read, id)
	if err != nil {
		return call.Call{}, fmt.Errorf("read call %s: %w", id, err)
	}
	return c, nil
}

func (s *Store) call(ctx context.Context, q sqlx.QueryerContext, id call.ID) (call.Call, error) {
	var row callRow
	err := s.get(ctx, q, &row, `SELECT `+callColumns+` FROM calls WHERE call_id = ? AND accepted_at IS NOT NULL`, id)
	return row.call(), err
}

// CallWithTrunk returns an accepted call and the trunk that it is dialed through, as both stand now, but with the prefix that
// the trunk had when the call began: an operator's change must not reach a call whose dialed string was settled before it.
// ErrNotFound when there is no such call.
func (s *Store) CallWithTrunk(ctx context.Context, id call.ID) (call.Call, call.Trunk, error) {
	c, err := s.Call(ctx, id)
	if err != nil {
		return call.Call{}, call.Trunk{}, err
	}
	t, err := s.Trunk(ctx, c.TrunkID)
	if err != nil {
		return call.Call{}, call.Trunk{}, fmt.Errorf("read trunk of call %s: %w", id, err)
	}
	var pinned *string // nil: the call began before prefixes were pinned
	if err := s.get(ctx, s.read, &pinned, `SELECT dial_prefix FROM calls WHERE call_id = ?`, id); err != nil {
		return call.Call{}, call.Trunk{}, fmt.Errorf("read the prefix of call %s: %w", id, err)
	}
	if pinned != nil {
		t.Prefix = *pinned
	}
	return c, t, nil
}

// RequiresAgent reports whether /connect is refused while a call's agent is not in the room, as the setting was when the call
// began. ErrNotFound when there is no such accepted call.
func (s *Store) RequiresAgent(ctx context.Context, id call.ID) (required bool, err error) {
	err = s.get(ctx, s.read, &required, `SELECT require_agent FROM calls WHERE call_id = ? AND accepted_at IS NOT NULL`, id)
	if err != nil {
		return false, fmt.Errorf("read whether call %s requires its agent: %w", id, err)
	}
	return required, nil
}

// found turns the result of an UPDATE by id into an error: ErrNotFound when it touched nothing.
func found(n int64, err error, verb string, id any) error {
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("%s %v: %w", verb, id, err)
	}
	return nil
}
