package eventproxy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	maxBody     = 1 << 20
	maxSeen     = 50_000
	sendTimeout = 15 * time.Second
	headTimeout = 10 * time.Second
)

// Fate is what becomes of an event on its way to the product. The zero Fate loses it.
type Fate struct {
	Copies int           // how often it is handed on
	Delay  time.Duration // before it is handed on; LiveKit is answered 200 at once, so that later events overtake it
	Hold   bool          // it is kept back until Release
}

// The usual fates.
var (
	Pass   = Fate{Copies: 1}
	Drop   = Fate{}
	Double = Fate{Copies: 2}
)

// Proxy receives LiveKit's events. Its methods may be called from any goroutine.
type Proxy struct {
	server   *http.Server
	listener net.Listener
	client   *http.Client
	running  sync.WaitGroup
	ctx      context.Context // ends with Close: late events die with the proxy
	stop     context.CancelFunc

	mu      sync.Mutex
	closed  bool
	targets []string
	rule    func(Event) Fate
	seen    []Event
	held    []Event
	changed chan struct{} // closed and replaced at every event
}

// Start listens on a free port of 127.0.0.1. Events pass until Behave says otherwise, and are lost until Forward says
// where to.
func Start(ctx context.Context) (*Proxy, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the event proxy: %w", err)
	}
	p := &Proxy{listener: ln, client: &http.Client{Timeout: sendTimeout}, changed: make(chan struct{}),
		rule: func(Event) Fate { return Pass }}
	p.ctx, p.stop = context.WithCancel(context.WithoutCancel(ctx))
	p.server = &http.Server{Handler: http.HandlerFunc(p.receive), ReadHeaderTimeout: headTimeout}
	p.running.Go(func() { _ = p.server.Serve(ln) }) // ends with Close, and says only that
	return p, nil
}

// URL is where LiveKit is to post its events.
func (p *Proxy) URL() string { return "http://" + p.listener.Addr().String() + "/" }

// Forward sets the product's webhook URLs. Each gets every event.
func (p *Proxy) Forward(urls ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.targets = urls
}

// Behave sets what becomes of each event from now on.
func (p *Proxy) Behave(rule func(Event) Fate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rule = rule
}

// Always is a rule that treats all events alike.
func Always(f Fate) func(Event) Fate { return func(Event) Fate { return f } }

// Close stops the proxy and loses what it still holds.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.stop()
	err := p.server.Close()
	p.running.Wait()
	return err
}

// Seen is every event that LiveKit sent, oldest first.
func (p *Proxy) Seen() []Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.seen)
}

// WaitFor returns the first event that match holds for, waiting for it as long as ctx lives.
func (p *Proxy) WaitFor(ctx context.Context, match func(Event) bool) (Event, error) {
	for {
		p.mu.Lock()
		changed, i := p.changed, slices.IndexFunc(p.seen, match)
		if i >= 0 {
			found := p.seen[i]
			p.mu.Unlock()
			return found, nil
		}
		p.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return Event{}, fmt.Errorf("wait for an event of LiveKit: %w", context.Cause(ctx))
		}
	}
}

// Release hands on the held events that match, oldest first, and says how many there were.
func (p *Proxy) Release(ctx context.Context, match func(Event) bool) (int, error) {
	p.mu.Lock()
	var out, kept []Event
	for _, e := range p.held {
		if match(e) {
			out = append(out, e)
		} else {
			kept = append(kept, e)
		}
	}
	p.held = kept
	p.mu.Unlock()
	var errs []error
	for _, e := range out {
		_, err := p.Send(ctx, e)
		errs = append(errs, err)
	}
	return len(out), errors.Join(errs...)
}

// Send posts an event to every product URL, whatever the rule is, and returns the worst status that it got.
func (p *Proxy) Send(ctx context.Context, e Event) (worst int, err error) {
	p.mu.Lock()
	targets := p.targets
	p.mu.Unlock()
	for _, url := range targets {
		status, err := p.post(ctx, url, e)
		if err != nil {
			return 0, err
		}
		worst = max(worst, status)
	}
	return worst, nil
}

func (p *Proxy) post(ctx context.Context, url string, e Event) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(e.Body))
	if err != nil {
		return 0, fmt.Errorf("hand on an event: %w", err)
	}
	for _, name := range []string{"Authorization", "Content-Type", "User-Agent"} {
		if v := e.Header.Get(name); v != "" {
			req.Header.Set(name, v)
		}
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("hand on an event: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody))
	return resp.StatusCode, nil
}

func (p *Proxy) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "cannot read the body; at most 1 MiB is taken", http.StatusRequestEntityTooLarge)
		return
	}
	e := newEvent(r.Header.Clone(), body)
	fate := p.judge(e)
	if fate.Hold || fate.Delay > 0 || fate.Copies == 0 {
		p.later(e, fate)
		return // 200: for LiveKit the event has arrived
	}
	status := http.StatusOK
	for range fate.Copies {
		got, err := p.Send(r.Context(), e)
		if err != nil {
			got = http.StatusBadGateway // LiveKit tries again, as it would without a proxy
		}
		status = max(status, got)
	}
	w.WriteHeader(status)
}

// judge writes the event down and applies the rule. Waiters wake when the event is in, not when it was handed on.
func (p *Proxy) judge(e Event) Fate {
	p.mu.Lock()
	defer p.mu.Unlock()
	fate := p.rule(e)
	if len(p.seen) < maxSeen {
		p.seen = append(p.seen, e)
	}
	if fate.Hold && len(p.held) < maxSeen {
		p.held = append(p.held, e)
	}
	close(p.changed)
	p.changed = make(chan struct{})
	return fate
}

func (p *Proxy) later(e Event, fate Fate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if fate.Hold || fate.Copies == 0 || p.closed {
		return
	}
	p.running.Go(func() {
		timer := time.NewTimer(fate.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-p.ctx.Done():
			return
		}
		for range fate.Copies {
			_, _ = p.Send(p.ctx, e) // nobody is there to hear of it: LiveKit got its 200
		}
	})
}
