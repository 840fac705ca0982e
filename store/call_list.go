package store

import (
	"context"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/click2call/click2call/call"
)

const (
	defaultPage = 50
	maxPage     = 200
	maxSpans    = 500 // a span for each day of the longest report
)

var numberSuffix = regexp.MustCompile(`^[0-9]{1,10}$`)

// Span is a stretch of time from Since to before Until.
type Span struct{ Since, Until time.Time }

// CallFilter chooses calls. Empty fields choose all.
type CallFilter struct {
	CaseID       string
	AgentID      string
	TrunkID      string
	Status       call.Status
	Live         bool // calls that have not ended
	CallStatus   call.CallStatus
	Reason       call.Reason
	SIPCode      int
	NumberSuffix string     // the last 1 to 10 digits of the customer's number
	Since, Until *time.Time // created at or after Since, before Until
	Within       []Span     // created in one of these, at most 500; nil is any time, and empty is never
	Cursor       string     // CallPage.Next of the page before
	Limit        int        // 1 to 200, 0 means 50
}

// CallPage is a page of calls, newest first. Next is empty on the last page.
type CallPage struct {
	Calls []call.Call
	Next  string
}

// ListCalls returns a page of accepted calls, newest first. Calls that come while somebody pages do not shift the
// pages. ErrBadCursor, and ErrBadFilter for a limit or a number suffix out of range.
func (s *Store) ListCalls(ctx context.Context, f CallFilter) (CallPage, error) {
	if f.Limit == 0 {
		f.Limit = defaultPage
	}
	if f.Limit < 1 || f.Limit > maxPage {
		return CallPage{}, fmt.Errorf("list calls: %w: limit must be 1 to %d", ErrBadFilter, maxPage)
	}
	where, args, err := f.where()
	if err != nil {
		return CallPage{}, fmt.Errorf("list calls: %w", err)
	}
	var rows []callRow
	from, first := f.from(s.target.dialect)
	err = s.list(ctx, s.read, &rows, `SELECT `+callColumns+` FROM `+from+` WHERE `+where+`
		ORDER BY created_at DESC, call_id DESC LIMIT ?`, append(append(first, args...), f.Limit+1)...)
	if err != nil {
		return CallPage{}, fmt.Errorf("list calls: %w", err)
	}
	var page CallPage
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		page.Next = cursorOf(rows[f.Limit-1])
	}
	page.Calls = make([]call.Call, len(rows))
	for i, r := range rows {
		page.Calls[i] = r.call()
	}
	return page, nil
}

// CountListed returns how many accepted calls a filter chooses, whatever its page, counting no further than most. The errors of ListCalls.
func (s *Store) CountListed(ctx context.Context, f CallFilter, most int) (n int, err error) {
	f.Cursor = ""
	where, args, err := f.where()
	if err != nil {
		return 0, fmt.Errorf("count calls: %w", err)
	}
	from, first := f.from(s.target.dialect)
	err = s.get(ctx, s.read, &n, `SELECT COUNT(*) FROM (SELECT 1 FROM `+from+` WHERE `+where+`
		ORDER BY created_at DESC, call_id DESC LIMIT ?) AS chosen`, append(append(first, args...), most)...)
	if err != nil {
		return 0, fmt.Errorf("count calls: %w", err)
	}
	return n, nil
}

// rareDigits is how many last digits few numbers share.
const rareDigits = 4

// from is where to look. PostgreSQL has an index of the digits backwards (00240), and would not use it: it takes every condition for one
// that the newest calls meet soon. OFFSET 0 keeps it from reading the calls in the order of the page. No digit comes after the colon.
func (f CallFilter) from(in dialect) (string, []any) {
	if in != dialectPostgres || len(f.NumberSuffix) < rareDigits {
		return "calls", nil
	}
	digits := []byte(f.NumberSuffix)
	slices.Reverse(digits)
	return `(SELECT * FROM calls WHERE accepted_at IS NOT NULL AND reverse(customer_number) COLLATE "C" >= ? AND reverse(customer_number) COLLATE "C" < ?
		OFFSET 0) AS calls`, []any{string(digits), string(digits) + ":"}
}

func (f CallFilter) where() (string, []any, error) {
	conditions, args := []string{"accepted_at IS NOT NULL"}, []any{}
	add := func(set bool, condition string, values ...any) {
		if set {
			conditions, args = append(conditions, condition), append(args, values...)
		}
	}
	if f.NumberSuffix != "" && !numberSuffix.MatchString(f.NumberSuffix) {
		return "", nil, fmt.Errorf("%w: the number suffix must be 1 to 10 digits", ErrBadFilter)
	}
	if len(f.Within) > maxSpans {
		return "", nil, fmt.Errorf("%w: at most %d spans of time can be looked into; choose a shorter range", ErrBadFilter, maxSpans)
	}
	at, id, err := parseCursor(f.Cursor)
	if err != nil {
		return "", nil, err
	}
	add(f.CaseID != "", "case_id = ?", f.CaseID)
	add(f.AgentID != "", "agent_id = ?", f.AgentID)
	add(f.TrunkID != "", "trunk_id = ?", f.TrunkID)
	add(f.Status != "", statusNow+" = ?", f.Status)
	add(f.CallStatus != "", "call_status = ?", f.CallStatus)
	add(f.Reason != "", "disconnect_reason = ?", f.Reason)
	// A live call's status alone would be looked for among all that ever were.
	add(f.Live || (f.Status != "" && f.Status != call.StatusEnded), "call_status IS NULL")
	add(f.SIPCode != 0, "sip_disconnect_code = ?", f.SIPCode)
	add(f.NumberSuffix != "", "customer_number LIKE ?", "%"+f.NumberSuffix)
	add(f.Since != nil, "created_at >= ?", stampOf(f.Since))
	add(f.Until != nil, "created_at < ?", stampOf(f.Until))
	add(f.Cursor != "", "(created_at, call_id) < (?, ?)", at, id)
	within, moments := within(f.Within)
	add(f.Within != nil, within, moments...)
	return strings.Join(conditions, " AND "), args, nil
}

func within(spans []Span) (condition string, args []any) {
	if len(spans) == 0 {
		return "1 = 0", nil
	}
	parts := make([]string, len(spans))
	for i, s := range spans {
		parts[i], args = "created_at >= ? AND created_at < ?", append(args, stamp(s.Since), stamp(s.Until))
	}
	return "(" + strings.Join(parts, " OR ") + ")", args
}

func cursorOf(r callRow) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s", time.Time(r.CreatedAt).UnixMicro(), r.ID))
}

func parseCursor(cursor string) (at stamp, id call.ID, err error) {
	if cursor == "" {
		return stamp{}, "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return stamp{}, "", ErrBadCursor
	}
	micros, rest, _ := strings.Cut(string(raw), " ")
	us, err := strconv.ParseInt(micros, 10, 64)
	id, ok := call.ParseID(rest)
	// The years that both databases can hold.
	if err != nil || !ok || us < 0 || us > time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro() {
		return stamp{}, "", ErrBadCursor
	}
	return stamp(time.UnixMicro(us)), id, nil
}
