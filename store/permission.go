package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

const (
	frequencyDay  = 24 * time.Hour
	frequencyWeek = 7 * frequencyDay
)

// Permission says whether a number may be called at a moment. The preview, /click2call, /connect and the dial ask it. An empty purpose
// is the rules' default. It costs one statement while no rule is set, three otherwise.
func (s *Store) Permission(ctx context.Context, number string, p call.Purpose, at time.Time) (call.Permission, error) {
	rules, err := s.PermissionRules(ctx)
	if err != nil {
		return call.Permission{}, err
	}
	if p == "" {
		p = rules.DefaultPurpose
	}
	q := call.PermissionQuestion{At: at, Purpose: p}
	if rules.Version > 0 {
		standing, err := s.Standing(ctx, number, at)
		if err != nil {
			return call.Permission{}, err
		}
		q.List, q.Day, q.Week = standing.List, standing.Day, standing.Week
	}
	return rules.Ask(q), nil
}

// PermitDial decides once more, in the moment of the dial, and counts the dial when it is allowed: of calls that are dialed at once no
// more pass than the limits allow. Idempotent: a call that was counted is permitted by the limits when it asks again.
func (s *Store) PermitDial(ctx context.Context, c call.Call, at time.Time) (call.Permission, error) {
	rules, err := s.PermissionRules(ctx)
	if err != nil {
		return call.Permission{}, err
	}
	if c.Purpose == "" {
		c.Purpose = rules.DefaultPurpose
	}
	standing, err := s.Standing(ctx, c.CustomerNumber, at)
	if err != nil {
		return call.Permission{}, err
	}
	answer := rules.Ask(call.PermissionQuestion{At: at, Purpose: c.Purpose, List: standing.List})
	if !answer.Allowed() {
		return answer, nil
	}
	counted, err := s.CountDial(ctx, c.ID, c.CustomerNumber, at, rules.LimitFor(c.Purpose))
	if err != nil || counted {
		return answer, err
	}
	if standing, err = s.Standing(ctx, c.CustomerNumber, at); err != nil { // now with those that were dialed meanwhile
		return call.Permission{}, err
	}
	return rules.Ask(call.PermissionQuestion{At: at, Purpose: c.Purpose, Day: standing.Day, Week: standing.Week}), nil
}

// Listed is the entry of a number in one do-not-call list.
type Listed struct {
	ListID    string
	List      string // its name
	Reason    string
	AddedAt   time.Time
	ExpiresAt *time.Time // nil: never
}

// ListedOn returns the entries of a number that hold at a moment, by the names of their lists.
func (s *Store) ListedOn(ctx context.Context, number string, at time.Time) ([]Listed, error) {
	hash, err := s.numberHash(ctx, number)
	if err != nil {
		return nil, fmt.Errorf("look a number up: %w", err)
	}
	var rows []struct {
		ListID  string `db:"list_id"`
		Name    string `db:"name"`
		Reason  string `db:"reason"`
		Added   stamp  `db:"added_at"`
		Expires *stamp `db:"expires_at"`
	}
	err = s.list(ctx, s.read, &rows, `SELECT d.list_id, l.name, d.reason, d.added_at, d.expires_at FROM do_not_call d
		JOIN do_not_call_lists l ON l.list_id = d.list_id
		WHERE d.number_hash = ? AND (d.expires_at IS NULL OR d.expires_at > ?) ORDER BY d.list_id LIMIT ?`, hash, stamp(at), maxLists)
	if err != nil {
		return nil, fmt.Errorf("look a number up in the do-not-call lists: %w", err)
	}
	listed := make([]Listed, len(rows))
	for i, r := range rows {
		listed[i] = Listed{ListID: r.ListID, List: r.Name, Reason: r.Reason, AddedAt: time.Time(r.Added)}
		if r.Expires != nil {
			expires := time.Time(*r.Expires)
			listed[i].ExpiresAt = &expires
		}
	}
	slices.SortFunc(listed, func(a, b Listed) int { return strings.Compare(a.List, b.List) })
	return listed, nil
}

// Standing is what the store knows of a number, for the rules of permission.
type Standing struct {
	List      string // the do-not-call list that it is on; empty: none
	Reason    string // why, as the list says
	Day, Week int    // calls dialed to it in the 24 hours and the 7 days before the moment that was asked for
}

// Standing returns what is known of a number at a moment. It costs two look-ups by primary key.
func (s *Store) Standing(ctx context.Context, number string, at time.Time) (st Standing, err error) {
	hash, err := s.numberHash(ctx, number)
	if err != nil {
		return Standing{}, fmt.Errorf("look a number up: %w", err)
	}
	var listed struct {
		Name   string `db:"name"`
		Reason string `db:"reason"`
	}
	err = s.get(ctx, s.read, &listed, `SELECT l.name, d.reason FROM do_not_call d JOIN do_not_call_lists l ON l.list_id = d.list_id
		WHERE d.number_hash = ? AND (d.expires_at IS NULL OR d.expires_at > ?) ORDER BY d.list_id LIMIT 1`, hash, stamp(at))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Standing{}, fmt.Errorf("look a number up in the do-not-call lists: %w", err)
	}
	var dialed struct {
		Day  int `db:"day"`
		Week int `db:"week"`
	}
	err = s.get(ctx, s.read, &dialed, `SELECT COALESCE(SUM(CASE WHEN dialed_at > ? THEN 1 ELSE 0 END), 0) AS day, COUNT(*) AS week
		FROM dialed_numbers WHERE number_hash = ? AND dialed_at > ?`, stamp(at.Add(-frequencyDay)), hash, stamp(at.Add(-frequencyWeek)))
	if err != nil {
		return Standing{}, fmt.Errorf("count the calls to a number: %w", err)
	}
	return Standing{List: listed.Name, Reason: listed.Reason, Day: dialed.Day, Week: dialed.Week}, nil
}

// CountDial counts a call to a number, unless there are as many as f allows already, and reports whether it did. A limit of 0 is
// none. Idempotent: a call counts once, and stays counted. Two calls at once to one number are counted one after the other.
func (s *Store) CountDial(ctx context.Context, id call.ID, number string, at time.Time, f call.Frequency) (counted bool, err error) {
	hash, err := s.numberHash(ctx, number)
	if err != nil {
		return false, fmt.Errorf("count the call %s: %w", id, err)
	}
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if err := s.lockName(ctx, tx, string(hash)); err != nil {
			return err
		}
		n, err := s.exec(ctx, tx, `INSERT INTO dialed_numbers (number_hash, call_id, dialed_at) SELECT ?, ?, ?
			WHERE (? = 0 OR (SELECT COUNT(*) FROM dialed_numbers WHERE number_hash = ? AND dialed_at > ? AND call_id <> ?) < ?)
			AND (? = 0 OR (SELECT COUNT(*) FROM dialed_numbers WHERE number_hash = ? AND dialed_at > ? AND call_id <> ?) < ?)
			ON CONFLICT (number_hash, call_id) DO UPDATE SET dialed_at = dialed_numbers.dialed_at`,
			hash, id, stamp(at),
			f.PerDay, hash, stamp(at.Add(-frequencyDay)), id, f.PerDay,
			f.PerWeek, hash, stamp(at.Add(-frequencyWeek)), id, f.PerWeek)
		counted = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("count the call %s: %w", id, err)
	}
	return counted, nil
}

// purgeDialedNumbers forgets dials that no limit looks at any more, a page at a time.
func (s *Store) purgeDialedNumbers(ctx context.Context, now time.Time) error {
	for {
		n, err := s.exec(ctx, s.write, `DELETE FROM dialed_numbers WHERE (number_hash, call_id) IN
			(SELECT number_hash, call_id FROM dialed_numbers WHERE dialed_at < ? ORDER BY dialed_at LIMIT ?)`,
			stamp(now.Add(-frequencyWeek)), maxPurge)
		if err != nil {
			return fmt.Errorf("forget old dials of numbers: %w", err)
		}
		if n < maxPurge {
			return nil
		}
	}
}

// permissionText is a decision as the call's row keeps it.
func permissionText(p *call.Permission) *string {
	if p == nil {
		return nil
	}
	text, err := json.Marshal(p)
	if err != nil {
		return nil // it has no field that could fail
	}
	return textOrNull(string(text))
}

// permissionOf reads it back; nil when there is none, or it was written by a version that says it in another way.
func permissionOf(text *string) *call.Permission {
	var p call.Permission
	if text == nil || json.Unmarshal([]byte(*text), &p) != nil {
		return nil
	}
	return &p
}

func textOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
