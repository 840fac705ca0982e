package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

const (
	maxLists        = 100
	maxNumbersAtOne = 1000 // numbers in one statement: PostgreSQL takes 65,535 values, SQLite 32,766
)

// DoNotCallList is a list of numbers that must not be called.
type DoNotCallList struct {
	ID        string    `db:"list_id"`
	Name      string    `db:"name"`
	CreatedAt time.Time `db:"-"`
	Numbers   int64     `db:"numbers"` // as counted now
}

// DoNotCallEntry is one number of a list.
type DoNotCallEntry struct {
	Number    string // ten digits; only its hash is stored
	Reason    string // at most 128 characters
	ExpiresAt *time.Time
}

// DoNotCallLists returns all lists by name, at most 100, without counting their numbers.
func (s *Store) DoNotCallLists(ctx context.Context) ([]DoNotCallList, error) {
	var rows []struct {
		DoNotCallList
		Created stamp `db:"created_at"`
	}
	err := s.list(ctx, s.read, &rows, `SELECT list_id, name, created_at, 0 AS numbers FROM do_not_call_lists ORDER BY name LIMIT ?`, maxLists)
	if err != nil {
		return nil, fmt.Errorf("list do-not-call lists: %w", err)
	}
	lists := make([]DoNotCallList, len(rows))
	for i, r := range rows {
		lists[i] = r.DoNotCallList
		lists[i].CreatedAt = time.Time(r.Created)
	}
	return lists, nil
}

// CountDoNotCall counts the numbers of a list. Ten million take a second or two.
func (s *Store) CountDoNotCall(ctx context.Context, listID string) (n int64, err error) {
	if err = s.get(ctx, s.read, &n, `SELECT COUNT(*) FROM do_not_call WHERE list_id = ?`, listID); err != nil {
		return 0, fmt.Errorf("count do-not-call list %s: %w", listID, err)
	}
	return n, nil
}

// AddDoNotCallList makes an empty list. ErrConflict when there is one of that name, or there are 100.
func (s *Store) AddDoNotCallList(ctx context.Context, name string) (DoNotCallList, error) {
	name = strings.TrimSpace(name)
	if name == "" || len(name) > maxLabel {
		return DoNotCallList{}, fmt.Errorf("add do-not-call list: %w", invalid("the name must have 1 to %d characters", maxLabel))
	}
	l := DoNotCallList{ID: "dnc_" + rand.Text(), Name: name, CreatedAt: time.Now().UTC()}
	n, err := s.exec(ctx, s.write, `INSERT INTO do_not_call_lists (list_id, name, created_at) SELECT ?, ?, ?
		WHERE (SELECT COUNT(*) FROM do_not_call_lists) < ?`, l.ID, l.Name, stamp(l.CreatedAt), maxLists)
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: there are %d lists", ErrConflict, maxLists)
	}
	if err != nil {
		return DoNotCallList{}, fmt.Errorf("add do-not-call list: %w", err)
	}
	return l, nil
}

// DeleteDoNotCall takes numbers off a list, up to [maxNumbersAtOne] at once, and says how many were on it. With no numbers it takes
// off any of them: call it until it says 0, then [Store.DeleteDoNotCallList]. Idempotent.
func (s *Store) DeleteDoNotCall(ctx context.Context, listID string, numbers ...string) (n int64, err error) {
	query, args := `DELETE FROM do_not_call WHERE list_id = ? AND number_hash IN (
		SELECT number_hash FROM do_not_call WHERE list_id = ? LIMIT ?)`, []any{listID, listID, maxNumbersAtOne}
	if len(numbers) > 0 {
		if len(numbers) > maxNumbersAtOne {
			return 0, fmt.Errorf("take off do-not-call list: %w", invalid("there may be at most %d numbers", maxNumbersAtOne))
		}
		query, args = `DELETE FROM do_not_call WHERE list_id = ? AND number_hash IN (?`+strings.Repeat(", ?", len(numbers)-1)+`)`, []any{listID}
		for _, number := range numbers {
			hash, err := s.numberHash(ctx, number)
			if err != nil {
				return 0, fmt.Errorf("take off do-not-call list: %w", err)
			}
			args = append(args, hash)
		}
	}
	if n, err = s.exec(ctx, s.write, query, args...); err != nil {
		return 0, fmt.Errorf("take off do-not-call list: %w", err)
	}
	return n, nil
}

// DeleteDoNotCallList removes an empty list with the records of its imports. ErrConflict while numbers are on it, ErrNotFound when
// there is none.
func (s *Store) DeleteDoNotCallList(ctx context.Context, listID string) error {
	err := s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if _, err := s.exec(ctx, tx, `DELETE FROM do_not_call_imports WHERE list_id = ?`, listID); err != nil {
			return err
		}
		n, err := s.exec(ctx, tx, `DELETE FROM do_not_call_lists WHERE list_id = ?`, listID)
		return found(n, err, "delete do-not-call list", listID)
	})
	if err != nil {
		return fmt.Errorf("delete do-not-call list: %w", err)
	}
	return nil
}

// AddDoNotCall puts numbers on a list, at most 1,000 at once. A number that is on it gets the new reason and expiry. Idempotent.
// ErrConflict when there is no such list.
func (s *Store) AddDoNotCall(ctx context.Context, listID string, entries []DoNotCallEntry) error {
	if len(entries) == 0 {
		return nil
	}
	if len(entries) > maxNumbersAtOne {
		return fmt.Errorf("add to do-not-call list: %w", invalid("there may be at most %d numbers", maxNumbersAtOne))
	}
	key, err := s.numberKey(ctx)
	if err != nil {
		return fmt.Errorf("add to do-not-call list: %w", err)
	}
	last := map[string]DoNotCallEntry{} // one statement may not touch a row twice
	for _, e := range entries {
		last[e.Number] = e
	}
	var args []any
	added := now()
	for number, e := range last {
		args = append(args, hashNumber(key, number), listID, clip(e.Reason, maxLabel), added, stampOf(e.ExpiresAt))
	}
	_, err = s.exec(ctx, s.write, `INSERT INTO do_not_call (number_hash, list_id, reason, added_at, expires_at) VALUES (?, ?, ?, ?, ?)`+
		strings.Repeat(", (?, ?, ?, ?, ?)", len(last)-1)+
		` ON CONFLICT (number_hash, list_id) DO UPDATE SET reason = excluded.reason, expires_at = excluded.expires_at`, args...)
	if err != nil {
		return fmt.Errorf("add to do-not-call list: %w", err)
	}
	return nil
}
