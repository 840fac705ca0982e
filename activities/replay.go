package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"github.com/click2call/click2call/store"
)

const (
	// DefaultReplayPage is how long one activity works on a bulk replay before its workflow shows the progress.
	DefaultReplayPage = 30 * time.Second
	// replayAtOnce bounds the attempts under way for one replay, so that a slow CRM has lanes left for fresh outcomes.
	replayAtOnce = 20
	// replaySaveFor is how long the result of an attempt that was written down is tried to be counted.
	replaySaveFor = 10 * time.Second
	// replayLook is how soon a pause is noticed.
	replayLook = time.Second
)

// ReplayState is where a bulk replay stands.
type ReplayState string

// The states of a bulk replay.
const (
	ReplayRunning   = ReplayState(store.ReplayRunning)
	ReplayPaused    = ReplayState(store.ReplayPaused)
	ReplayCancelled = ReplayState(store.ReplayCancelled)
	ReplayDone      = ReplayState(store.ReplayDone)
)

// ReplayProgress is how far a bulk replay is.
type ReplayProgress struct {
	State     ReplayState `json:"state"`
	Total     int         `json:"total"`
	Succeeded int         `json:"succeeded"`
	Failed    int         `json:"failed"`
	Skipped   int         `json:"skipped"` // delivered by somebody else before their turn
	Left      int         `json:"left"`
	// Rest is how long the rest takes at the pace seen so far; zero unless it runs.
	Rest time.Duration `json:"rest,omitempty"`
}

// Replays is what replaying needs of the store's bulk replays.
type Replays interface {
	// TakeReplay makes worker the only one that may work on the replay.
	TakeReplay(ctx context.Context, id, worker string) (store.Replay, error)
	Replay(ctx context.Context, id string) (store.Replay, error)
	// SteerReplay returns store.ErrConflict when the replay is over in another way.
	SteerReplay(ctx context.Context, id string, to store.ReplayState) (store.Replay, error)
	// FinishReplay ends the replay if nothing is left.
	FinishReplay(ctx context.Context, id string) (store.Replay, error)
}

// ReplayItems is the frozen selection of a bulk replay.
type ReplayItems interface {
	// ReplayItems returns, in order, those after a place whose turn is still to come.
	ReplayItems(ctx context.Context, id string, after, limit int) ([]store.ReplayItem, error)
	SaveReplayItem(ctx context.Context, id string, n int, result store.ReplayResult) error
}

// Replaying holds the activities of bulk replays. Register it once on a worker of the deliveries task queue.
type Replaying struct {
	Delivering *Delivering
	Replays    Replays
	Items      ReplayItems
	Page       time.Duration // zero: DefaultReplayPage
}

// ReplayPageInput names a bulk replay.
type ReplayPageInput struct {
	ReplayID string `json:"replay_id"`
}

// ReplayPage works on a bulk replay for a while, at its rate, or until it is paused, cancelled or done, and returns how far
// it is. The store knows whose turn it is, so a page goes on exactly where another, or a killed worker, stopped.
//
// Side effect: one POST for each delivery, beside its schedule. It is made once for each delivery and replay: an attempt that
// was written down is only counted. A worker that dies between a POST and its record leaves a POST that is made again, with
// the same event id. Time limit: the page and a minute; it heartbeats.
func (r *Replaying) ReplayPage(ctx context.Context, in ReplayPageInput) (ReplayProgress, error) {
	replay, err := r.Replays.TakeReplay(ctx, in.ReplayID, workerOf(ctx))
	if err != nil {
		return ReplayProgress{}, unknownReplay(err, in.ReplayID)
	}
	replay, err = r.page(ctx, replay)
	if err != nil {
		return ReplayProgress{}, err
	}
	if replay.State == store.ReplayRunning && replay.Left() == 0 {
		if replay, err = r.Replays.FinishReplay(ctx, in.ReplayID); err != nil {
			return ReplayProgress{}, err
		}
	}
	return progressOf(replay), nil
}

// page sends what may be sent in the time of one page, and returns the replay as it then stands.
func (r *Replaying) page(ctx context.Context, replay store.Replay) (store.Replay, error) {
	length := r.Page
	if length == 0 {
		length = DefaultReplayPage
	}
	group, sending := errgroup.WithContext(ctx)
	group.SetLimit(replayAtOnce)
	going, stop := context.WithTimeout(sending, length)
	defer stop()
	defer r.watch(ctx, replay, stop)()
	err := r.launch(going, replay, func(item store.ReplayItem) {
		group.Go(func() error {
			if going.Err() != nil { // it waited for a place so long that its page is over
				return nil
			}
			return r.turn(sending, replay.ID, item)
		})
	})
	if failed := group.Wait(); failed != nil {
		return replay, failed
	}
	if err != nil {
		return replay, err
	}
	now, err := r.Replays.Replay(ctx, replay.ID)
	if err == nil && now.Worker != replay.Worker {
		err = fmt.Errorf("work on replay %s: another worker has taken it over", replay.ID)
	}
	return now, err
}

// launch starts turns in order, at the replay's rate, until none is left or ctx ends.
func (r *Replaying) launch(ctx context.Context, replay store.Replay, start func(store.ReplayItem)) error {
	limit := rate.NewLimiter(rate.Limit(replay.RatePerSecond), 1)
	for after := 0; ; {
		items, err := r.Items.ReplayItems(ctx, replay.ID, after, replay.RatePerSecond)
		if ctx.Err() != nil || (err == nil && len(items) == 0) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, item := range items {
			if workerStops(ctx) {
				return later(ErrTypeInterrupted, time.Second, "the worker stops; another one goes on")
			}
			if limit.Wait(ctx) != nil {
				return nil
			}
			start(item)
			after = item.N
		}
	}
}

// watch heartbeats with the progress, which Temporal Web shows at the pending activity, and stops the page when the replay
// is paused, cancelled, or taken over by another worker.
func (r *Replaying) watch(ctx context.Context, before store.Replay, stop func()) (end func()) {
	ctx, end = context.WithCancel(ctx)
	go func() {
		for ctx.Err() == nil {
			replay, err := r.Replays.Replay(ctx, before.ID)
			switch {
			case err != nil: // a database that is away is no reason to be taken for dead
				activity.RecordHeartbeat(ctx)
			default:
				activity.RecordHeartbeat(ctx, progressOf(replay))
				if replay.State != store.ReplayRunning || replay.Worker != before.Worker {
					stop()
				}
			}
			pause(ctx, replayLook)
		}
	}()
	return end
}

// turn sends one delivery and writes down what came of it.
func (r *Replaying) turn(ctx context.Context, replayID string, item store.ReplayItem) error {
	result, err := r.send(ctx, replayID, item)
	if err != nil {
		return err
	}
	saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), replaySaveFor)
	defer cancel()
	return r.Items.SaveReplayItem(saving, replayID, item.N, result)
}

func (r *Replaying) send(ctx context.Context, replayID string, item store.ReplayItem) (store.ReplayResult, error) {
	in := ReplayInput{EventID: item.EventID, ReplayID: replayID}
	skip, err := r.overtaken(ctx, in, item.Was)
	if err != nil || skip {
		return store.ReplaySkipped, err
	}
	result, err := r.Delivering.extraAttempt(ctx, in, store.TriggerReplay)
	switch {
	case isType(err, ErrTypeUnknownEvent), isType(err, ErrTypeEndpointRemoved):
		return store.ReplaySkipped, nil
	case err != nil:
		return "", err
	case result.State != Delivered:
		return store.ReplayFailed, nil
	case item.Was == store.DeliveryPending: // its workflow need not wait any longer
		return store.ReplaySucceeded, r.Delivering.Workflows.ReplayDelivery(ctx, item.EventID, replayID)
	default:
		return store.ReplaySucceeded, nil
	}
}

// overtaken reports whether somebody else has delivered meanwhile what was not delivered when the selection was frozen.
func (r *Replaying) overtaken(ctx context.Context, in ReplayInput, was store.DeliveryState) (bool, error) {
	if was == store.DeliveryDelivered {
		return false, nil
	}
	delivery, err := r.Delivering.Deliveries.Delivery(ctx, in.EventID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return true, nil
	case err != nil || delivery.State != store.DeliveryDelivered:
		return false, err
	}
	_, err = r.Delivering.Deliveries.AttemptOfReplay(ctx, in.EventID, in.ReplayID)
	if errors.Is(err, store.ErrNotFound) {
		return true, nil
	}
	return false, err
}

func isType(err error, kind string) bool {
	app, ok := errors.AsType[*temporal.ApplicationError](err)
	return ok && app.Type() == kind
}

// workerOf names one try of one activity.
func workerOf(ctx context.Context) string {
	info := activity.GetInfo(ctx)
	return fmt.Sprintf("%s/%s/%d", info.WorkflowExecution.RunID, info.ActivityID, info.Attempt)
}

func progressOf(r store.Replay) ReplayProgress {
	rest, _ := r.Remaining(time.Now())
	return ReplayProgress{
		State: ReplayState(r.State), Total: r.Total, Succeeded: r.Succeeded, Failed: r.Failed, Skipped: r.Skipped, Left: r.Left(),
		Rest: rest.Round(time.Second),
	}
}

func unknownReplay(err error, id string) error {
	if errors.Is(err, store.ErrNotFound) {
		return temporal.NewNonRetryableApplicationError("there is no replay "+id+": begin one in the console or with `click2call deliveries replay`",
			ErrTypeUnknownReplay, nil)
	}
	return err
}
