package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"
)

const (
	slowRate, fastRate = 1.0, 10.0
	emptyQueue         = "bench-empty"
	updateOpen         = "open"
	closing            = time.Second // what Temporal still does after the last webhook
)

// placer is one subject of /click2call: do is timed, and returns what tidies up after it.
type placer struct {
	name string
	do   func(context.Context) (tidy func(context.Context) error, err error)

	slow, fast sample
}

// placing measures the answer to /click2call at one and at ten requests a second, beside what cannot be avoided.
func (b *bench) placing(ctx context.Context, sqlite, postgres, base *installation) error {
	empty, err := b.startWorker(ctx, "bench-empty", emptyQueue, func(r worker.Registry, _ client.Client) { r.RegisterWorkflow(emptyWorkflow) })
	if err != nil {
		return err
	}
	defer empty.close()
	room := &placer{name: "limit: LiveKit `CreateRoom`", do: b.createRoom}
	start := &placer{name: "limit: Temporal update-with-start of an empty workflow", do: openEmpty(empty)}
	both := &placer{name: "**the limit**: both, one after the other", do: func(ctx context.Context) (func(context.Context) error, error) {
		tidy, err := b.createRoom(ctx)
		if err != nil {
			return nil, err
		}
		_, err = openEmpty(empty)(ctx)
		return tidy, err
	}}
	baseline := &placer{name: "baseline", do: b.placeOnce(base)}
	subjects := []*placer{
		room, start, both, baseline,
		{name: "click2call on SQLite", do: b.placeOnce(sqlite)}, {name: "click2call on PostgreSQL", do: b.placeOnce(postgres)},
	}
	for _, s := range subjects { // connections, caches
		if tidy, err := s.do(ctx); err != nil {
			return fmt.Errorf("warm up %s: %w", s.name, err)
		} else if err := tidy(ctx); err != nil {
			return fmt.Errorf("tidy up %s: %w", s.name, err)
		}
	}
	for round := range b.opts.PlaceRounds {
		b.say("/click2call, round %d of %d", round+1, b.opts.PlaceRounds)
		for _, s := range shuffled(b, subjects) {
			if err := s.round(ctx, b.opts); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	b.add(placingTable(subjects, both, baseline))
	return nil
}

// shuffled is the order of one round.
func shuffled[T any](b *bench, subjects []T) []T {
	order := slices.Clone(subjects)
	b.rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	if b.opts.Reverse {
		slices.Reverse(order)
	}
	return order
}

func (p *placer) round(ctx context.Context, o Options) error {
	slow, err := p.openLoop(ctx, slowRate, o.PlaceSlow)
	if err != nil {
		return err
	}
	fast, err := p.openLoop(ctx, fastRate, int(o.PlaceFast.Seconds()*fastRate))
	p.slow.add(slow)
	p.fast.add(fast)
	return err
}

// openLoop begins a request at each moment of a fixed beat, whether the last one was answered or not, and counts each from
// its beat: a server that stalls cannot hide it. Afterwards it tidies up and waits, outside the measurement, until all of it is
// over: else the ends of these calls would slow down the starts of the next.
func (p *placer) openLoop(ctx context.Context, perSecond float64, n int) ([]time.Duration, error) {
	took, tidy, errs := make([]time.Duration, n), make([]func(context.Context) error, n), make([]error, n)
	began, beat := time.Now(), time.Duration(float64(time.Second)/perSecond)
	var requests sync.WaitGroup
	for i := range n {
		at := began.Add(time.Duration(i) * beat)
		if !pause(ctx, time.Until(at)) {
			break
		}
		requests.Go(func() {
			tidy[i], errs[i] = p.do(ctx)
			took[i] = time.Since(at)
		})
	}
	requests.Wait()
	group, tidying := errgroup.WithContext(ctx)
	for i := range n {
		if errs[i] != nil {
			return nil, fmt.Errorf("request %d of %d at %g a second: %w", i+1, n, perSecond, errs[i])
		}
		if tidy[i] == nil {
			return nil, context.Cause(ctx)
		}
		group.Go(func() error { return tidy[i](tidying) })
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("tidy up: %w", err)
	}
	pause(ctx, closing)
	return took, nil
}

// placeOnce places a call at an installation; tidying up, it ends it and waits for its webhook.
func (b *bench) placeOnce(i *installation) func(context.Context) (func(context.Context) error, error) {
	return func(ctx context.Context) (func(context.Context) error, error) {
		r, err := i.place(ctx, agentNumber, "")
		return func(ctx context.Context) error {
			if err := i.end(ctx, r); err != nil || i.baseline {
				return err
			}
			_, err := b.receiver.await(ctx, r.CallID)
			return err
		}, err
	}
}

func (b *bench) createRoom(ctx context.Context) (func(context.Context) error, error) {
	name := "limit-" + rand.Text()
	_, err := b.rooms.CreateRoom(ctx, &livekit.CreateRoomRequest{Name: name, EmptyTimeout: 180, DepartureTimeout: 80})
	return func(ctx context.Context) error {
		_, err := b.rooms.DeleteRoom(ctx, &livekit.DeleteRoomRequest{Room: name})
		return err
	}, err
}

// emptyWorkflow is the least that an update-with-start can wait for.
func emptyWorkflow(ctx workflow.Context) error {
	opened := false
	err := workflow.SetUpdateHandler(ctx, updateOpen, func(workflow.Context) error {
		opened = true
		return nil
	})
	if err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return opened })
}

// openEmpty is one start of the empty workflow.
func openEmpty(empty *ownWorker) func(context.Context) (func(context.Context) error, error) {
	return func(ctx context.Context) (func(context.Context) error, error) {
		return func(context.Context) error { return nil }, empty.open(ctx, "empty-"+rand.Text(), updateOpen, emptyWorkflow)
	}
}

func placingTable(subjects []*placer, limit, baseline *placer) Table {
	t := Table{
		Key: "place", Title: "The answer to /click2call, in ms",
		Columns: []string{"subject", "a second", "median (rounds from … to)", "p95", "p99", "times the limit", "times the baseline"},
	}
	for _, s := range subjects {
		for _, r := range []struct {
			rate               string
			mine, limit, other *sample
		}{{"1", &s.slow, &limit.slow, &baseline.slow}, {"10", &s.fast, &limit.fast, &baseline.fast}} {
			t.Rows = append(t.Rows, []string{
				s.name, r.rate, spread(r.mine.medians(), ms), ms(r.mine.pooled(0.95)), ms(r.mine.pooled(0.99)),
				spread(r.mine.ratios(r.limit), times), spread(r.mine.ratios(r.other), times),
			})
		}
	}
	t.Notes = append(t.Notes, fmt.Sprintf("%d rounds; %d calls of each subject at 1 a second and %d at 10 a second. Each is counted from the beat at which it was due. "+
		"p95 and p99 are of all rounds together; of so few calls the p99 is the slowest or nearly so.",
		len(subjects[0].slow.rounds), subjects[0].slow.count(), subjects[0].fast.count()))
	return t
}
