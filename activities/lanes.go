package activities

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// DefaultLanes is how many attempts a process makes at once. The only endpoint may have all of them, one of several three quarters;
	// where several want them each gets an equal share.
	DefaultLanes = 200
	// laneQueue is how many attempts to one endpoint wait for a lane, and laneWait for how long. What is more waits as a row:
	// an attempt that waits holds a worker's slot.
	laneQueue = 100
	laneWait  = 5 * time.Second
	// maxLaneQueue is for those whose number is bounded elsewhere: drains and bulk replays.
	maxLaneQueue = 10_000
)

// errNoLane says that as many attempts are under way, and wait, as may be.
var errNoLane = errors.New("as many attempts are under way as may be")

// lanes bounds the attempts under way, and shares them among the endpoints. The zero value is ready.
type lanes struct {
	mu      sync.Mutex
	all     int
	inUse   map[string]int
	waiting map[string]int
	known   map[string]bool // endpoints that ever wanted one; there are a hundred at most, and those that were removed
	freed   chan struct{}   // closed when a lane was given back
}

// enter takes one of most lanes, and waits for one until ctx ends; leave gives it back. errNoLane when queue attempts to the
// endpoint wait already, or ctx ended.
func (l *lanes) enter(ctx context.Context, endpointID string, most, queue int) (leave func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inUse == nil {
		l.inUse, l.waiting, l.known, l.freed = map[string]int{}, map[string]int{}, map[string]bool{}, make(chan struct{})
	}
	l.known[endpointID] = true
	if !l.free(endpointID, most) {
		if l.waiting[endpointID] >= queue {
			return nil, errNoLane
		}
		if err := l.wait(ctx, endpointID, most); err != nil {
			return nil, err
		}
	}
	l.all++
	l.inUse[endpointID]++
	return sync.OnceFunc(func() { l.leave(endpointID) }), nil
}

// free reports whether an endpoint may have one more lane: there is one, and the endpoint has not had its share, or nobody
// else wants it. Where there are several endpoints none has the last quarter: one that hangs must not hold up another until a lane is free.
func (l *lanes) free(endpointID string, most int) bool {
	if l.all >= most || len(l.known) > 1 && l.inUse[endpointID] >= most-most/4 {
		return false
	}
	wanting := map[string]bool{endpointID: true}
	for id := range l.waiting {
		wanting[id] = true
	}
	for id := range l.inUse {
		wanting[id] = true
	}
	othersWait := len(l.waiting)
	if _, mine := l.waiting[endpointID]; mine {
		othersWait--
	}
	return othersWait == 0 || l.inUse[endpointID] < max(1, most/len(wanting))
}

// wait is called with the lock, and returns with it.
func (l *lanes) wait(ctx context.Context, endpointID string, most int) error {
	l.waiting[endpointID]++
	defer func() { count(l.waiting, endpointID, -1) }()
	for !l.free(endpointID, most) {
		freed := l.freed
		l.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
		}
		l.mu.Lock()
		if ctx.Err() != nil {
			return errNoLane
		}
	}
	return nil
}

func (l *lanes) leave(endpointID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	count(l.inUse, endpointID, -1)
	close(l.freed)
	l.freed = make(chan struct{})
}

// count keeps no zeros.
func count(of map[string]int, id string, change int) {
	if of[id] += change; of[id] == 0 {
		delete(of, id)
	}
}

// watchSureFor is how long a watch that was started is taken to run. It ends by itself only when nobody is parked any more
// for its hold; this is about one that an operator ended.
const watchSureFor = time.Minute

// watches remembers the watches that were started last: when a CRM is down, every call's outcome asks for the same one, and
// Temporal's server pays for each start as for a new workflow. The zero value is ready.
type watches struct {
	mu   sync.Mutex
	last map[string]startedWatch // by endpoint
}

type startedWatch struct {
	hold int
	at   time.Time
}

// once starts a watch unless it was started a moment ago.
func (w *watches) once(p Watchpoint, start func(Watchpoint) error) error {
	w.mu.Lock()
	last, known := w.last[p.EndpointID]
	w.mu.Unlock()
	if known && last.hold == p.Hold && time.Since(last.at) < watchSureFor {
		return nil
	}
	if err := start(p); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last == nil {
		w.last = map[string]startedWatch{}
	}
	w.last[p.EndpointID] = startedWatch{hold: p.Hold, at: time.Now()}
	return nil
}
