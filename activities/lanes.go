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
