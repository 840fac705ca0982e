package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

const (
	// lineGuard is how long a line stays taken after its call's outcome: the carrier's books lag behind ours by the way of a BYE.
	lineGuard = time.Second
	// attemptKept is how long the attempts of calls are kept.
	attemptKept = 90 * 24 * time.Hour
)

// Admission is what became of an attempt that was to be claimed.
type Admission string

// The answers of [Store.ClaimAttempt].
const (
	Admitted Admission = "admitted" // it may be dialed, by who asked and nobody else
	NoLine   Admission = "no_line"  // the limits allow none now; nothing was written
	Claimed  Admission = "claimed"  // somebody else has this attempt: it must not be dialed
)

// errNoLine rolls a claim back.
var errNoLine = errors.New("no line is free")

// Claim asks for an attempt of a call's dial.
type Claim struct {
	CallID call.ID
	N      int    // 1 and up
	Mark   string // of who asks
	Trunk  call.Trunk
	DID    string // the caller ID that this trunk shows
	At     time.Time
	All    call.Limits // of the whole installation
}

// ClaimAttempt gives an attempt to whoever asks first, if the limits of its trunk and of the installation have room for it, and takes
// a line, in one transaction. Attempt n+1 goes only to who had attempt n, and only after [Store.EndAttempt]. The call's record names
// the trunk and caller ID of its latest attempt. Asked again with the same mark it says Admitted again. ErrNotFound when there is nothing
// to dial any more, because the call is unknown, over, or being hung up.
func (s *Store) ClaimAttempt(ctx context.Context, c Claim) (got Admission, err error) {
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		got, err = s.claimAttempt(ctx, tx, c)
		return err
	})
	if errors.Is(err, errNoLine) {
		return NoLine, nil
	}
	if err != nil {
		return "", fmt.Errorf("claim attempt %d of %s: %w", c.N, c.CallID, err)
	}
	return got, nil
}

func (s *Store) claimAttempt(ctx context.Context, tx *sqlx.Tx, c Claim) (Admission, error) {
	if err := s.lockLines(ctx, tx, c); err != nil {
		return "", err
	}
	var holder string
	err := s.get(ctx, tx, &holder, `UPDATE calls SET dial_claim = COALESCE(dial_claim, ?)
		WHERE call_id = ? AND accepted_at IS NOT NULL AND call_status IS NULL AND leg_at_hangup IS NULL RETURNING dial_claim`, c.Mark, c.CallID)
	switch {
	case err != nil:
		return "", err
	case holder != c.Mark:
		return Claimed, nil
	}
	made, err := s.dialAttempts(ctx, tx, c.CallID)
	switch {
	case err != nil:
		return "", err
	case len(made) >= c.N && made[c.N-1].mark == c.Mark: // a lost reply of the database
		return Admitted, nil
	case len(made) != c.N-1 || c.N > 1 && made[c.N-2].EndedAt.IsZero():
		return Claimed, nil
	}
	if err := s.needLine(ctx, tx, c); err != nil {
		return "", err
	}
	_, err = s.exec(ctx, tx, `INSERT INTO dial_attempts (call_id, attempt, trunk_id, mark, started_at) VALUES (?, ?, ?, ?, ?)`,
		c.CallID, c.N, c.Trunk.ID, c.Mark, stamp(c.At))
	if err == nil {
		_, err = s.exec(ctx, tx, `UPDATE calls SET trunk_id = ?, did = ?, dial_prefix = ? WHERE call_id = ?`, c.Trunk.ID, c.DID, c.Trunk.Prefix, c.CallID)
	}
	return Admitted, err
}

// lockLines lets claims under a limit pass one after the other. The locks are taken in one order, so that no two claims wait for each
// other, and before the call's row, which outcomes lock.
func (s *Store) lockLines(ctx context.Context, tx *sqlx.Tx, c Claim) error {
	for _, l := range []struct {
		name   string
		limits call.Limits
	}{{"lines of all trunks", c.All}, {"lines of trunk " + c.Trunk.ID, c.Trunk.Limits}} {
		if l.limits == (call.Limits{}) {
			continue
		}
		if err := s.lockName(ctx, tx, l.name); err != nil {
			return err
		}
	}
	return nil
}

// needLine returns errNoLine when a limit has no room for one call more, or others wait for that room already.
func (s *Store) needLine(ctx context.Context, tx *sqlx.Tx, c Claim) error {
	for _, l := range []struct {
		trunkID string
		limits  call.Limits
	}{{"", c.All}, {c.Trunk.ID, c.Trunk.Limits}} {
		if l.limits == (call.Limits{}) {
			continue
		}
		taken, begun, err := s.lines(ctx, tx, l.trunkID, c.At)
		if err != nil {
			return err
		}
		if l.limits.Free(taken, begun) == 0 {
			return errNoLine
		}
	}
	return s.needTurn(ctx, tx, c)
}

// lines counts the lines that are taken, and the attempts of the last second; of all trunks for an empty id.
func (s *Store) lines(ctx context.Context, q sqlx.QueryerContext, trunkID string, at time.Time) (taken, begun int, err error) {
	of, args := "", []any{}
	if trunkID != "" {
		of, args = "trunk_id = ? AND ", []any{trunkID}
	}
	err = s.get(ctx, q, &taken, `SELECT (SELECT COUNT(*) FROM dial_attempts WHERE `+of+`released_at IS NULL)
		+ (SELECT COUNT(*) FROM dial_attempts WHERE `+of+`released_at > ?)`, slices.Concat(args, args, []any{stamp(at.Add(-lineGuard))})...)
	if err == nil {
		err = s.get(ctx, q, &begun, `SELECT COUNT(*) FROM dial_attempts WHERE `+of+`started_at > ?`, append(args, stamp(at.Add(-time.Second)))...)
	}
	return taken, begun, err
}

// EndAttempt writes down how an attempt ended, and gives its line back unless it was answered. Idempotent: the first end stays, and so
// does the first that knows whether a phone rang.
// ErrNotFound when there is no such attempt.
func (s *Store) EndAttempt(ctx context.Context, id call.ID, n int, d call.Dial) error {
	var released *stamp
	if d.State != call.DialAnswered {
		released = stampOf(&d.EndedAt)
	}
	var sip *int
	if d.SIPCode != 0 {
		sip = &d.SIPCode
	}
	rows, err := s.exec(ctx, s.write, `UPDATE dial_attempts SET state = CASE WHEN ended_at IS NULL THEN ? ELSE state END,
			sip_code = CASE WHEN ended_at IS NULL THEN ? ELSE sip_code END, rang = CASE WHEN ended_at IS NULL OR rang = '' THEN ? ELSE rang END,
			detail = CASE WHEN ended_at IS NULL THEN ? ELSE detail END,
			released_at = COALESCE(released_at, ?), ended_at = COALESCE(ended_at, ?) WHERE call_id = ? AND attempt = ?`,
		d.State, sip, d.Rang, clip(d.Detail, maxText), released, stamp(d.EndedAt), id, n)
	return found(rows, err, "end attempt of", id)
}

// releaseLines gives back what a call holds, in the transaction of its outcome.
func (s *Store) releaseLines(ctx context.Context, tx *sqlx.Tx, id call.ID) error {
	_, err := s.exec(ctx, tx, `UPDATE dial_attempts SET released_at = ? WHERE call_id = ? AND released_at IS NULL`, now(), id)
	return err
}

// madeAttempt is an attempt with what only this package needs.
type madeAttempt struct {
	call.Attempt
	mark string
}

// DialAttempts returns the attempts of a call's dial, in their order.
func (s *Store) DialAttempts(ctx context.Context, id call.ID) ([]call.Attempt, error) {
	made, err := s.dialAttempts(ctx, s.read, id)
	if err != nil {
		return nil, fmt.Errorf("list attempts of %s: %w", id, err)
	}
	attempts := make([]call.Attempt, len(made))
	for i, m := range made {
		attempts[i] = m.Attempt
	}
	return attempts, nil
}

func (s *Store) dialAttempts(ctx context.Context, q sqlx.QueryerContext, id call.ID) ([]madeAttempt, error) {
	var rows []struct {
		TrunkID   string         `db:"trunk_id"`
		Label     *string        `db:"label"` // nil: the trunk was removed
		Mark      string         `db:"mark"`
		State     call.DialState `db:"state"`
		SIPCode   *int           `db:"sip_code"`
		Rang      call.Rang      `db:"rang"`
		Detail    string         `db:"detail"`
		StartedAt stamp          `db:"started_at"`
		EndedAt   *stamp         `db:"ended_at"`
	}
	err := s.list(ctx, q, &rows, `SELECT a.trunk_id, t.label, a.mark, a.state, a.sip_code, a.rang, a.detail, a.started_at, a.ended_at
		FROM dial_attempts a LEFT JOIN trunks t ON t.trunk_id = a.trunk_id WHERE a.call_id = ? ORDER BY a.attempt LIMIT ?`, id, call.MaxAttempts)
	made := make([]madeAttempt, len(rows))
	for i, r := range rows {
		a := call.Attempt{Trunk: valueOf(r.Label), TrunkID: r.TrunkID, State: r.State, SIPCode: valueOf(r.SIPCode), Rang: r.Rang,
			StartedAt: time.Time(r.StartedAt), Detail: r.Detail}
		if r.EndedAt != nil {
			a.EndedAt = time.Time(*r.EndedAt)
		}
		made[i] = madeAttempt{a, r.Mark}
	}
	return made, err
}

// healLines gives back the lines of calls that are over, or never were: there should be none. It says how many there were.
func (s *Store) healLines(ctx context.Context) (int64, error) {
	n, err := s.exec(ctx, s.write, `UPDATE dial_attempts SET released_at = ? WHERE released_at IS NULL AND NOT EXISTS
		(SELECT 1 FROM calls c WHERE c.call_id = dial_attempts.call_id AND c.call_status IS NULL)`, now())
	if err != nil {
		return 0, fmt.Errorf("give back the lines of calls that are over: %w", err)
	}
	return n, nil
}

// purgeAttempts forgets the attempts of old calls, a page at a time.
func (s *Store) purgeAttempts(ctx context.Context, now time.Time) error {
	for {
		n, err := s.exec(ctx, s.write, `DELETE FROM dial_attempts WHERE (call_id, attempt) IN
			(SELECT call_id, attempt FROM dial_attempts WHERE started_at < ? ORDER BY started_at LIMIT ?)`, stamp(now.Add(-attemptKept)), maxPurge)
		if err != nil {
			return fmt.Errorf("forget old attempts: %w", err)
		}
		if n < maxPurge {
			return nil
		}
	}
}
