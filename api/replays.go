package api

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/workflows"
)

const (
	replaySignalFor = 10 * time.Second
	// replayStrayAge is how old a replay must be to be looked after: by then whoever began it has started it, or has died.
	replayStrayAge = time.Minute
)

// ReplayStore is what bulk replays need of the database.
type ReplayStore interface {
	CreateReplay(ctx context.Context, n store.NewReplay) (store.Replay, error)
	SteerReplay(ctx context.Context, id string, to store.ReplayState) (store.Replay, error)
	StrayReplays(ctx context.Context, before time.Time) ([]store.Replay, error)
}

// ReplayWorkflows is what bulk replays need of Temporal; *workflows.Client is one.
type ReplayWorkflows interface {
	// StartReplay wakes the replay's workflow, and starts it if it never was. workflows.ErrReplayOver when it has ended.
	StartReplay(ctx context.Context, replayID string) error
	SteerReplay(ctx context.Context, replayID string, to activities.ReplayState) error
}

// Replays begins and steers bulk replays, for the console and the command line.
type Replays struct {
	Store     ReplayStore
	Workflows ReplayWorkflows
}

// Begin freezes a selection and starts to send it. When Temporal cannot be reached the replay is cancelled before anything
// was sent, and the error is workflows.ErrTemporalUnavailable; other errors are store.CreateReplay's.
func (r *Replays) Begin(ctx context.Context, n store.NewReplay) (store.Replay, error) {
	replay, err := r.Store.CreateReplay(ctx, n)
	if err != nil {
		return store.Replay{}, err
	}
	if err := within(ctx, replaySignalFor, func(ctx context.Context) error { return r.Workflows.StartReplay(ctx, replay.ID) }); err != nil {
		_, undo := r.Store.SteerReplay(context.WithoutCancel(ctx), replay.ID, store.ReplayCancelled)
		return store.Replay{}, errors.Join(err, undo)
	}
	return replay, nil
}

// Steer pauses, resumes or cancels a replay. The store has it first, so that it counts even if the signal is lost: then the
// error is workflows.ErrTemporalUnavailable. Idempotent. Other errors are store.SteerReplay's.
func (r *Replays) Steer(ctx context.Context, id string, to store.ReplayState) (store.Replay, error) {
	replay, err := r.Store.SteerReplay(ctx, id, to)
	if err != nil {
		return replay, err
	}
	return replay, within(ctx, replaySignalFor, func(ctx context.Context) error {
		return r.Workflows.SteerReplay(ctx, id, activities.ReplayState(to))
	})
}

// Tend wakes the workflows of running replays: one may never have been started, or may not have heard that it is to go on,
// because a process died or Temporal was away. A replay whose workflow somebody terminated is cancelled. Idempotent.
func (r *Replays) Tend(ctx context.Context, now time.Time) error {
	strays, err := r.Store.StrayReplays(ctx, now.Add(-replayStrayAge))
	if err != nil {
		return err
	}
	var failed error
	for _, replay := range strays {
		err := within(ctx, replaySignalFor, func(ctx context.Context) error { return r.Workflows.StartReplay(ctx, replay.ID) })
		if errors.Is(err, workflows.ErrReplayOver) {
			_, err = r.Store.SteerReplay(ctx, replay.ID, store.ReplayCancelled)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("tend replay %s: %w", replay.ID, err))
		}
	}
	return failed
}
