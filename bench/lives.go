package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/click2call/click2call/bench/fakelivekit"
)

const (
	lifeWithin = 30 * time.Second // of one whole life; longer is an error
	// fakeRings is how long a phone of the fake LiveKit rings.
	fakeRings = 100 * time.Millisecond
)

// liver is one subject of whole lives a second.
type liver struct {
	name string
	on   *installation

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
	subjects := []*liver{
		{name: baselineName, on: base}, {name: "click2call on SQLite", on: all[0]}, {name: "click2call on PostgreSQL", on: all[1]},
	}
	for _, rate := range b.opts.LivesRates { // interleaved by rate
		for _, s := range shuffled(b, subjects) {
			if s.why == "" {
				b.say("%s: %g lives a second", s.name, rate)
				s.step(ctx, b, fake, rate)
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
func (l *liver) step(ctx context.Context, b *bench, fake *fakelivekit.Server, rate float64) {
	n := max(1, int(rate*b.opts.LivesFor.Seconds()))
	took, errs := make([]time.Duration, n), make([]error, n)
	began, beat := time.Now(), time.Duration(float64(time.Second)/rate)
	var living sync.WaitGroup
	for i := range n {
		at := began.Add(time.Duration(i) * beat)
		if !pause(ctx, time.Until(at)) {
			break
		}
		living.Go(func() { took[i], errs[i] = l.life(ctx, b, fake, at) })
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
	if first := l.steps[0]; quantile(s.lives, 0.95) > 2*quantile(first.lives, 0.95) {
		l.why = fmt.Sprintf("p95 doubled at %g a second", rate)
	}
}

// life is one whole call, timed from the beat at which it was due to its webhook, without the talk.
func (l *liver) life(ctx context.Context, b *bench, fake *fakelivekit.Server, due time.Time) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, lifeWithin)
	defer cancel()
	placed, err := l.on.place(ctx, agentNumber, "")
	if err != nil {
		return 0, err
	}
	if err := l.on.connect(ctx, placed.CallID); err != nil {
		return 0, err
	}
	if err := fake.AwaitAnswer(ctx, placed.Room); err != nil {
		return 0, fmt.Errorf("call %s was not dialed: %w", placed.CallID, err)
	}
	pause(ctx, b.opts.LivesTalking)
	fake.HangUp(placed.Room)
	if !l.on.baseline {
		if err := l.on.hangUp(ctx, placed.CallID); err != nil { // as the page does when the customer drops
			return 0, err
		}
	}
	came, err := b.receiver.await(ctx, placed.CallID)
	return came.Sub(due) - b.opts.LivesTalking - fakeRings, err
}

func livesTable(subjects []*liver, o Options) Table {
	t := Table{
		Key: "lives", Title: "Whole lives a second, on a fake LiveKit",
		Columns: []string{"subject", "sustained, a second", "p50 / p95 there, ms", "p50 / p95 at the lowest rate, ms", "then"},
		Notes: []string{fmt.Sprintf("A life is placed, connected, answered after %s, hung up %s later, delivered; its time is counted to the webhook, without ringing and talk. "+
			"%s of each rate, %v. LiveKit is our protocol-true fake, and Temporal's development server keeps everything in memory. Every part, this load included, shares the machine.",
			fakeRings, o.LivesTalking, o.LivesFor, o.LivesRates)},
	}
	for _, s := range subjects {
		held := s.steps
		if s.why != "" && len(held) > 1 && held[len(held)-1].lives != nil && quantile(held[len(held)-1].lives, 0.95) > 2*quantile(held[0].lives, 0.95) {
			held = held[:len(held)-1]
		}
		why := s.why
		if why == "" {
			why = "the rates ended"
		}
		if len(held) == 0 {
			t.Rows = append(t.Rows, []string{s.name, "0", "none", "none", why})
			continue
		}
		first, last := held[0].lives, held[len(held)-1]
		t.Rows = append(t.Rows, []string{
			s.name, fmt.Sprintf("%g", last.rate), ms(quantile(last.lives, 0.5)) + " / " + ms(quantile(last.lives, 0.95)),
			ms(quantile(first, 0.5)) + " / " + ms(quantile(first, 0.95)), why,
		})
	}
	return t
}
