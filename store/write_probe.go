package store

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// probeAge is how long an answer to "can it write?" counts: however many ask, the database is asked once in it.
	probeAge = time.Second
	// probeTimeout bounds one question, and with it how old an answer is that somebody waits for.
	probeTimeout = 3 * time.Second
)

// writeProbe remembers when the database last wrote for us, or why it did not.
type writeProbe struct {
	mutex   sync.Mutex
	asked   time.Time
	err     error
	pending chan struct{} // closed when the question under way is answered; nil: none is
}

// Ping reports whether the database answers and, on PostgreSQL, takes writes: a standby and a server that was made read-only answer
// every question and keep no outcome. Use it for readiness. It asks once a second at most, whoever calls it how often; who calls it
// meanwhile gets the same answer. The migrations must have run.
func (s *Store) Ping(ctx context.Context) error {
	if s.target.dialect != dialectPostgres {
		return s.reach(ctx)
	}
	p := s.probe
	p.mutex.Lock()
	if p.pending == nil && time.Since(p.asked) < probeAge {
		defer p.mutex.Unlock()
		return p.err
	}
	pending := p.pending
	if pending == nil {
		pending = make(chan struct{})
		p.pending = pending
		// Apart from whoever asks: a request that is given up must not be an answer for the others.
		go s.askToWrite(context.WithoutCancel(ctx), pending)
	}
	p.mutex.Unlock()
	select {
	case <-pending:
		p.mutex.Lock()
		defer p.mutex.Unlock()
		return p.err
	case <-ctx.Done():
		return fmt.Errorf("write to the database: %w", ctx.Err())
	}
}

// askToWrite writes what is there already: a row that nobody else writes, but whoever changes the secret key.
func (s *Store) askToWrite(ctx context.Context, answered chan<- struct{}) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	_, err := s.exec(ctx, s.write, `UPDATE key_check SET sealed = sealed WHERE key_check_id = 1`)
	if err != nil {
		err = fmt.Errorf("write to the %s database: %w", s.target.dialect, err)
	}
	s.probe.mutex.Lock()
	defer s.probe.mutex.Unlock()
	s.probe.asked, s.probe.err, s.probe.pending = time.Now(), err, nil
	close(answered)
}
