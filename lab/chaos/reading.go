package chaos

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"github.com/click2call/click2call/lab/world"
)

// reading is where the books are.
type reading struct {
	w        *world.World
	calls    []*madeCall
	carriers []trunkOf
	strict   bool
}

// settle waits until the books agree, or their time is up, and returns them as they are then. It tells what they wait for
// whenever that becomes less. Help, unless nil, is called now and then.
func (r reading) settle(ctx context.Context, help func(context.Context), tell func(left int, first Finding)) (Books, error) {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	helped := time.Now()
	for last := 0; ; {
		if help != nil && time.Since(helped) > ledgerEvery {
			help(ctx)
			helped = time.Now()
		}
		b, err := r.books(context.WithoutCancel(ctx))
		left := b.Findings()
		if err == nil && len(left) == 0 || ctx.Err() != nil {
			return b, err
		}
		if len(left) != last && len(left) > 0 {
			last = len(left)
			tell(last, left[0])
		}
		sleep(ctx, lookEvery)
	}
}

// books reads all books.
func (r reading) books(ctx context.Context) (Books, error) {
	w, calls := r.w, r.calls
	b := Books{Asked: len(calls)}
	lines := map[string][]Line{}
	for _, t := range r.carriers {
		for _, l := range t.carrier.Calls() {
			lines[l.From] = append(lines[l.From], Line{l, t.name})
		}
	}
	reads := rate.NewLimiter(readsPerSecond, 1)
	for _, c := range calls {
		mine := slices.Concat(lines[c.DID], lines[c.DID[1:]])
		if c.id == "" {
			b.Lines = append(b.Lines, mine...)
			continue
		}
		e := Entry{Call: c.String(), Accepted: c.accepted, Webhooks: w.CRM.ForCall(c.id), Lines: mine}
		if len(r.carriers) > 0 && r.carriers[0].id != "" {
			e.Agent = c.Agent // one call at once
		}
		if err := reads.Wait(ctx); err != nil {
			return b, fmt.Errorf("read the records: %w", err)
		}
		reading, cancel := context.WithTimeout(ctx, 5*time.Second)
		_ = c.agent.Record(reading, &e.Record) // what cannot be read has no outcome
		cancel()
		b.Entries = append(b.Entries, e)
	}
	for _, r := range w.CRM.Received() {
		if !slices.ContainsFunc(calls, func(c *madeCall) bool { return c.id == r.CallID }) {
			b.Webhooks = append(b.Webhooks, r)
		}
	}
	rooms, err := w.Rooms(ctx)
	b.Rooms = rooms
	if err != nil {
		return b, err
	}
	b.Carriers, err = r.carrierBooks(ctx, lines)
	return b, err
}

// carrierBooks pairs the carriers' books with the product's own of its attempts, where there are limits.
func (r reading) carrierBooks(ctx context.Context, lines map[string][]Line) ([]CarrierBook, error) {
	if r.carriers[0].id == "" {
		return nil, nil
	}
	attempts, err := readAttempts(ctx, r.w.Servers.DatabaseURL())
	if err != nil {
		return nil, err
	}
	var books []CarrierBook
	for _, t := range r.carriers {
		b := CarrierBook{Name: t.name, Limits: t.limits, Strict: r.strict}
		made := map[string]Attempt{}
		for _, a := range attempts {
			if a.Trunk != t.id {
				continue
			}
			made[a.CallID] = a
			if a.Released.IsZero() {
				b.Held = append(b.Held, a)
			}
		}
		for _, c := range r.calls {
			for _, l := range slices.Concat(lines[c.DID], lines[c.DID[1:]]) {
				if l.At == t.name {
					b.Dials = append(b.Dials, Dial{l, made[c.id]})
				}
			}
		}
		books = append(books, b)
	}
	return books, nil
}
