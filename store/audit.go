package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// AuditEntry says who did what to what, when and from where. It holds no secret and no phone number.
type AuditEntry struct {
	ID       int64
	At       time.Time
	UserID   string // empty when nobody was logged in
	UserName string // stays when the user is deleted
	Action   string
	Target   string
	Detail   string
	Address  string
}

type auditRow struct {
	ID       int64  `db:"audit_id"`
	At       stamp  `db:"at"`
	UserID   string `db:"user_id"`
	UserName string `db:"user_name"`
	Action   string `db:"action"`
	Target   string `db:"target"`
	Detail   string `db:"detail"`
	Address  string `db:"address"`
}

// AuditFilter chooses audit entries. Empty fields choose all.
type AuditFilter struct {
	UserName, Action string
	Since, Until     *time.Time
	Cursor           string // AuditPage.Next of the page before
	Limit            int    // 1 to 200, 0 means 50
}

// AuditPage is a page of the audit log, newest first. Next is empty on the last page.
type AuditPage struct {
	Entries []AuditEntry
	Next    string
}

// AppendAudit adds an entry to the audit log. What is too long is cut. Not idempotent.
func (s *Store) AppendAudit(ctx context.Context, e AuditEntry) error {
	_, err := s.exec(ctx, s.write, `INSERT INTO audit_log (at, user_id, user_name, action, target, detail, address)
		VALUES (?, ?, ?, ?, ?, ?, ?)`,
		stamp(e.At), clip(e.UserID, maxLabel), clip(e.UserName, maxLabel), clip(e.Action, maxLabel), clip(e.Target, maxText),
		clip(e.Detail, maxText), clip(e.Address, maxLabel))
	if err != nil {
		return fmt.Errorf("append to the audit log: %w", err)
	}
	return nil
}

// AuditLog returns a page of the audit log. ErrBadCursor, and ErrBadFilter for a limit out of range.
func (s *Store) AuditLog(ctx context.Context, f AuditFilter) (AuditPage, error) {
	if f.Limit == 0 {
		f.Limit = defaultPage
	}
	if f.Limit < 1 || f.Limit > maxPage {
		return AuditPage{}, fmt.Errorf("list audit log: %w: limit must be 1 to %d", ErrBadFilter, maxPage)
	}
	conditions, args := []string{"1 = 1"}, []any{}
	add := func(set bool, condition string, value any) {
		if set {
			conditions, args = append(conditions, condition), append(args, value)
		}
	}
	before, err := strconv.ParseInt(f.Cursor, 10, 64)
	if f.Cursor != "" && err != nil {
		return AuditPage{}, fmt.Errorf("list audit log: %w", ErrBadCursor)
	}
	add(f.Cursor != "", "audit_id < ?", before)
	add(f.UserName != "", "user_name = ?", f.UserName)
	add(f.Action != "", "action = ?", f.Action)
	add(f.Since != nil, "at >= ?", stampOf(f.Since))
	add(f.Until != nil, "at < ?", stampOf(f.Until))
	var rows []auditRow
	err = s.list(ctx, s.read, &rows, `SELECT audit_id, at, user_id, user_name, action, target, detail, address FROM audit_log
		WHERE `+strings.Join(conditions, " AND ")+` ORDER BY audit_id DESC LIMIT ?`, append(args, f.Limit+1)...)
	if err != nil {
		return AuditPage{}, fmt.Errorf("list audit log: %w", err)
	}
	var page AuditPage
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		page.Next = strconv.FormatInt(rows[f.Limit-1].ID, 10)
	}
	page.Entries = make([]AuditEntry, len(rows))
	for i, r := range rows {
		page.Entries[i] = AuditEntry{
			ID: r.ID, At: time.Time(r.At), UserID: r.UserID, UserName: r.UserName, Action: r.Action, Target: r.Target,
			Detail: r.Detail, Address: r.Address,
		}
	}
	return page, nil
}
