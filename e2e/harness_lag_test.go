package e2e_test

import (
	"sync"
	"time"
)

// lagMeter notes how late this process wakes up, which is how long a program waits for a core on this machine. A carrier's
// BYE and the product's end of a call lie several programs apart, so that a machine that is short of cores moves them
// apart without anybody being wrong.
type lagMeter struct {
	mu      sync.Mutex
	started bool
	seconds [60]struct {
		at    int64
		worst time.Duration
	}
}

// hops is how many programs work one after the other between a hang-up and what the carrier sees of it: api, Temporal,
// worker, LiveKit, LiveKit's SIP service.
const hops = 5

const lagTick = 20 * time.Millisecond

var machineLag lagMeter

// allowance is how far apart the moments of one event may lie in two books because the machine was short of cores in
// the last minute. On a machine that keeps up it is some 10 ms.
func (l *lagMeter) allowance() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	var worst time.Duration
	for _, s := range l.seconds {
		if time.Now().Unix()-s.at <= int64(len(l.seconds)) {
			worst = max(worst, s.worst)
		}
	}
	return hops * worst
}

// start begins to measure, once, for as long as the process lives.
func (l *lagMeter) start() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.started {
		return
	}
	l.started = true
	go func() {
		for due := time.Now().Add(lagTick); ; due = time.Now().Add(lagTick) {
			time.Sleep(lagTick)
			l.note(time.Since(due))
		}
	}()
}

func (l *lagMeter) note(late time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now().Unix()
	s := &l.seconds[now%int64(len(l.seconds))]
	if s.at != now {
		s.at, s.worst = now, 0
	}
	s.worst = max(s.worst, late)
}
