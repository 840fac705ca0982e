package activities

import (
	"sync"
	"time"
)

const (
	// DefaultPerEndpoint is how many attempts a process makes at once to one endpoint: half of what its worker runs, so that
	// a slow endpoint leaves room for the others.
	DefaultPerEndpoint = 100
	// busyWait is how long an attempt waits, without holding a worker's slot, for its endpoint's turn.
	busyWait = 4 * time.Second
)

// watchSureFor is how long a watch that was started is taken to run. It ends by itself only when nobody is parked any more
// for its hold; this is about one that an operator ended.
const watchSureFor = time.Minute

// watches remembers the watch that was started last: when a CRM is down, every call's delivery asks for the same one, and
// Temporal's server pays for each start as for a new workflow. The zero value is ready.
type watches struct {
	mu       sync.Mutex
	endpoint string
	hold     int
	at       time.Time
}

// once starts a watch unless it was started a moment ago.
func (w *watches) once(p Watchpoint, start func(Watchpoint) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.endpoint == p.EndpointID && w.hold == p.Hold && time.Since(w.at) < watchSureFor {
		return nil
	}
	if err := start(p); err != nil {
		return err
	}
	w.endpoint, w.hold, w.at = p.EndpointID, p.Hold, time.Now()
	return nil
}

// lanes counts the attempts under way to each endpoint. The zero value is ready.
type lanes struct {
	mu    sync.Mutex
	inUse map[string]int
}

// enter takes a place and reports whether there was one; leave gives it back.
func (l *lanes) enter(endpointID string, most int) (leave func(), ok bool) {
	if most == 0 {
		most = DefaultPerEndpoint
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inUse[endpointID] >= most {
		return nil, false
	}
	if l.inUse == nil {
		l.inUse = map[string]int{}
	}
	l.inUse[endpointID]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.inUse[endpointID]--; l.inUse[endpointID] == 0 {
			delete(l.inUse, endpointID)
		}
	}, true
}
