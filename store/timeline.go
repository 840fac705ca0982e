package store

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

// A call's timeline is bounded. AppendEntry, which a browser can cause, leaves room for the story that the end writes.
const (
	maxTimeline = 500
	maxAppended = 400

	maxEntryName   = 64   // bytes
	maxEntryDetail = 1024 // bytes
)

// AppendEntry adds a line to a call's timeline. When the timeline is full (400 lines before the end of the call writes
// its own, 500 in all) it does nothing. Not idempotent. ErrNotFound for an unknown call.
func (s *Store) AppendEntry(ctx context.Context, id call.ID, e call.Entry) error {
	err := s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		return s.appendEntries(ctx, tx, id, []call.Entry{e}, maxAppended)
	})
	if err != nil {
		return fmt.Errorf("append to timeline of %s: %w", id, err)
	}
	return nil
}

// appendEntries adds as many entries as fit below limit. The UPDATE locks the call's row, so two appends never get the
// same number.
func (s *Store) appendEntries(ctx context.Context, tx *sqlx.Tx, id call.ID, entries []call.Entry, limit int) error {
	var count int
	err := s.get(ctx, tx, &count, `UPDATE calls SET timeline_count = timeline_count
		WHERE call_id = ? AND accepted_at IS NOT NULL RETURNING timeline_count`, id)
	if err != nil {
		return err
	}
	entries = entries[:min(len(entries), max(0, limit-count))]
	if len(entries) == 0 {
		return nil
	}
	args := make([]any, 0, 6*len(entries))
	for i, e := range entries {
		args = append(args, id, count+i+1, stamp(e.At), e.Source, clip(e.Name, maxEntryName), clip(e.Detail, maxEntryDetail))
	}
	_, err = s.exec(ctx, tx, `INSERT INTO call_timeline (call_id, n, at, source, name, detail) VALUES (?, ?, ?, ?, ?, ?)`+
		strings.Repeat(`, (?, ?, ?, ?, ?, ?)`, len(entries)-1), args...)
	if err != nil {
		return err
	}
	_, err = s.exec(ctx, tx, `UPDATE calls SET timeline_count = ? WHERE call_id = ?`, count+len(entries), id)
	return err
}

// Timeline returns what happened in a call, oldest first. Empty for an unknown call.
func (s *Store) Timeline(ctx context.Context, id call.ID) ([]call.Entry, error) {
	var rows []struct {
		At     stamp       `db:"at"`
		Source call.Source `db:"source"`
		Name   string      `db:"name"`
		Detail string      `db:"detail"`
	}
	err := s.list(ctx, s.read, &rows, `SELECT at, source, name, detail FROM call_timeline
		WHERE call_id = ? ORDER BY at, n LIMIT ?`, id, maxTimeline)
	if err != nil {
		return nil, fmt.Errorf("read timeline of %s: %w", id, err)
	}
	entries := make([]call.Entry, len(rows))
	for i, r := range rows {
		entries[i] = call.Entry{At: time.Time(r.At), Source: r.Source, Name: r.Name, Detail: r.Detail}
	}
	return entries, nil
}

// clip cuts s to at most limit bytes, between characters. PostgreSQL stores neither NUL nor broken UTF-8.
func clip(s string, limit int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
