package trial

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/click2call/click2call/webhook"
)

// Timeout is the longest that a trial takes.
const Timeout = 25 * time.Second

// slowAnswer is how long a receiver may take before it is advised to answer first and work later.
const slowAnswer = 5 * time.Second

// ErrUnknown says that there is no such trial for an endpoint.
var ErrUnknown = errors.New("there is no such trial for this endpoint")

// Sender sends one webhook; *webhook.Sender is one.
type Sender interface {
	Send(ctx context.Context, r webhook.Request) webhook.Result
}

// Result is what came of a trial.
type Result struct {
	Trial     Trial
	Passed    bool
	Came      string // what the receiver did, in words
	Advice    string // what to change in the receiver; empty: nothing
	StartedAt time.Time
	Took      time.Duration
	Exchanges []Exchange // in order; those after one that failed were not sent
}

// Exchange is one webhook of a trial and what was answered.
type Exchange struct {
	What     string
	EventID  string
	Body     []byte
	Expected Expected
	OK       bool
	webhook.Result
}

// Run puts the receiver that to describes to one trial: its URL, keys, headers and certificates are used, all else is the
// trial's. It takes at most [Timeout]. ErrUnknown when the endpoint has no trial of that name. Every run is about an event
// of its own.
func Run(ctx context.Context, s Sender, to webhook.Request, name string) (Result, error) {
	fitting := All(to)
	i := slices.IndexFunc(fitting, func(t Trial) bool { return t.Name == name })
	if i < 0 {
		return Result{}, fmt.Errorf("run trial: %w", ErrUnknown)
	}
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	t, started := fitting[i], time.Now()
	exchanges, err := t.exchange(ctx, s, to)
	if err != nil {
		return Result{}, fmt.Errorf("run trial %s: %w", name, err)
	}
	res := Result{Trial: t, StartedAt: started.UTC(), Took: time.Since(started), Exchanges: exchanges}
	res.judge()
	return res, nil
}

// exchange sends the steps, up to one that goes wrong.
func (t Trial) exchange(ctx context.Context, s Sender, to webhook.Request) ([]Exchange, error) {
	now := time.Now()
	k := t.kind
	if k.reason == "" {
		k = kinds[0]
	}
	var err error
	if to.EventID, to.Body, err = k.sample(now); err != nil {
		return nil, err
	}
	to.Attempt, to.Replay, to.Fault = 1, false, nil
	exchanges := make([]Exchange, len(t.steps))
	if t.atOnce {
		var all sync.WaitGroup
		for i, st := range t.steps {
			all.Go(func() { exchanges[i] = st.send(ctx, s, to, now) })
		}
		all.Wait()
		return exchanges, nil
	}
	for i, st := range t.steps {
		exchanges[i] = st.send(ctx, s, to, now)
		if !exchanges[i].OK {
			return exchanges[:i+1], nil
		}
	}
	return exchanges, nil
}

func (st step) send(ctx context.Context, s Sender, r webhook.Request, now time.Time) Exchange {
	if st.spoil != nil {
		st.spoil(&r, now)
	}
	res := s.Send(ctx, r)
	return Exchange{What: st.what, EventID: r.EventID, Body: r.Body, Expected: st.expect, OK: st.expect.by(res), Result: res}
}

// by reports whether a receiver did as expected.
func (e Expected) by(r webhook.Result) bool {
	if e == Refused {
		return r.Status >= 400 && r.Status < 500
	}
	return r.Class == ""
}

// judge says whether the trial was passed, what came and what to change.
func (res *Result) judge() {
	var words []string
	res.Passed = true
	for _, e := range res.Exchanges {
		words = append(words, e.words())
		res.Passed = res.Passed && e.OK
	}
	res.Came = strings.Join(words, " ")
	if i := slices.IndexFunc(res.Exchanges, func(e Exchange) bool { return !e.OK }); i >= 0 {
		res.Advice = res.advise(res.Exchanges[i])
		return
	}
	if first := res.Exchanges[0]; res.Trial.same && slices.ContainsFunc(res.Exchanges, func(e Exchange) bool { return e.Status != first.Status }) {
		res.Passed, res.Advice = false, "Answer the same status both times. "+res.Trial.mistake
		return
	}
	if slowest := slices.MaxFunc(res.Exchanges, func(a, b Exchange) int { return cmp.Compare(a.Total, b.Total) }); slowest.Total > slowAnswer {
		res.Advice = "Answer as soon as the event is kept, and do the work later: after 15 seconds an attempt counts as failed."
	}
}

// words say what the receiver did with one webhook.
func (e Exchange) words() string {
	took := e.Total.Round(time.Millisecond)
	switch {
	case e.Status == 0:
		return fmt.Sprintf("For %s: no answer, after %s: %s.", e.What, took, e.Error)
	case e.Class == "":
		return fmt.Sprintf("For %s: %d after %s.", e.What, e.Status, took)
	default:
		return fmt.Sprintf("For %s: %d after %s (%s).", e.What, e.Status, took, e.Error)
	}
}
