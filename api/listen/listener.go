package listen

import (
	"context"
	"time"

	"github.com/click2call/click2call/store"
)

// Listener is somebody who listens.
type Listener struct {
	owner   string
	events  chan Event
	slow    chan struct{}
	dropped bool // only the hub, under its lock, reads and writes it
}

// Events are the outcomes, in the order in which they were found.
func (l *Listener) Events() <-chan Event { return l.events }

// Slow is closed when the listener did not take its events in time: it gets no more of them, and must leave.
func (l *Listener) Slow() <-chan struct{} { return l.slow }

func (l *Listener) tell(e Event) {
	if l.dropped {
		return
	}
	select {
	case l.events <- e:
	default:
		l.dropped = true
		close(l.slow)
	}
}

// ResumeFrom is where a listener that has everything until a moment goes on: there, or [Rewind] ago.
func (h *Hub) ResumeFrom(since time.Time) time.Time {
	if oldest := h.now().Add(-Rewind); since.Before(oldest) {
		return oldest
	}
	return since
}

// Missed sends what was born since a moment, oldest first, in pages. Some of it the listener may have had, by the overlap of looks.
// It ends early, without an error, when send is false.
func (h *Hub) Missed(ctx context.Context, since time.Time, send func(Event) bool) error {
	after := store.DeliveryMark{CreatedAt: since.Add(-late)}
	for {
		marks, err := h.missedPage(ctx, after, send)
		if err != nil || len(marks) == 0 {
			return err
		}
		after = marks[len(marks)-1]
	}
}

func (h *Hub) missedPage(ctx context.Context, after store.DeliveryMark, send func(Event) bool) ([]store.DeliveryMark, error) {
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	marks, err := h.source.DeliveriesSince(ctx, after)
	ids := make([]string, len(marks))
	for i, m := range marks {
		ids[i] = m.EventID
	}
	var deliveries []store.Delivery
	if err == nil {
		deliveries, err = h.source.DeliveriesOf(ctx, ids)
	}
	cancel()
	for _, d := range deliveries {
		if !send(Event{Delivery: d, Seen: d.CreatedAt}) {
			return nil, nil
		}
	}
	return marks, err
}
