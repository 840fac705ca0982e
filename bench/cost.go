package bench

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/click2call/click2call/lab/agent"
	"github.com/click2call/click2call/lab/carrier"
	"github.com/click2call/click2call/lab/history"
)

const (
	// costRings is how long the phone rings in a call whose cost is measured.
	costRings = time.Second
	// tidyTime is left after a call's webhook for what its subject still asks of LiveKit.
	tidyTime = time.Second
)

// Cost is what one answered call cost.
type Cost struct {
	Subject  string
	Product  bool // click2call, not one of those it is compared with
	Talk     time.Duration
	LiveKit  map[string]int // requests by method
	Temporal history.Bill   // zero for the baseline
	Database writes         // zero where there is none
}

// caller makes one answered call of that length and returns Temporal's bill for it.
type caller func(ctx context.Context, talk time.Duration) (history.Bill, error)

// costed is one subject of the costs, with LiveKit behind a counter of its own.
type costed struct {
	name     string
	database string // "" for none
	counter  *counter
	call     caller
	idle     writes
	close    func()
}

// cost measures what one call of each length costs, for all subjects at the same time: they count, and do not hurry.
func (b *bench) cost(ctx context.Context) error {
	if err := b.stopVacuum(ctx); err != nil {
		return err
	}
	var subjects []*costed
	defer func() {
		for _, s := range subjects {
			s.close()
			s.counter.close()
		}
	}()
	for _, start := range []func(context.Context) (*costed, error){
		b.costBaseline, b.costPoller, b.costProduct("polling"), b.costProduct("webhook"),
	} {
		s, err := start(ctx)
		if err != nil {
			return err
		}
		subjects = append(subjects, s)
	}
	if err := b.seeIdle(ctx, subjects); err != nil {
		return err
	}
	for _, talk := range []time.Duration{b.opts.Short, b.opts.Long} {
		b.say("one call of %s each", talk)
		if err := b.costOf(ctx, subjects, talk); err != nil {
			return err
		}
	}
	b.add(b.costTable(subjects))
	return nil
}

// seeIdle measures what the installations do when nobody calls.
func (b *bench) seeIdle(ctx context.Context, subjects []*costed) error {
	b.say("idle installations for %s", b.opts.Idle)
	pause(ctx, statsLag)
	for _, s := range subjects {
		before, err := b.readings(ctx, s)
		if err != nil {
			return err
		}
		s.idle = before
	}
	pause(ctx, b.opts.Idle)
	for _, s := range subjects {
		after, err := b.readings(ctx, s)
		if err != nil {
			return err
		}
		s.idle = after.minus(s.idle)
	}
	return ctx.Err()
}

func (b *bench) readings(ctx context.Context, s *costed) (writes, error) {
	if s.database == "" {
		return writes{}, nil
	}
	return b.readWrites(ctx, s.database)
}

// costOf makes one call of every subject.
func (b *bench) costOf(ctx context.Context, subjects []*costed, talk time.Duration) error {
	costs, began := make([]Cost, len(subjects)), time.Now()
	before, requests := make([]writes, len(subjects)), make([]map[string]int, len(subjects))
	for i, s := range subjects {
		var err error
		if before[i], err = b.readings(ctx, s); err != nil {
			return err
		}
		requests[i] = s.counter.read()
	}
	group, calling := errgroup.WithContext(ctx)
	for i, s := range subjects {
		group.Go(func() (err error) {
			costs[i].Temporal, err = s.call(calling, talk)
			pause(calling, tidyTime)
			costs[i].LiveKit = since(s.counter.read(), requests[i])
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	pause(ctx, statsLag)
	for i, s := range subjects {
		after, err := b.readings(ctx, s)
		if err != nil {
			return err
		}
		costs[i].Subject, costs[i].Talk, costs[i].Product = s.name, talk, s.database != ""
		costs[i].Database = after.minus(before[i]).without(s.idle, b.opts.Idle, time.Since(began))
	}
	b.report.Costs = append(b.report.Costs, costs...)
	return ctx.Err()
}

// talkOnPhone waits for the answer, talks, and has the customer hang up.
func (b *bench) talkOnPhone(ctx context.Context, number, did string, talk time.Duration) error {
	line, err := b.lineOf(ctx, number, did, func(l carrier.Call) bool { return !l.AckedAt.IsZero() })
	if err != nil {
		return err
	}
	pause(ctx, talk)
	if err := b.w.Carrier.HangUp(line.ID); err != nil {
		return fmt.Errorf("the call ended before its %s were over: %w", talk, err)
	}
	return nil
}

// wholeCall is a call with an agent whose page does all that the integration guide's snippet does, where there is somebody to
// tell it to. It returns the call's id when its webhook came.
func (b *bench) wholeCall(ctx context.Context, i *installation, talk time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, talk+phoneWithin)
	defer cancel()
	a, number, did := agent.New(i.base), carrier.Number("200", costRings, 0), newDID()
	a.ReportAnswer, a.HangUpOnDrop = !i.baseline, !i.baseline
	defer a.Leave()
	placed, err := i.place(ctx, number, did)
	if err != nil {
		return "", err
	}
	if err := a.Join(ctx, placed); err != nil {
		return "", err
	}
	if err := b.talkOnPhone(ctx, number, did, talk); err != nil {
		return "", err
	}
	_, err = b.receiver.await(ctx, placed.CallID)
	return placed.CallID, err
}

func (b *bench) costTable(subjects []*costed) Table {
	t := Table{
		Key: "cost", Title: "What an answered call costs",
		Columns: []string{"subject", "talk", "LiveKit requests", "Temporal events", "billable actions", "database transactions", "rows written"},
	}
	var wal []string
	for _, talk := range []time.Duration{b.opts.Short, b.opts.Long} {
		var bytes, n int64
		for _, c := range b.report.Costs {
			if c.Talk != talk {
				continue
			}
			row := []string{c.Subject, talk.String(), byMethod(c.LiveKit), "-", "-", "-", "-"}
			if c.Temporal.Events > 0 {
				row[3], row[4] = fmt.Sprint(c.Temporal.Events), fmt.Sprint(c.Temporal.Actions)
			}
			if c.Product {
				row[5], row[6] = fmt.Sprint(c.Database.transactions), fmt.Sprint(c.Database.rows)
				bytes, n = bytes+c.Database.wal, n+1
			}
			t.Rows = append(t.Rows, row)
		}
		wal = append(wal, fmt.Sprintf("%.1f KB for %s", float64(bytes)/float64(max(1, n*n))/1000, talk)) // each saw the whole cluster's
	}
	for _, s := range subjects {
		if s.database != "" {
			t.Notes = append(t.Notes, fmt.Sprintf("%s, idle: %.1f transactions a second, %d rows written in %s. The table is without them.",
				s.name, float64(s.idle.transactions)/b.opts.Idle.Seconds(), s.idle.rows, b.opts.Idle))
		}
	}
	t.Notes = append(t.Notes, "Write-ahead log of a call on PostgreSQL, the mean of both modes: "+strings.Join(wal, ", ")+". Temporal bills heartbeats as "+
		"well, which no history shows: one for about each 8 s of ringing, none while people talk. ListRooms is the watch's, one in 20 s for the whole installation, "+
		"and part of a look that LiveKit is slow to answer.")
	return t
}
