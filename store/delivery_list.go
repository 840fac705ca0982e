package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/click2call/click2call/call"
)

// DeliveryFilter chooses deliveries. Empty fields choose all.
type DeliveryFilter struct {
	States       []DeliveryState
	CallStatuses []call.CallStatus // of the call
	TrunkID      string            // of the call
	EndpointID   string
	Answer       DeliveryAnswer // of the latest attempt, which failed
	Search       string         // a call id, an event id or a case id
	Since, Until *time.Time     // created at or after Since, before Until
	Cursor       string         // DeliveryPage.Next of the page before
	Limit        int            // 1 to 200, 0 means 50
}

// ListedDelivery is a delivery without its body, and what a list says of its call.
type ListedDelivery struct {
	Delivery

	CaseID         string
	CustomerNumber string
	CallStatus     call.CallStatus
}

// DeliveryPage is a page of deliveries, newest first. Next is empty on the last page.
type DeliveryPage struct {
	Deliveries []ListedDelivery
	Next       string
}

// ListDeliveries returns a page of deliveries, newest first. ErrBadCursor, and ErrBadFilter for a limit out of range.
func (s *Store) ListDeliveries(ctx context.Context, f DeliveryFilter) (DeliveryPage, error) {
	if f.Limit == 0 {
		f.Limit = defaultPage
	}
	if f.Limit < 1 || f.Limit > maxPage {
		return DeliveryPage{}, fmt.Errorf("list deliveries: %w: limit must be 1 to %d", ErrBadFilter, maxPage)
	}
	where, args, err := f.where()
	if err != nil {
		return DeliveryPage{}, fmt.Errorf("list deliveries: %w", err)
	}
	var rows []struct {
		deliveryRow

		CaseID         string           `db:"case_id"`
		CustomerNumber string           `db:"customer_number"`
		CallStatus     *call.CallStatus `db:"call_status"`
	}
	// CROSS JOIN tells SQLite to begin with the deliveries, newest first: from a trunk's calls it would sort all of theirs for a page.
	err = s.list(ctx, s.read, &rows, `SELECT d.event_id, d.call_id, d.endpoint_id, d.state, d.automatic_attempts, d.replay_attempts, d.probe_attempts,
			d.schedule_from, d.created_at, d.next_attempt_at,
			d.delivered_at, d.last_status, d.last_error, d.last_class, c.case_id, c.customer_number, c.call_status
		FROM deliveries d CROSS JOIN calls c WHERE c.call_id = d.call_id AND `+where+`
		ORDER BY d.created_at DESC, d.call_id DESC LIMIT ?`, append(args, f.Limit+1)...)
	if err != nil {
		return DeliveryPage{}, fmt.Errorf("list deliveries: %w", err)
	}
	var page DeliveryPage
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		last := rows[f.Limit-1]
		page.Next = cursorOf(callRow{ID: last.CallID, CreatedAt: last.CreatedAt})
	}
	page.Deliveries = make([]ListedDelivery, len(rows))
	for i, r := range rows {
		page.Deliveries[i] = ListedDelivery{Delivery: r.delivery(), CaseID: r.CaseID, CustomerNumber: r.CustomerNumber, CallStatus: valueOf(r.CallStatus)}
	}
	return page, nil
}

func (f DeliveryFilter) where() (string, []any, error) {
	conditions, args := []string{"1 = 1"}, []any{}
	add := func(set bool, condition string, values ...any) {
		if set {
			conditions, args = append(conditions, condition), append(args, values...)
		}
	}
	at, id, err := parseCursor(f.Cursor)
	if err != nil {
		return "", nil, err
	}
	if len(f.States) > 0 {
		in, values := inStates(f.States)
		add(true, in, values...)
	}
	if len(f.CallStatuses) > 0 {
		in, values := oneOf("c.call_status", f.CallStatuses)
		add(true, in, values...)
	}
	add(f.EndpointID != "", "d.endpoint_id = ?", f.EndpointID)
	if f.Answer != "" {
		condition, values := f.Answer.where()
		add(true, condition, values...)
	}
	if f.Search != "" {
		condition, values := searchFor(f.Search)
		add(true, condition, values...)
	}
	add(f.TrunkID != "", "c.trunk_id = ?", f.TrunkID)
	add(f.Since != nil, "d.created_at >= ?", stampOf(f.Since))
	add(f.Until != nil, "d.created_at < ?", stampOf(f.Until))
	add(f.Cursor != "", "(d.created_at, d.call_id) < (?, ?)", at, id)
	return strings.Join(conditions, " AND "), args, nil
}

// inStates is the condition that a delivery is in one of some states. Nearly all deliveries are delivered: asked for with
// others, they are what is left when the rest is not, or SQLite would collect and sort them all for a page.
func inStates(states []DeliveryState) (string, []any) {
	if len(states) == 1 || !slices.Contains(states, DeliveryDelivered) {
		return oneOf("d.state", states)
	}
	rest := slices.DeleteFunc([]DeliveryState{DeliveryPending, DeliveryParked, DeliveryDead}, func(s DeliveryState) bool { return slices.Contains(states, s) })
	if len(rest) == 0 {
		return "1 = 1", nil
	}
	in, args := oneOf("d.state", rest)
	return "NOT " + in, args
}
