package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/click2call/click2call/bench/fakelivekit"
	"github.com/click2call/click2call/lab/servers"
)

const (
	placers    = 24               // calls being placed at once
	placeTries = 20               // for one call, on a machine that cannot keep up
	fillWithin = 10 * time.Minute // to reach a number of live calls
)

// liveCall is a call that was placed and answered.
type liveCall struct{ id, room string }

// live measures one worker that watches many live calls: its memory, its CPU, how many requests a second its watch makes, and
// how late it notices a hang-up that nobody tells of.
func (b *bench) live(ctx context.Context) error {
	fake, err := b.startFake(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = fake.Close() }()
	i, err := b.install(ctx, wish{
		name: "live", postgres: true, liveKit: fake.URL(), apart: true, env: []string{"REQUIRE_AGENT=false"},
	})
	if err != nil {
		return err
	}
	defer i.close()
	worker := i.processes[0]
	t := Table{
		Key: "live", Title: "One worker with many live calls, on a fake LiveKit",
		Columns: []string{"live calls", "worker's memory, MB", "its CPU, % of a core", "looks a second", "notices a hang-up after, s (median, largest)", "to fill, calls a second"},
		Notes: []string{fmt.Sprintf("Polling mode, PostgreSQL, defaults. Memory is the resident set after %s of watching; CPU and looks (`ListParticipants`) are of those %s. "+
			"%d customers then hang up and no page tells; the time is counted to the webhook. LiveKit is our protocol-true fake, which answers at once, and Temporal's development server keeps everything in memory.",
			b.opts.LiveFor, b.opts.LiveFor, b.opts.LiveHangUps)},
	}
	var calls []liveCall
	for _, want := range b.opts.LiveCalls {
		b.say("filling up to %d live calls", want)
		began, had := time.Now(), len(calls)
		if calls, err = b.fill(ctx, i, fake, calls, want); err != nil {
			return err
		}
		speed := float64(want-had) / time.Since(began).Seconds()
		row, err := b.watchLive(ctx, worker, fake)
		if err != nil {
			return err
		}
		late, err := b.lateness(ctx, fake, &calls)
		if err != nil {
			return err
		}
		b.say("%d live calls: %s MB, %s %% of a core, %s looks a second", want, row[0], row[1], row[2])
		t.Rows = append(t.Rows, append(append([]string{fmt.Sprint(want)}, row...), late, fmt.Sprintf("%.0f", speed)))
	}
	b.add(t)
	return nil
}

// fill places and connects calls until so many talk.
func (b *bench) fill(ctx context.Context, i *installation, fake *fakelivekit.Server, have []liveCall, want int) ([]liveCall, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, fillWithin, fmt.Errorf("%d calls did not live within %s", want, fillWithin))
	defer cancel()
	var mu sync.Mutex
	var begun atomic.Int64
	begun.Store(int64(len(have)))
	group, ctx := errgroup.WithContext(ctx)
	for range placers {
		group.Go(func() error {
			for begun.Add(1) <= int64(want) {
				c, err := i.begin(ctx, fake)
				if err != nil {
					return err
				}
				mu.Lock()
				have = append(have, c)
				mu.Unlock()
			}
			return nil
		})
	}
	err := group.Wait()
	return have, err
}

// begin places and connects one call, and returns when it is answered.
func (i *installation) begin(ctx context.Context, fake *fakelivekit.Server) (c liveCall, err error) {
	err = persist(ctx, func() error {
		r, err := i.place(ctx, agentNumber, "")
		c = liveCall{r.CallID, r.Room}
		return err
	})
	if err == nil {
		err = persist(ctx, func() error { return i.connect(ctx, c.id) })
	}
	if err == nil {
		err = fake.AwaitAnswer(ctx, c.room)
	}
	if err != nil {
		return c, fmt.Errorf("make a live call: %w", err)
	}
	return c, nil
}

// persist tries again: a machine that cannot keep up answers 503.
func persist(ctx context.Context, do func() error) (err error) {
	for range placeTries {
		if err = do(); err == nil {
			return nil
		}
		if !pause(ctx, time.Second) {
			return errors.Join(context.Cause(ctx), err)
		}
	}
	return err
}

// watchLive looks at the worker while all talk: memory, CPU, looks a second.
func (b *bench) watchLive(ctx context.Context, worker *servers.Process, fake *fakelivekit.Server) ([]string, error) {
	pause(ctx, 2*time.Second) // what the last placed calls still do
	pid := worker.PID()
	cpu, err := cpuOf(pid)
	if err != nil {
		return nil, err
	}
	looks, began := fake.Counts()["ListParticipants"], time.Now()
	if !pause(ctx, b.opts.LiveFor) {
		return nil, context.Cause(ctx)
	}
	spent := time.Since(began).Seconds()
	after, err := cpuOf(pid)
	if err != nil {
		return nil, err
	}
	memory, err := memoryOf(pid)
	if err != nil {
		return nil, err
	}
	return []string{
		fmt.Sprintf("%.0f", float64(memory)/1e6), fmt.Sprintf("%.0f", 100*(after-cpu).Seconds()/spent),
		fmt.Sprintf("%.0f", float64(fake.Counts()["ListParticipants"]-looks)/spent),
	}, nil
}

// lateness has some customers hang up at once and takes those calls off the list.
func (b *bench) lateness(ctx context.Context, fake *fakelivekit.Server, calls *[]liveCall) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*phoneWithin)
	defer cancel()
	n := min(b.opts.LiveHangUps, len(*calls))
	b.rng.Shuffle(len(*calls), func(i, j int) { (*calls)[i], (*calls)[j] = (*calls)[j], (*calls)[i] })
	ended := (*calls)[:n]
	*calls = (*calls)[n:]
	late, errs := make([]time.Duration, n), make([]error, n)
	var waiting sync.WaitGroup
	for i, c := range ended {
		waiting.Go(func() {
			at := time.Now()
			fake.HangUp(c.room)
			came, err := b.receiver.await(ctx, c.id)
			late[i], errs[i] = came.Sub(at), err
		})
	}
	waiting.Wait()
	for _, err := range errs {
		if err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%.1f, %.1f", quantile(late, 0.5).Seconds(), quantile(late, 1).Seconds()), nil
}
