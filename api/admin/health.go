package admin

import (
	"context"
	"net/url"
	"sync"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/health"
	"github.com/click2call/click2call/store"
)

const (
	// pingAge is how old the word on a server may be. Many look at the overview; LiveKit and Temporal need not notice.
	pingAge = 5 * time.Second
	// workAge is how old the word on the workers and on the ledger may be: both cost several requests.
	workAge = 15 * time.Second

	healthTimeout = time.Second
)

// watched remembers how every part did last. It is safe for concurrent use; who comes while another asks waits for that answer.
type watched struct {
	livekit, temporal remembered[health.Answer]
	ledger            remembered[health.Ledger]
	workers           remembered[health.Workers]

	mu          sync.Mutex
	facts       health.Facts // the latest that were read whole
	storeFailed time.Time    // when the store began to fail; zero: it answers
}

// remembered is an answer that is asked for again when it is too old.
type remembered[T any] struct {
	mu      sync.Mutex
	askedAt time.Time
	answer  T
}

// get asks with the answer before. It outlives the request that asks: a client that hangs up says nothing about LiveKit.
func (r *remembered[T]) get(ctx context.Context, age time.Duration, ask func(context.Context, T) T) T {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.askedAt) >= age {
		r.answer = ask(context.WithoutCancel(ctx), r.answer)
		r.askedAt = time.Now()
	}
	return r.answer
}

// facts gathers what is known of every part.
func (a *API) facts(ctx context.Context, deliveries store.DeliveryCounts) (health.Facts, error) {
	f := health.Facts{Waiting: deliveries.Waiting, Dead: deliveries.Dead}
	trunks, err := a.Store.Trunks(ctx)
	if err != nil {
		return f, err
	}
	records, err := a.Store.TrunkRecords(ctx, time.Now().Add(-trunkPast))
	if err != nil {
		return f, err
	}
	for _, t := range trunks {
		f.Trunks = append(f.Trunks, health.Trunk{Trunk: t, TrunkRecord: records[t.ID]})
	}
	if f.Faults, err = a.Store.DialFaults(ctx); err != nil {
		return f, err
	}
	endpoints, err := a.Store.Endpoints(ctx)
	if err != nil {
		return f, err
	}
	for _, e := range endpoints {
		f.Endpoints = append(f.Endpoints, health.Endpoint{ID: e.ID, Host: hostOf(e.URL), Paused: e.State == store.EndpointPaused, Health: e.Health})
	}
	f.Ledger = a.watched.ledger.get(ctx, workAge, a.ledgerFacts)
	a.servers(ctx, &f)
	a.watched.mu.Lock()
	defer a.watched.mu.Unlock()
	a.watched.facts, a.watched.storeFailed = f, time.Time{}
	return f, nil
}

// withoutStore judges by what was known before the store began to fail, and by the others that answer now.
func (a *API) withoutStore(ctx context.Context) oapi.SystemHealth {
	a.watched.mu.Lock()
	if a.watched.storeFailed.IsZero() {
		a.watched.storeFailed = time.Now()
	}
	f := a.watched.facts
	f.Store = health.Answer{Failed: true, Since: a.watched.storeFailed}
	a.watched.mu.Unlock()
	f.Ledger.Known = false
	a.servers(ctx, &f)
	return healthView(health.Judge(f))
}

// servers asks those that are not the store.
func (a *API) servers(ctx context.Context, f *health.Facts) {
	f.At = time.Now()
	f.LiveKit = a.watched.livekit.get(ctx, pingAge, pinged(a.LiveKit))
	f.Temporal = a.watched.temporal.get(ctx, pingAge, pinged(a.Workflows))
	f.Workers = a.watched.workers.get(ctx, workAge, func(ctx context.Context, _ health.Workers) health.Workers {
		ctx, cancel := context.WithTimeout(ctx, healthTimeout)
		defer cancel()
		w, err := a.Workflows.Work(ctx, a.TemporalNamespace)
		return health.Workers{Known: err == nil, Polling: w.Pollers, Backlog: w.Backlog, WatchStopped: !w.Watching, WatchLate: w.Late}
	})
}

func (a *API) ledgerFacts(ctx context.Context, _ health.Ledger) health.Ledger {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	l, err := a.ledger(ctx, ledgerHours)
	if err != nil {
		return health.Ledger{}
	}
	known := health.Ledger{Known: true, Balanced: l.Balanced, Overdue: l.Overdue}
	brake, err := a.Store.LedgerBrake(ctx)
	if err != nil {
		return health.Ledger{}
	}
	if brake.HeldSince != nil {
		known.Held, known.HeldSince = brake.Gone, *brake.HeldSince
	}
	if l.LastCheck != nil {
		known.Unresolved, known.CheckedAt = len(l.LastCheck.Unresolved), l.LastCheck.At
	}
	return known
}

// pinged asks a server, and stops waiting after healthTimeout even if the server's client does not.
func pinged(p Pinger) func(context.Context, health.Answer) health.Answer {
	return func(ctx context.Context, before health.Answer) health.Answer {
		ctx, cancel := context.WithTimeout(ctx, healthTimeout)
		defer cancel()
		done := make(chan error, 1)
		go func() { done <- p.Ping(ctx) }()
		select {
		case err := <-done:
			if err == nil {
				return health.Answer{}
			}
		case <-ctx.Done():
		}
		if before.Failed {
			return before
		}
		return health.Answer{Failed: true, Since: time.Now()}
	}
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

func healthView(r health.Report) oapi.SystemHealth {
	view := oapi.SystemHealth{State: string(r.State), Parts: make([]oapi.HealthPart, len(r.Parts))}
	for i, p := range r.Parts {
		view.Parts[i] = oapi.HealthPart{
			Part: string(p.Kind), ID: p.ID, Name: p.Name, State: string(p.State), Since: p.Since, What: p.What, Means: p.Means,
		}
		if p.Action != nil {
			view.Parts[i].Action = &oapi.HealthAction{Kind: string(p.Action.Kind), Target: p.Action.Target, Label: p.Action.Label}
		}
	}
	return view
}
