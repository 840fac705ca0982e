package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

const maxWebhook = 1 << 20

// receiver is a CRM that takes every webhook, unless it is told to fail, and remembers when each call's first one came.
type receiver struct {
	server   *http.Server
	listener net.Listener

	mu      sync.Mutex
	came    map[string]time.Time
	waiting map[string]chan struct{}
	failing bool
	refused []time.Time // when the webhooks came that it did not take
}

func newReceiver(ctx context.Context) (*receiver, error) {
	r := &receiver{came: map[string]time.Time{}, waiting: map[string]chan struct{}{}}
	var err error
	if r.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("start the webhooks' receiver: %w", err)
	}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = r.server.Serve(r.listener) }() // ends with Close, and says only that
	return r, nil
}

func (r *receiver) close() { _ = r.server.Close() }

func (r *receiver) url() string { return "http://" + r.listener.Addr().String() + "/hook" }

// ServeHTTP implements http.Handler.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	at := time.Now()
	var body struct {
		CallID string `json:"call_id"`
	}
	if err := json.NewDecoder(io.LimitReader(req.Body, maxWebhook)).Decode(&body); err != nil {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	if r.failing {
		status := http.StatusServiceUnavailable
		if len(r.refused) == 0 {
			status = http.StatusGone // holds all others back at once
		}
		r.refused = append(r.refused, at)
		r.mu.Unlock()
		http.Error(w, "down", status)
		return
	}
	if _, again := r.came[body.CallID]; !again {
		r.came[body.CallID] = at
		if w := r.waiting[body.CallID]; w != nil {
			close(w)
			delete(r.waiting, body.CallID)
		}
	}
	r.mu.Unlock()
	w.WriteHeader(http.StatusOK)
}

// await returns when the call's webhook came. One goroutine a call may wait.
func (r *receiver) await(ctx context.Context, callID string) (time.Time, error) {
	r.mu.Lock()
	at, here := r.came[callID]
	arrival := make(chan struct{})
	if !here {
		r.waiting[callID] = arrival
	}
	r.mu.Unlock()
	if here {
		return at, nil
	}
	select {
	case <-arrival:
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.came[callID], nil
	case <-ctx.Done():
		return at, fmt.Errorf("wait for the webhook of %s: %w", callID, context.Cause(ctx))
	}
}

// fail makes it answer once 410 and then 503, or 200 again.
func (r *receiver) fail(failing bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failing, r.refused = failing, nil
}

// forgetRefused forgets what was refused before the last one.
func (r *receiver) forgetRefused() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused = r.refused[max(0, len(r.refused)-1):]
}

// lateness is by how much each refused webhook came later than a probe's wait after the one before it.
func (r *receiver) lateness() []time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	var late []time.Duration
	for i := 1; i < len(r.refused); i++ {
		late = append(late, r.refused[i].Sub(r.refused[i-1])-probeWait)
	}
	return late
}

// span waits until all the calls' webhooks have come, and returns when the first and the last of them did.
func (r *receiver) span(ctx context.Context, ids []string) (first, last time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, drainWithin)
	defer cancel()
	for _, id := range ids {
		at, err := r.await(ctx, id)
		if err != nil {
			return first, last, err
		}
		if first.IsZero() || at.Before(first) {
			first = at
		}
		if at.After(last) {
			last = at
		}
	}
	return first, last, nil
}
