package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/click2call/click2call/bench/bare"
	"github.com/click2call/click2call/bench/fakelivekit"
)

const (
	lifeWithin = 30 * time.Second // of one whole life; longer is an error
	// fakeRings is how long a phone of the fake LiveKit rings.
	fakeRings = 100 * time.Millisecond
)

// liver is one subject of whole lives a second: life is one whole call, timed from the beat at which it was due to its webhook,
// without ringing and talk.
type liver struct {
	name string
	life func(ctx context.Context, due time.Time) (time.Duration, error)

	steps []step
	why   string // the steps ended
}

// step is what one rate gave.
type step struct {
	rate  float64
	lives []time.Duration // from the request to the webhook, the talk taken off
}

// lives raises the rate of whole calls (place, connect, answered, hung up, delivered) until the first error, or until the p95
// has doubled. The media would end first on this machine, so LiveKit is a fake.
func (b *bench) lives(ctx context.Context) error {
	fake, err := b.startFake(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = fake.Close() }()
	var all []*installation
	defer func() { closeAll(all) }()
	for _, w := range []wish{{name: "livessqlite"}, {name: "livespostgres", postgres: true}} {
		w.liveKit, w.env = fake.URL(), []string{"REQUIRE_AGENT=false"}
		i, err := b.install(ctx, w)
		if err != nil {
			return err
		}
		all = append(all, i)
	}
	base, err := b.installBaseline(ctx, "livesbaseline", fake.URL())
	if err != nil {
		return err
	}
	all = append(all, base)
	bareLives := &bare.Lives{Rings: fakeRings}
	bareWorker, err := b.startWorker(ctx, "bench-bare", bare.TaskQueue, func(r worker.Registry, c client.Client) {
		bareLives.Client = c
		bare.Register(r, bareLives)
	})
	if err != nil {
		return err
	}
	defer bareWorker.close()
	subjects := []*liver{
		{name: "**the limit**: as many steps in Temporal that do nothing", life: b.bareLife(bareWorker, bareLives)},
		{name: baselineName, life: b.lifeOn(base, fake)},
		{name: "click2call on SQLite", life: b.lifeOn(all[0], fake)}, {name: "click2call on PostgreSQL", life: b.lifeOn(all[1], fake)},
	}
	for _, rate := range b.opts.LivesRates { // interleaved by rate
		for _, s := range shuffled(b, subjects) {
			if s.why == "" {
				b.say("%s: %g lives a second", s.name, rate)
				s.step(ctx, b, rate)
			}
		}
	}
	b.add(livesTable(subjects, b.opts))
	return ctx.Err()
}

func (b *bench) startFake(ctx context.Context) (*fakelivekit.Server, error) {
	fake, err := fakelivekit.Start(ctx, b.w.Secrets.LiveKitKey, b.w.Secrets.LiveKitSecret)
	if err == nil {
		fake.Answer = fakeRings
	}
	return fake, err
}

// step runs one rate and decides whether it was the last.
func (l *liver) step(ctx context.Context, b *bench, rate float64) {
	n := max(1, int(rate*b.opts.LivesFor.Seconds()))
	took, errs := make([]time.Duration, n), make([]error, n)
	began, beat := time.Now(), time.Duration(float64(time.Second)/rate)
	var living sync.WaitGroup
	for i := range n {
		at := began.Add(time.Duration(i) * beat)
		if !pause(ctx, time.Until(at)) {
			break
		}
		living.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, lifeWithin)
			defer cancel()
			took[i], errs[i] = l.life(ctx, at)
		})
	}
	living.Wait()
	s := step{rate: rate, lives: took}
	if err := errors.Join(errs...); err != nil {
		failed := 0
		for _, e := range errs {
			if e != nil {
				failed++
			}
		}
		l.why = fmt.Sprintf("%d of %d lives failed at %g a second", failed, n, rate)
		b.say("%s: %s, the first: %v", l.name, l.why, errOr(errs...))
		return
	}
	l.steps = append(l.steps, s)
	b.say("%s: %g lives a second: p50 %s ms, p95 %s ms", l.name, rate, ms(quantile(took, 0.5)), ms(quantile(took, 0.95)))
	if l.doubled(s) {
		l.why = fmt.Sprintf("p95 doubled at %g a second", rate)
	}
}

// lifeOn is a life on an installation.
func (b *bench) lifeOn(on *installation, fake *fakelivekit.Server) func(context.Context, time.Time) (time.Duration, error) {
	return func(ctx context.Context, due time.Time) (time.Duration, error) {
		placed, err := on.place(ctx, agentNumber, "")
		if err != nil {
			return 0, err
		}
		if err := on.connect(ctx, placed.CallID); err != nil {
			return 0, err
		}
		if err := fake.AwaitAnswer(ctx, placed.Room); err != nil {
			return 0, fmt.Errorf("call %s was not dialed: %w", placed.CallID, err)
		}
		pause(ctx, b.opts.LivesTalking)
		fake.HangUp(placed.Room)
		if !on.baseline {
			if err := on.hangUp(ctx, placed.CallID); err != nil { // as the page does when the customer drops
				return 0, err
			}
		}
		came, err := b.receiver.await(ctx, placed.CallID)
		return came.Sub(due) - b.opts.LivesTalking - fakeRings, err
	}
}

// bareLife is a life of the limit: the product's without LiveKit, database, HTTP and webhook.
func (b *bench) bareLife(w *ownWorker, lives *bare.Lives) func(context.Context, time.Time) (time.Duration, error) {
	return func(ctx context.Context, due time.Time) (time.Duration, error) {
		id := "bare-" + rand.Text()
		if err := w.open(ctx, id, bare.UpdateOpen, bare.Call); err != nil {
			return 0, err
		}
		if err := w.client.SignalWorkflow(ctx, id, "", bare.SignalConnect, nil); err != nil {
			return 0, err
		}
		if err := lives.AwaitAnswer(ctx, id); err != nil {
			return 0, err
		}
		pause(ctx, b.opts.LivesTalking)
		if err := w.client.SignalWorkflow(ctx, id, "", bare.SignalHangUp, nil); err != nil {
			return 0, err
		}
		err := lives.AwaitDelivery(ctx, id)
		return time.Since(due) - b.opts.LivesTalking - fakeRings, err
	}
}

func livesTable(subjects []*liver, o Options) Table {
	t := Table{
		Key: "lives", Title: "Whole lives a second, on a fake LiveKit",
		Columns: []string{"subject", "sustained, a second", "p50 / p95 at each rate, ms", "then"},
		Notes: []string{fmt.Sprintf("A life is placed, connected, answered after %s, hung up %s later, delivered; its time is counted to the webhook, without ringing and talk. "+
			"%s of each rate, %v a second, until the first error or until p95 is more than twice that of the lowest rate. LiveKit is our protocol-true fake, and Temporal's "+
			"development server keeps everything in memory. Every part, this load included, shares the machine.",
			fakeRings, o.LivesTalking, o.LivesFor, o.LivesRates)},
	}
	for _, s := range subjects {
		held := 0.0
		var rates []string
		for _, step := range s.steps {
			if !s.doubled(step) {
				held = step.rate
			}
			rates = append(rates, fmt.Sprintf("%g: %s / %s", step.rate, ms(quantile(step.lives, 0.5)), ms(quantile(step.lives, 0.95))))
		}
		why := s.why
		if why == "" {
			why = "the rates ended"
		}
		t.Rows = append(t.Rows, []string{s.name, fmt.Sprintf("%g", held), strings.Join(rates, ", "), why})
	}
	return t
}

// doubled reports that a step took more than twice as long as that of the lowest rate.
func (l *liver) doubled(s step) bool {
	return quantile(s.lives, 0.95) > 2*quantile(l.steps[0].lives, 0.95)
}
