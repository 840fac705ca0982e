package carrier

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// defaultMaxCalls bounds the books; the oldest call is forgotten first.
	defaultMaxCalls = 100_000
	maxListed       = 1000
)

// books remembers calls. Every change wakes those who wait for one.
type books struct {
	max int

	mu       sync.Mutex
	order    []*record // oldest first
	byID     map[string]*record
	byNumber map[string][]*record // by the last ten digits
	changed  chan struct{}        // closed and replaced at every change
}

type record struct {
	call  Call
	key   string       // of the last INVITE transaction: CSeq and branch
	media func() Media // nil when no media runs; call.Media then holds the last word
}

func (r *record) snapshot() Call {
	c := r.call
	if r.media != nil {
		c.Media = r.media()
	}
	return c
}

func newBooks(max int) *books {
	b := &books{max: max, changed: make(chan struct{})}
	b.clear()
	return b
}

func (b *books) clear() {
	b.order = nil
	b.byID = map[string]*record{}
	b.byNumber = map[string][]*record{}
}

// invited notes an INVITE and reports whether it is a retransmission of one that was seen before.
func (b *books) invited(c Call, key string) (again bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.wake()
	if r := b.byID[c.ID]; r != nil {
		if r.key == key {
			r.call.Retransmissions++
			return true
		}
		r.key, r.call.State, r.call.FinalCode = key, c.State, 0
		r.call.Why, r.call.DownAt = c.Why, c.DownAt
		r.call.Invites++
		return false
	}
	c.Invites = 1
	b.add(&record{call: c, key: key})
	return false
}

func (b *books) add(r *record) {
	for len(b.order) >= b.max {
		b.forgetOldest()
	}
	n := lastDigits(r.call.Number)
	b.order = append(b.order, r)
	b.byID[r.call.ID] = r
	b.byNumber[n] = append(b.byNumber[n], r)
}

func (b *books) forgetOldest() {
	r := b.order[0]
	b.order[0] = nil
	b.order = b.order[1:]
	delete(b.byID, r.call.ID)
	n := lastDigits(r.call.Number)
	if rest := b.byNumber[n][1:]; len(rest) > 0 { // the oldest of all is the oldest of its number
		b.byNumber[n] = rest
	} else {
		delete(b.byNumber, n)
	}
}

// update changes a call. A call that was forgotten stays forgotten.
func (b *books) update(id string, change func(*Call)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r := b.byID[id]; r != nil {
		change(&r.call)
		b.wake()
	}
}

// listen sets where a call's media numbers are read from while it runs; nil keeps the last ones.
func (b *books) listen(id string, media func() Media) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.byID[id]
	if r == nil {
		return
	}
	if media == nil && r.media != nil {
		r.call.Media = r.media()
	}
	r.media = media
	b.wake()
}

// touch wakes the waiters: media numbers moved.
func (b *books) touch() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wake()
}

func (b *books) wake() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// watch returns a channel that is closed at the next change.
func (b *books) watch() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changed
}

func (b *books) one(id string) (Call, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.byID[id]
	if r == nil {
		return Call{}, false
	}
	return r.snapshot(), true
}

// list returns the newest limit calls that keep accepts, oldest first.
func (b *books) list(limit int, keep func(Call) bool) []Call {
	b.mu.Lock()
	defer b.mu.Unlock()
	return pick(b.order, limit, keep)
}

// number returns the book of one number: of exactly ten digits the calls whose last ten digits they are, of more the
// calls that dialed exactly those.
func (b *books) number(n string) NumberBook {
	b.mu.Lock()
	defer b.mu.Unlock()
	same := dialed(n)
	book := NumberBook{Number: n, List: pick(b.byNumber[lastDigits(n)], maxListed, same)}
	for _, r := range b.byNumber[lastDigits(n)] {
		if !same(r.call) {
			continue
		}
		book.Calls++
		book.Invites += r.call.Invites
		book.Retransmissions += r.call.Retransmissions
		if r.call.State != StateDown {
			book.Up++
		}
	}
	return book
}

// reset forgets the calls that are over. Lines in use stay visible: hiding one would hide a leak.
func (b *books) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	old := b.order
	b.clear()
	for _, r := range old {
		if r.call.State != StateDown {
			b.add(r)
		}
	}
	b.wake()
}

// wait returns the first call to number that ok accepts, now or later.
func (b *books) wait(ctx context.Context, number string, ok func(Call) bool) (Call, error) {
	for {
		changed := b.watch()
		book := b.number(number)
		for _, c := range book.List {
			if ok(c) {
				return c, nil
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Call{}, fmt.Errorf("wait for a call among %d to that number: %w; look at GET /calls", book.Calls, ctx.Err())
		}
	}
}

func pick(from []*record, limit int, keep func(Call) bool) []Call {
	kept := make([]Call, 0, min(limit, len(from)))
	for i := len(from) - 1; i >= 0 && len(kept) < limit; i-- {
		if c := from[i].snapshot(); keep(c) {
			kept = append(kept, c)
		}
	}
	for i, j := 0, len(kept)-1; i < j; i, j = i+1, j-1 {
		kept[i], kept[j] = kept[j], kept[i]
	}
	return kept
}

func dialed(n string) func(Call) bool {
	return func(c Call) bool { return c.Number == n || len(n) <= numberDigits && lastDigits(c.Number) == n }
}

func anyCall(Call) bool { return true }

func inUse(c Call) bool { return c.State != StateDown }

// down frees the line; the first reason stays.
func (c *Call) down(why string) {
	if c.State != StateDown {
		c.State, c.Why, c.DownAt = StateDown, why, now()
	}
}

func now() time.Time { return time.Now().UTC() }
