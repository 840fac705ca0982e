package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"
)

const (
	drainRate    = 1000 // DELIVERY_DRAIN_RATE of the subjects, and the rate of the limit
	probeWait    = 2 * time.Second
	drainWithin  = 2 * time.Minute
	placedEvery  = 100 * time.Millisecond // /click2call beside the drain, and before there is one
	placedBefore = 20
	bareAtOnce   = 100 // the drain's own bound
)

// deliveries measures an outage of the CRM: how exactly a probe comes while outcomes wait, how long the waiting ones take once the
// CRM is well again, and whether calls that are placed meanwhile feel it.
func (b *bench) deliveries(ctx context.Context) error {
	fake, err := b.startFake(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = fake.Close() }()
	t := Table{
		Key: "deliveries", Title: "After an outage of the CRM",
		Columns: []string{
			"subject", "outcomes waiting", "probe late by, ms (median, largest)", "all posted in, s", "a second", "CPU of each, ms",
			"/click2call meanwhile, ms (before)",
		},
		Notes: []string{fmt.Sprintf("The CRM answers 410 once, which holds everything back, and 503 while the calls end, then 200. `DELIVERY_DRAIN_RATE=%d`, `DELIVERY_PROBE_WAITS=%s`. The time is counted from the "+
			"probe that the CRM takes to the last outcome; the CPU is the product's, and of the calls that are placed meanwhile, every %s. The limit is a loop that posts as many bodies at that rate, %d at once.",
			drainRate, probeWait, placedEvery, bareAtOnce)},
	}
	limit, err := b.postBare(ctx, b.opts.Waiting)
	if err != nil {
		return err
	}
	t.Rows = append(t.Rows, []string{
		"**the limit**: POSTs from a loop", fmt.Sprint(b.opts.Waiting), "-", seconds(limit), perSecond(b.opts.Waiting, limit), "-", "-",
	})
	for _, w := range []wish{{name: "drainsqlite"}, {name: "drainpostgres", postgres: true}} {
		w.liveKit = fake.URL()
		w.env = []string{"REQUIRE_AGENT=false", fmt.Sprintf("DELIVERY_DRAIN_RATE=%d", drainRate), "DELIVERY_PROBE_WAITS=" + probeWait.String()}
		row, err := b.outage(ctx, w)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		t.Rows = append(t.Rows, row)
	}
	b.add(t)
	return nil
}

// outage is one subject's row.
func (b *bench) outage(ctx context.Context, w wish) ([]string, error) {
	i, err := b.install(ctx, w)
	if err != nil {
		return nil, err
	}
	defer i.close()
	before, _, err := i.placeUntil(ctx, func(n int) bool { return n < placedBefore })
	if err != nil {
		return nil, err
	}
	b.receiver.fail(true)
	defer b.receiver.fail(false)
	b.say("%s: %d calls end while the CRM answers 503", w.name, b.opts.Waiting)
	ids, err := i.endMany(ctx, b.opts.Waiting)
	if err != nil {
		return nil, err
	}
	b.receiver.forgetRefused()
	pause(ctx, time.Duration(b.opts.Probes)*probeWait+probeWait/2)
	late := b.receiver.lateness()
	if len(late) == 0 {
		return nil, errors.New("no probe came")
	}
	pid := i.processes[0].PID()
	cpu, err := cpuOf(pid)
	if err != nil {
		return nil, err
	}
	b.receiver.fail(false)
	arrived := make(chan error, 1)
	var first, last time.Time
	go func() { first, last, err = b.receiver.span(ctx, ids); arrived <- err }()
	during, over, err := i.placeUntil(ctx, func(int) bool { return len(arrived) == 0 })
	if err = errors.Join(err, <-arrived); err != nil {
		return nil, err
	}
	spent, err := cpuOf(pid)
	if err != nil {
		return nil, err
	}
	b.say("%s: %d posted in %s, the calls placed meanwhile for %s", w.name, len(ids), last.Sub(first), over)
	return []string{
		"click2call on " + map[bool]string{false: "SQLite", true: "PostgreSQL"}[w.postgres], fmt.Sprint(len(ids)),
		fmt.Sprintf("%s, %s", ms(quantile(late, 0.5)), ms(quantile(late, 1))),
		seconds(last.Sub(first)), perSecond(len(ids), last.Sub(first)), ms((spent - cpu) / time.Duration(len(ids))),
		fmt.Sprintf("%s (%s)", ms(quantile(during, 0.5)), ms(quantile(before, 0.5))),
	}, nil
}

// placeUntil places a call at every beat while more says so, and hangs it up; it returns how long each took and all together.
func (i *installation) placeUntil(ctx context.Context, more func(n int) bool) (took []time.Duration, all time.Duration, err error) {
	began := time.Now()
	for n := 0; more(n); n++ {
		if !pause(ctx, time.Until(began.Add(time.Duration(n)*placedEvery))) {
			return nil, 0, context.Cause(ctx)
		}
		at := time.Now()
		r, err := i.place(ctx, agentNumber, "")
		if err != nil {
			return nil, 0, err
		}
		took = append(took, time.Since(at))
		if err := i.hangUp(ctx, r.CallID); err != nil {
			return nil, 0, err
		}
	}
	return took, time.Since(began), nil
}

// endMany places calls and hangs each up before it is dialed, and returns when all of them have their outcome.
func (i *installation) endMany(ctx context.Context, n int) ([]string, error) {
	ids := make([]string, n)
	group, placing := errgroup.WithContext(ctx)
	group.SetLimit(placers)
	for k := range ids {
		group.Go(func() error {
			return persist(placing, func() error {
				r, err := i.place(placing, agentNumber, "")
				if err == nil {
					ids[k] = r.CallID
					err = i.hangUp(placing, r.CallID)
				}
				return err
			})
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, id := range ids {
		err := persist(ctx, func() error {
			r, err := i.record(ctx, id)
			if err == nil && r.Status != "ended" {
				err = fmt.Errorf("call %s is %s", id, r.Status)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// postBare posts n bodies of an outcome's size at the drain's rate, and returns how long that took.
func (b *bench) postBare(ctx context.Context, n int) (time.Duration, error) {
	limiter := rate.NewLimiter(drainRate, drainRate/20)
	client := &http.Client{Timeout: requestIn, Transport: &http.Transport{MaxIdleConnsPerHost: bareAtOnce}}
	padding := strings.Repeat("x", 500)
	began := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(bareAtOnce)
	for k := range n {
		if err := limiter.Wait(ctx); err != nil {
			break
		}
		group.Go(func() error {
			body := strings.NewReader(fmt.Sprintf(`{"call_id":"bare-%d","padding":%q}`, k, padding))
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.receiver.url(), body)
			if err != nil {
				return err
			}
			resp, err := client.Do(req)
			if err != nil {
				return err
			}
			return resp.Body.Close()
		})
	}
	err := group.Wait()
	return time.Since(began), err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()) }

func perSecond(n int, in time.Duration) string { return fmt.Sprintf("%.0f", float64(n)/in.Seconds()) }
