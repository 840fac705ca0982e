package activities

import (
	"context"
	"errors"

	"github.com/click2call/click2call/store"
)

// SteerReplayInput says what a bulk replay is to do.
type SteerReplayInput struct {
	ReplayID string      `json:"replay_id"`
	To       ReplayState `json:"to"` // ReplayRunning, ReplayPaused or ReplayCancelled
}

// SteerReplay pauses, resumes or cancels a bulk replay in the store, for those who steer it from Temporal, and returns how far
// it is. One that is over stays as it is. Idempotent. Time limit 30 s.
func (r *Replaying) SteerReplay(ctx context.Context, in SteerReplayInput) (ReplayProgress, error) {
	replay, err := r.Replays.SteerReplay(ctx, in.ReplayID, store.ReplayState(in.To))
	if err != nil && !errors.Is(err, store.ErrConflict) {
		return ReplayProgress{}, unknownReplay(err, in.ReplayID)
	}
	return progressOf(replay), nil
}
