package agent

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Event is something that happened to the agent: placed, joined, connect, customer_joined, customer_ringing,
// customer_active, customer_hangup, customer_left, track, status, hangup, left, vanished, disconnected, status_failed or
// hangup_failed.
type Event struct {
	At     time.Time
	Name   string
	Detail string
}

// diary keeps events and wakes whoever waits for one.
type diary struct {
	mu     sync.Mutex
	events []Event
	more   chan struct{} // closed at the next event
}

func (d *diary) note(name, detail string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.events = append(d.events, Event{At: time.Now(), Name: name, Detail: detail})
	if d.more != nil {
		close(d.more)
		d.more = nil
	}
}

func (d *diary) all() []Event {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.events)
}

func (d *diary) await(ctx context.Context, name string) (Event, error) {
	for {
		e, more, ok := d.find(name)
		if ok {
			return e, nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return Event{}, fmt.Errorf("wait for %s: %w; so far: %v", name, ctx.Err(), d.names())
		}
	}
}

func (d *diary) find(name string) (Event, <-chan struct{}, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.events {
		if e.Name == name {
			return e, nil, true
		}
	}
	if d.more == nil {
		d.more = make(chan struct{})
	}
	return Event{}, d.more, false
}

func (d *diary) names() []string {
	var out []string
	for _, e := range d.all() {
		out = append(out, e.Name)
	}
	return out
}
