package listen

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/click2call/click2call/store"
)

const (
	interval = time.Second
	lookFor  = 10 * time.Second
	// late is how long after the moment in it a row may be committed, on a worker whose clock may be another: looks overlap by as much.
	late = 30 * time.Second
	// Rewind is how far back a listener may resume.
	Rewind = time.Hour

	maxListeners = 50
	maxPerOwner  = 10
	// queued is how many events may wait for a listener.
	queued = 256
)

// ErrFull says that there are as many listeners as a process takes, in all or of one owner.
var ErrFull = errors.New("there are too many listeners")

// Source is where outcomes are found; *store.Store is one.
type Source interface {
	DeliveriesSince(ctx context.Context, after store.DeliveryMark) ([]store.DeliveryMark, error)
	DeliveriesOf(ctx context.Context, eventIDs []string) ([]store.Delivery, error)
}

// Event is one outcome for those who listen.
type Event struct {
	store.Delivery

	// Seen is when it was found, or born if that is long ago: who resumes from there misses nothing that came later.
	Seen time.Time
}

// Hub looks for everybody who listens. It is safe for concurrent use. Make one with [NewHub].
type Hub struct {
	source Source
	log    zerolog.Logger
	now    func() time.Time

	mu        sync.Mutex
	listeners map[*Listener]struct{}
	owners    map[string]int
	run       *run // nil while nobody listens
}

// run is the loop from the first listener's coming to the last one's leaving. Only the loop uses seen, and changes known.
type run struct {
	stop  context.CancelFunc
	began chan struct{}        // closed when everything that is older is known
	seen  map[string]time.Time // event ids, and when they were born
	known time.Time            // the latest look that went well began then; zero before the first one. Under the hub's lock
}

// NewHub returns a hub that nobody listens to.
func NewHub(source Source, log zerolog.Logger, now func() time.Time) *Hub {
	return &Hub{source: source, log: log, now: now, listeners: map[*Listener]struct{}{}, owners: map[string]int{}}
}

// Join begins to listen: what is born after it has returned will come. ErrFull when there are too many; an error of ctx when the
// database does not answer by then. Leave when done.
func (h *Hub) Join(ctx context.Context, owner string) (*Listener, error) {
	l, began, err := h.enter(owner)
	if err != nil {
		return nil, err
	}
	select {
	case <-began:
		return l, nil
	case <-ctx.Done():
		h.Leave(l)
		return nil, ctx.Err()
	}
}

func (h *Hub) enter(owner string) (*Listener, <-chan struct{}, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.listeners) >= maxListeners || h.owners[owner] >= maxPerOwner {
		return nil, nil, ErrFull
	}
	l := &Listener{owner: owner, events: make(chan Event, queued), slow: make(chan struct{})}
	h.listeners[l] = struct{}{}
	h.owners[owner]++
	if h.run == nil {
		ctx, stop := context.WithCancel(context.Background())
		h.run = &run{stop: stop, began: make(chan struct{}), seen: map[string]time.Time{}}
		go h.loop(ctx, h.run)
	}
	return l, h.run.began, nil
}

// Leave ends a listening. Idempotent.
func (h *Hub) Leave(l *Listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, in := h.listeners[l]; !in {
		return
	}
	delete(h.listeners, l)
	if h.owners[l.owner]--; h.owners[l.owner] == 0 {
		delete(h.owners, l.owner)
	}
	if len(h.listeners) == 0 {
		h.run.stop()
		h.run = nil
	}
}

func (h *Hub) loop(ctx context.Context, r *run) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if err := h.look(ctx, r); err != nil && ctx.Err() == nil {
			h.log.Warn().Err(err).Msg("cannot look for outcomes for those who listen; the next look finds them")
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// look hands on what no look before has seen. What the first one sees is from before anybody listened.
func (h *Hub) look(ctx context.Context, r *run) error {
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	began, from := h.now(), r.known
	if from.IsZero() {
		from = began
	}
	after := store.DeliveryMark{CreatedAt: from.Add(-late)}
	for {
		marks, err := h.source.DeliveriesSince(ctx, after)
		if err != nil {
			return err
		}
		if err := h.handOn(ctx, r, marks, began); err != nil {
			return err
		}
		if len(marks) == 0 {
			break
		}
		after = marks[len(marks)-1]
	}
	for id, born := range r.seen {
		if born.Before(began.Add(-2*late)) && born.Before(from.Add(-2*late)) {
			delete(r.seen, id)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.known.IsZero() {
		close(r.began)
	}
	r.known = began
	return nil
}

// Reached is a moment from which a listener that has taken everything may resume; zero when there is none, since something waits.
func (h *Hub) Reached(l *Listener) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.run == nil || len(l.events) > 0 || l.dropped {
		return time.Time{}
	}
	return h.run.known
}

// handOn reads those that nobody has seen. Before anybody listened they are only noted.
func (h *Hub) handOn(ctx context.Context, r *run, marks []store.DeliveryMark, at time.Time) error {
	var fresh []string
	for _, m := range marks {
		if _, known := r.seen[m.EventID]; known {
			continue
		}
		if r.known.IsZero() {
			r.seen[m.EventID] = m.CreatedAt
		} else {
			fresh = append(fresh, m.EventID)
		}
	}
	deliveries, err := h.source.DeliveriesOf(ctx, fresh)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, d := range deliveries {
		r.seen[d.EventID] = d.CreatedAt
		for l := range h.listeners {
			l.tell(Event{Delivery: d, Seen: at})
		}
	}
	return nil
}
