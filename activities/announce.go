package activities

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/webhook"
)

const (
	// announceEvery is how often it is looked for events, beside at once when one was sent.
	announceEvery = 400 * time.Millisecond
	// announceFor bounds a POST of an event, and announceLease is longer than it takes until what came of it is written down.
	announceFor   = 5 * time.Second
	announceLease = 15 * time.Second
	announceWrite = 5 * time.Second
	// announceAtOnce is how many events are posted at once to one endpoint. They have no lanes in common with outcomes, nor with each other.
	announceAtOnce = 10
	dropPage       = 1000
)

// announceWaits are the waits before the second attempt of an event, and so on; the last one repeats until the event is too old.
func announceWaits() []time.Duration {
	return []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second}
}

// EventOutbox is what announcing needs of the store.
type EventOutbox interface {
	EventEndpoints(ctx context.Context) ([]string, error)
	LeaseEvents(ctx context.Context, endpointID, by string, at time.Time, lasts time.Duration, limit int) ([]store.OutboxEvent, error)
	DeleteEvent(ctx context.Context, eventID string) error
	RetryEvent(ctx context.Context, eventID, by string, at time.Time) error
	DropEvents(ctx context.Context, at time.Time, limit int) (map[call.EventType]int, error)
	// Endpoint returns store.ErrNotFound for one that was removed.
	Endpoint(ctx context.Context, id string) (store.Endpoint, error)
}

// EventObserver counts events of calls under way and of trunks. It must be quick and safe for concurrent use.
type EventObserver interface {
	// Event is told of n attempts of a type: result is "sent", or "failed" when it may be tried again; and "dropped" when it was too old.
	Event(t call.EventType, result string, n int)
}

// Announcing posts the events of calls under way and of trunks, from rows: no workflow knows of them. Each worker has one. What a killed
// one had leased another takes 15 s later, under the same id and with the same bytes. A row that is too old is dropped and counted.
type Announcing struct {
	Outbox   EventOutbox
	Settings interface {
		Get(ctx context.Context) (store.Settings, error)
	}
	Sender interface {
		Send(ctx context.Context, r webhook.Request) webhook.Result
	}
	Observer EventObserver // nil: nobody counts
	Log      zerolog.Logger
	By       string // this process, among all that there are

	rates rates
	mu    sync.Mutex
	busy  map[string]int // POSTs under way, by endpoint
	again chan struct{}  // there may be more to do
	posts sync.WaitGroup
}

// Run works until ctx ends, and lets what is being posted come to its end.
func (a *Announcing) Run(ctx context.Context) {
	a.busy, a.again = map[string]int{}, make(chan struct{}, 1)
	defer a.posts.Wait()
	tick := time.NewTicker(announceEvery)
	defer tick.Stop()
	for {
		if err := a.round(ctx); err != nil && ctx.Err() == nil {
			a.Log.Warn().Err(err).Msg("cannot post events of calls under way; the next round tries again")
			pause(ctx, announceEvery)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-a.again:
		}
	}
}

// round begins to post what is due, and drops what is too old.
func (a *Announcing) round(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readFor)
	defer cancel()
	endpoints, err := a.Outbox.EventEndpoints(ctx)
	if err != nil || len(endpoints) == 0 {
		return err
	}
	settings, err := a.Settings.Get(ctx)
	if err != nil {
		return fmt.Errorf("read the settings: %w", err)
	}
	var failed []error
	for _, id := range endpoints {
		failed = append(failed, a.serve(ctx, id, !settings.WebhookHTTPSOnly))
	}
	dropped, err := a.Outbox.DropEvents(ctx, time.Now(), dropPage)
	for t, n := range dropped {
		a.observe(t, "dropped", n)
	}
	return errors.Join(append(failed, err)...)
}

// serve begins to post what is due to one endpoint, as far as it has POSTs left.
func (a *Announcing) serve(ctx context.Context, endpointID string, allowHTTP bool) error {
	free := announceAtOnce - a.underWay(endpointID, 0)
	if free <= 0 {
		return nil
	}
	endpoint, err := a.Outbox.Endpoint(ctx, endpointID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("read endpoint %s: %w", endpointID, err)
	case endpoint.State == store.EndpointPaused || endpoint.Health.Open():
		return nil
	}
	limiter := a.rates.of(endpoint.ID, endpoint.MaxPerSecond)
	events, err := a.Outbox.LeaseEvents(ctx, endpointID, a.By, time.Now(), announceLease, free)
	if err != nil {
		return err
	}
	for _, event := range events {
		if limiter != nil && !limiter.Allow() {
			if err := a.Outbox.RetryEvent(ctx, event.EventID, a.By, time.Now().Add(time.Second/time.Duration(endpoint.MaxPerSecond))); err != nil {
				return err
			}
			continue
		}
		a.underWay(endpointID, 1)
		a.posts.Go(func() {
			defer a.underWay(endpointID, -1)
			a.post(context.WithoutCancel(ctx), event, endpoint, allowHTTP)
		})
	}
	return nil
}

// underWay changes how many POSTs to an endpoint are under way, and returns it. One that has ended makes room for the next.
func (a *Announcing) underWay(endpointID string, change int) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	count(a.busy, endpointID, change)
	if change < 0 {
		select {
		case a.again <- struct{}{}:
		default:
		}
	}
	return a.busy[endpointID]
}

// post posts one event and writes down what came of it. The endpoint's breaker does not hear of it: a receiver that cannot digest what is
// told of a call under way must not have outcomes held back.
func (a *Announcing) post(ctx context.Context, event store.OutboxEvent, endpoint store.Endpoint, allowHTTP bool) {
	posting, cancel := context.WithTimeout(ctx, announceFor)
	r := RequestTo(endpoint, time.Now())
	r.EventID, r.Body, r.Attempt, r.AllowHTTP = event.EventID, event.Body, event.Attempts, allowHTTP
	result := a.Sender.Send(posting, r)
	cancel()
	writing, cancel := context.WithTimeout(ctx, announceWrite)
	defer cancel()
	var err error
	if result.Class == "" {
		a.observe(event.Type, "sent", 1)
		err = a.Outbox.DeleteEvent(writing, event.EventID)
	} else {
		a.observe(event.Type, "failed", 1)
		waits := announceWaits()
		wait := max(jitter(waits[min(event.Attempts, len(waits))-1]), min(result.RetryAfter, time.Minute))
		err = a.Outbox.RetryEvent(writing, event.EventID, a.By, time.Now().Add(wait))
	}
	if err != nil {
		a.Log.Warn().Err(err).Str("event_id", event.EventID).Msg("cannot write down what came of an event; it is posted again under the same id")
	}
}

func (a *Announcing) observe(t call.EventType, result string, n int) {
	if a.Observer != nil {
		a.Observer.Event(t, result, n)
	}
}
