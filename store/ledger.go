package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/click2call/click2call/call"
)

// LedgerSums are what must add up: accepted = outcomes + live, and outcomes = acknowledged + waiting + parked + dead.
type LedgerSums struct {
	Accepted     int // calls that /click2call answered with 200
	Live         int
	Outcomes     int
	Acknowledged int // their webhook was answered 2xx
	Waiting      int // tried on
	Parked       int // held back while the webhook URL fails or is paused
	Dead         int
	Missing      int // outcomes without a delivery: always 0, because both are written in one transaction
}

// Balanced reports whether nothing is lost.
func (l LedgerSums) Balanced() bool {
	return l.Accepted == l.Outcomes+l.Live && l.Missing == 0 && l.Outcomes == l.Acknowledged+l.Waiting+l.Parked+l.Dead
}

// LedgerSums are those of the calls created in the quarter of an hour of since, or later. They cost the same however many calls
// there are. Not balanced is also a call that was changed beside the product.
func (s *Store) LedgerSums(ctx context.Context, since time.Time) (LedgerSums, error) {
	sums, live, err := s.sumsSince(ctx, since)
	if err != nil {
		return LedgerSums{}, fmt.Errorf("add up the ledger: %w", err)
	}
	l := LedgerSums{
		Accepted: sums[sumAccepted], Live: live,
		Outcomes:     sums[string(call.Answered)] + sums[string(call.NotAnswered)] + sums[string(call.Failed)],
		Acknowledged: sums[string(DeliveryDelivered)], Waiting: sums[string(DeliveryPending)], Parked: sums[string(DeliveryParked)],
		Dead: sums[string(DeliveryDead)],
	}
	l.Missing = max(0, l.Outcomes-l.Acknowledged-l.Waiting-l.Parked-l.Dead)
	return l, nil
}

// LiveBefore returns the ids of calls that were accepted before a moment and have no outcome, in the order of their ids,
// beginning after one of them (empty: with the first), at most limit.
func (s *Store) LiveBefore(ctx context.Context, accepted time.Time, after call.ID, limit int) ([]call.ID, error) {
	var ids []call.ID
	err := s.list(ctx, s.read, &ids, `SELECT call_id FROM calls WHERE accepted_at IS NOT NULL AND call_status IS NULL
		AND call_id > ? AND accepted_at < ? ORDER BY call_id LIMIT ?`, after, stamp(accepted), limit)
	if err != nil {
		return nil, fmt.Errorf("list live calls: %w", err)
	}
	return ids, nil
}

// WaitingDelivery is a delivery that somebody must be at work on.
type WaitingDelivery struct {
	EventID string  `db:"event_id"`
	CallID  call.ID `db:"call_id"`
}

// WaitingBefore returns the deliveries that came to be before a moment, are pending, and are not being posted, oldest first, at
// most limit. Parked ones need no workflow: see [Store.WaitingEndpoints].
func (s *Store) WaitingBefore(ctx context.Context, created time.Time, limit int) ([]WaitingDelivery, error) {
	var all []WaitingDelivery
	err := s.list(ctx, s.read, &all, `SELECT event_id, call_id FROM deliveries WHERE state = 'pending' AND created_at < ?
		AND (lease_until IS NULL OR lease_until < ?) ORDER BY created_at, call_id LIMIT ?`, stamp(created), now(), limit)
	if err != nil {
		return nil, fmt.Errorf("list waiting deliveries: %w", err)
	}
	return all, nil
}

// OverdueAfter is how long after its time an attempt must have been made and written down. One that begins on time is done long
// before: it may take fifteen seconds.
const OverdueAfter = time.Minute

// OverdueDeliveries counts the deliveries, of any age, whose attempt was due [OverdueAfter] before a moment or earlier and has not
// been made. Parked ones are not among them: no attempt of theirs is due.
func (s *Store) OverdueDeliveries(ctx context.Context, at time.Time) (n int, err error) {
	err = s.get(ctx, s.read, &n, `SELECT COUNT(*) FROM deliveries WHERE state = 'pending' AND next_attempt_at < ?`, stamp(at.Add(-OverdueAfter)))
	if err != nil {
		return 0, fmt.Errorf("count overdue deliveries: %w", err)
	}
	return n, nil
}

// LedgerCheck is what one check against Temporal found and did.
type LedgerCheck struct {
	At                time.Time
	CallsChecked      int      // live calls
	DeliveriesChecked int      // waiting and parked deliveries
	CallsEnded        int      // calls whose workflow was gone, and that got their outcome
	DeliveriesStarted int      // deliveries whose workflow was gone, and was started again
	Unresolved        []string // ids of calls and events that could not be healed, at most 100

	CallsEndedTotal, DeliveriesStartedTotal int // since the beginning; read only
}

// MaxUnresolved is how many ids of what could not be healed are kept.
const MaxUnresolved = 100

// KeepLedgerCheck keeps the latest check, and adds what it healed to the totals. Not idempotent: the totals may count a check
// twice whose activity was run twice.
func (s *Store) KeepLedgerCheck(ctx context.Context, c LedgerCheck) error {
	unresolved, err := json.Marshal(append([]string{}, c.Unresolved[:min(len(c.Unresolved), MaxUnresolved)]...))
	if err != nil {
		return fmt.Errorf("keep the ledger's check: %w", err)
	}
	_, err = s.exec(ctx, s.write, `INSERT INTO ledger (ledger_id, checked_at, calls_checked, deliveries_checked, calls_ended,
			deliveries_started, unresolved, calls_ended_total, deliveries_started_total)
		VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (ledger_id) DO UPDATE SET checked_at = excluded.checked_at, calls_checked = excluded.calls_checked,
			deliveries_checked = excluded.deliveries_checked, calls_ended = excluded.calls_ended,
			deliveries_started = excluded.deliveries_started, unresolved = excluded.unresolved,
			calls_ended_total = ledger.calls_ended_total + excluded.calls_ended,
			deliveries_started_total = ledger.deliveries_started_total + excluded.deliveries_started`,
		stamp(c.At), c.CallsChecked, c.DeliveriesChecked, c.CallsEnded, c.DeliveriesStarted, string(unresolved), c.CallsEnded, c.DeliveriesStarted)
	if err != nil {
		return fmt.Errorf("keep the ledger's check: %w", err)
	}
	return nil
}

// LedgerCheck returns the latest check. ErrNotFound before the first one.
func (s *Store) LedgerCheck(ctx context.Context) (LedgerCheck, error) {
	var r struct {
		At                     stamp  `db:"checked_at"`
		CallsChecked           int    `db:"calls_checked"`
		DeliveriesChecked      int    `db:"deliveries_checked"`
		CallsEnded             int    `db:"calls_ended"`
		DeliveriesStarted      int    `db:"deliveries_started"`
		Unresolved             string `db:"unresolved"`
		CallsEndedTotal        int    `db:"calls_ended_total"`
		DeliveriesStartedTotal int    `db:"deliveries_started_total"`
	}
	err := s.get(ctx, s.read, &r, `SELECT checked_at, calls_checked, deliveries_checked, calls_ended, deliveries_started, unresolved,
		calls_ended_total, deliveries_started_total FROM ledger WHERE ledger_id = 1`)
	if err != nil {
		return LedgerCheck{}, fmt.Errorf("read the ledger's check: %w", err)
	}
	c := LedgerCheck{At: time.Time(r.At), CallsChecked: r.CallsChecked, DeliveriesChecked: r.DeliveriesChecked, CallsEnded: r.CallsEnded,
		DeliveriesStarted: r.DeliveriesStarted, CallsEndedTotal: r.CallsEndedTotal, DeliveriesStartedTotal: r.DeliveriesStartedTotal}
	if err := json.Unmarshal([]byte(r.Unresolved), &c.Unresolved); err != nil {
		return LedgerCheck{}, fmt.Errorf("read the ledger's check: %w", err)
	}
	return c, nil
}

// LiveByStatus counts the calls that live now.
func (s *Store) LiveByStatus(ctx context.Context) (map[call.Status]int, error) {
	var rows []struct {
		Status call.Status `db:"status"`
		N      int         `db:"n"`
	}
	err := s.list(ctx, s.read, &rows, `SELECT `+statusNow+` AS status, COUNT(*) AS n FROM calls
		WHERE accepted_at IS NOT NULL AND call_status IS NULL GROUP BY 1`)
	if err != nil {
		return nil, fmt.Errorf("count live calls: %w", err)
	}
	live := map[call.Status]int{}
	for _, r := range rows {
		live[r.Status] = r.N
	}
	return live, nil
}
