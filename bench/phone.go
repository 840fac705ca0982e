package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/click2call/click2call/lab/agent"
	"github.com/click2call/click2call/lab/carrier"
)

const (
	phoneWithin = time.Minute // one whole call
	recordEvery = 20 * time.Millisecond
	// Rings and talks differ by tenths of a second from round to round, the same for every subject: with whole seconds a poll
	// each second would always come at the same moment of the call.
	shortestRing = 7
	shortestTalk = 15
	tenths       = 11
)

// phone is one subject of whole calls on the phone.
type phone struct {
	name   string
	on     *installation
	silent bool // the agent's page tells nothing: neither the answer nor the hang-up

	moment, known, webhook sample
}

// heard is what one call showed.
type heard struct{ moment, known, webhook time.Duration }

// phones makes real calls: LiveKit, its SIP service, a carrier, an agent in the room.
func (b *bench) phones(ctx context.Context, sqlite, postgres, base *installation) error {
	subjects := []*phone{
		{name: "baseline", on: base, silent: true},
		{name: "click2call, polling, the page reports", on: sqlite},
		{name: "click2call, polling, a silent page", on: sqlite, silent: true},
		{name: "click2call, LiveKit's webhooks, a silent page", on: postgres, silent: true},
	}
	for round := range b.opts.PhoneRounds {
		b.say("calls on the phone, round %d of %d", round+1, b.opts.PhoneRounds)
		numbers := b.phoneNumbers()
		for _, s := range shuffled(b, subjects) {
			if err := s.round(ctx, b, numbers); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	t := Table{
		Key: "phone", Title: "Answer and hang-up on real SIP calls, in ms",
		Columns: []string{"subject", "answer: off in the record by", "answer: shown by GET /calls/{id} after", "p95", "hang-up to webhook", "p95"},
		Notes: []string{fmt.Sprintf("%d calls of each subject, medians of the rounds and their spread. The answer is counted from LiveKit's own attribute event "+
			"(`sip.callStatus` = active) as the agent in the room gets it; below zero is before that. The record is read every %s. The hang-up is the carrier's BYE.",
			subjects[0].moment.count(), recordEvery)},
	}
	for _, s := range subjects {
		t.Rows = append(t.Rows, []string{
			s.name, spread(s.moment.medians(), ms), spread(s.known.medians(), ms), ms(s.known.pooled(0.95)),
			spread(s.webhook.medians(), ms), ms(s.webhook.pooled(0.95)),
		})
	}
	b.add(t)
	return nil
}

// phoneNumbers are what is called in one round.
func (b *bench) phoneNumbers() []string {
	numbers := make([]string, b.opts.PhoneAtOnce)
	for i := range numbers {
		ring, talk := shortestRing+b.rng.IntN(tenths), shortestTalk+b.rng.IntN(tenths)
		numbers[i] = carrier.Number("210", time.Duration(ring)*time.Second/10, time.Duration(talk)*time.Second/10)
	}
	return numbers
}

func (p *phone) round(ctx context.Context, b *bench, numbers []string) error {
	calls, errs := make([]heard, len(numbers)), make([]error, len(numbers))
	var calling sync.WaitGroup
	for i := range calls {
		calling.Go(func() { calls[i], errs[i] = p.call(ctx, b, numbers[i]) })
	}
	calling.Wait()
	var moment, known, webhook []time.Duration
	for i, c := range calls {
		if errs[i] != nil {
			return errs[i]
		}
		moment, known, webhook = append(moment, c.moment), append(known, c.known), append(webhook, c.webhook)
	}
	p.moment.add(moment)
	p.known.add(known)
	p.webhook.add(webhook)
	return nil
}

// call makes one call that the customer ends.
func (p *phone) call(ctx context.Context, b *bench, number string) (h heard, err error) {
	ctx, cancel := context.WithTimeout(ctx, phoneWithin)
	defer cancel()
	a, did := agent.New(p.on.base), newDID()
	a.ReportAnswer, a.HangUpOnDrop = !p.silent, !p.silent
	defer a.Leave()
	placed, err := p.on.place(ctx, number, did)
	if err != nil {
		return h, err
	}
	if err := a.Join(ctx, placed); err != nil {
		return h, err
	}
	shown := make(chan time.Time, 1)
	go func() { shown <- p.on.awaitAnswered(ctx, placed.CallID) }()
	event, err := a.Await(ctx, "customer_active")
	if err != nil {
		return h, err
	}
	at := <-shown
	r, err := p.on.record(ctx, placed.CallID)
	if err != nil || r.AnsweredAt == nil {
		return h, fmt.Errorf("call %s has no answer in its record: %w", placed.CallID, errOr(err, context.Cause(ctx)))
	}
	came, err := b.receiver.await(ctx, placed.CallID)
	if err != nil {
		return h, err
	}
	line, err := b.lineOf(ctx, number, did, func(l carrier.Call) bool { return !l.ByeAt.IsZero() })
	if err != nil {
		return h, err
	}
	return heard{moment: r.AnsweredAt.Sub(event.At), known: at.Sub(event.At), webhook: came.Sub(line.ByeAt)}, nil
}

// awaitAnswered returns when a call's record first shows the answer, or when ctx has ended.
func (t target) awaitAnswered(ctx context.Context, id string) time.Time {
	for {
		r, err := t.record(ctx, id)
		if err == nil && r.AnsweredAt != nil || !pause(ctx, recordEvery) {
			return time.Now()
		}
	}
}

// lineOf waits for the carrier's line of a call, which is known by its caller ID.
func (b *bench) lineOf(ctx context.Context, number, did string, ok func(carrier.Call) bool) (carrier.Call, error) {
	return b.w.Carrier.WaitFor(ctx, number, func(l carrier.Call) bool {
		return strings.TrimPrefix(l.From, "+") == strings.TrimPrefix(did, "+") && ok(l)
	})
}

func newDID() string { return fmt.Sprintf("+9170%08d", rand.IntN(100_000_000)) }

// errOr is the first error that there is.
func errOr(errs ...error) error {
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		return errs[i]
	}
	return fmt.Errorf("nothing more is known")
}
