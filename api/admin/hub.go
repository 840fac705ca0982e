package admin

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
)

const (
	hubInterval  = time.Second
	hubTimeout   = 10 * time.Second
	maxListeners = 500
)

// hub looks for everybody who listens: once a second, and not at all while nobody does. It is safe for concurrent use.
type hub struct {
	observe func(ctx context.Context, zones []*time.Location) (map[string]oapi.Overview, error)
	// withoutStore says how the installation does while observe fails.
	withoutStore func(ctx context.Context) oapi.SystemHealth

	mu        sync.Mutex
	listeners map[*listener]struct{}
	stop      context.CancelFunc // of the loop; nil while nobody listens
	fresh     chan struct{}      // somebody came: look now
}

// listener waits for the overview of its zone. What it was too slow to take is replaced by what is newer.
type listener struct {
	zone      *time.Location
	overviews chan []byte // JSON
	last      string      // what it was sent last, without the moment; only the loop reads it
}

func newHub(
	observe func(context.Context, []*time.Location) (map[string]oapi.Overview, error), withoutStore func(context.Context) oapi.SystemHealth,
) *hub {
	return &hub{observe: observe, withoutStore: withoutStore, listeners: map[*listener]struct{}{}, fresh: make(chan struct{}, 1)}
}

// join begins to listen; false when there are too many already. Leave when done.
func (h *hub) join(zone *time.Location) (*listener, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.listeners) >= maxListeners {
		return nil, false
	}
	l := &listener{zone: zone, overviews: make(chan []byte, 1)}
	h.listeners[l] = struct{}{}
	if h.stop == nil {
		var ctx context.Context
		ctx, h.stop = context.WithCancel(context.Background())
		go h.loop(ctx)
	}
	select {
	case h.fresh <- struct{}{}:
	default:
	}
	return l, true
}

func (h *hub) leave(l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.listeners, l)
	if len(h.listeners) == 0 && h.stop != nil {
		h.stop()
		h.stop = nil
	}
}

func (h *hub) loop(ctx context.Context) {
	ticker := time.NewTicker(hubInterval)
	defer ticker.Stop()
	known := map[string]oapi.Overview{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-h.fresh:
		}
		h.round(ctx, known)
	}
}

// round looks, and tells those for whom something changed. While the database is away it repeats what is known and says so.
func (h *hub) round(ctx context.Context, known map[string]oapi.Overview) {
	listening, zones := h.who()
	lookCtx, cancel := context.WithTimeout(ctx, hubTimeout)
	defer cancel()
	seen, err := h.observe(lookCtx, zones)
	if ctx.Err() != nil {
		return
	}
	for name, o := range seen {
		known[name] = o
	}
	var broken oapi.SystemHealth
	if err != nil {
		broken = h.withoutStore(ctx)
	}
	for _, l := range listening {
		o, ok := known[l.zone.String()]
		if !ok {
			continue // nothing was ever known for this zone
		}
		if err != nil {
			o.Health = broken
		}
		l.tell(o)
	}
}

func (h *hub) who() (listening []*listener, zones []*time.Location) {
	h.mu.Lock()
	defer h.mu.Unlock()
	seen := map[string]bool{}
	for l := range h.listeners {
		listening = append(listening, l)
		if name := l.zone.String(); !seen[name] {
			seen[name] = true
			zones = append(zones, l.zone)
		}
	}
	return listening, zones
}

// tell hands an overview on unless nothing but the moment changed.
func (l *listener) tell(o oapi.Overview) {
	at := o.At
	o.At = time.Time{}
	essence, err := json.Marshal(o)
	if err != nil || string(essence) == l.last {
		return
	}
	l.last = string(essence)
	o.At = at
	data, err := json.Marshal(o)
	if err != nil {
		return
	}
	select {
	case <-l.overviews: // too slow for this one
	default:
	}
	l.overviews <- data // only the loop sends, so there is room
}
