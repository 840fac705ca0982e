package activities

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// queue has a call wait for a line of one of its trunks. It returns noLine when it has waited for long enough.
func (a *Calling) queue(ctx context.Context, in DialInput, plan store.DialPlan, noLine call.Dial) call.Dial {
	w := store.Waiting{CallID: in.CallID, ConnectedAt: in.ConnectedAt, At: time.Now(), Wait: plan.Wait}
	for _, t := range plan.Trunks {
		w.Trunks = append(w.Trunks, t.ID)
	}
	var until time.Time
	err := insist(ctx, func() (err error) {
		until, err = a.Calls.Enqueue(ctx, w)
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return notSent("the call was given up before the dial")
	case err != nil:
		return a.withoutStore(in.CallID, err)
	case !until.After(w.At):
		return noLine
	default:
		return waits(until)
	}
}

func waits(until time.Time) call.Dial {
	until = until.UTC()
	return call.Dial{State: call.DialQueued, Source: call.SourceDial, EndedAt: time.Now().UTC(), QueuedUntil: &until}
}

// queued tells of a lost dial that nobody was dialed by it: the call waits for a line. A worker that died after that has dialed nobody
// either, and one that lives on is too late: who dials must claim the dial first, and then the call does not wait any more.
func (a *Calling) queued(ctx context.Context, id call.ID) (call.Dial, bool) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	until, err := a.Calls.QueuedUntil(ctx, id, time.Now())
	return waits(until), err == nil
}

const (
	// queueTick is how often a worker looks for lines that got free.
	queueTick = 500 * time.Millisecond
	// wakeTimeout bounds one call's waking.
	wakeTimeout = 5 * time.Second
)

// Queueing wakes calls that wait for a line when there is one for them, first come, first served. It runs beside the activities of each
// worker and costs Temporal one signal a call: who waits stands in the database, which names each call that is to be woken to one worker.
// A worker that dies with such a name is forgotten after seconds.
type Queueing struct {
	Calls interface {
		WakeQueued(ctx context.Context, at time.Time) ([]call.ID, error)
	}
	Temporal interface {
		LineFree(ctx context.Context, id call.ID, at time.Time) error
	}
	Log zerolog.Logger
}

// Run wakes calls until ctx ends.
func (q *Queueing) Run(ctx context.Context) {
	tick := time.NewTicker(queueTick)
	defer tick.Stop()
	for {
		now := time.Now()
		ids, err := q.Calls.WakeQueued(ctx, now)
		if err != nil && ctx.Err() == nil {
			q.Log.Warn().Err(err).Msg("calls that wait for a line wait on")
		}
		for _, id := range ids {
			q.wake(ctx, id, now)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (q *Queueing) wake(ctx context.Context, id call.ID, at time.Time) {
	ctx, cancel := context.WithTimeout(ctx, wakeTimeout)
	defer cancel()
	if err := q.Temporal.LineFree(ctx, id, at.UTC()); err != nil && !errors.Is(err, call.ErrOver) {
		q.Log.Warn().Err(err).Str("call_id", string(id)).Msg("a call that waits for a line could not be woken; tried again")
	}
}
