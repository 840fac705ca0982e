package activities

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

const (
	// holdTick is how often a worker looks for calls on hold, and how long a side that came back may hear the other.
	holdTick = time.Second
	// holdLease is how long after a worker's death another one goes on.
	holdLease = 5 * time.Second
	// unholdFor is how long a worker tries to let both sides hear each other again.
	unholdFor = 10 * time.Second
)

// Holding keeps calls on hold: it plays the music, and has those who come back into the room not hear each other. It runs beside the
// activities of each worker, and costs Temporal nothing: what is on hold stands in the database, and each call has one keeper, whose
// lease another worker takes over when it dies.
type Holding struct {
	Rooms interface {
		holdRooms
		PlayHoldMusic(ctx context.Context, id call.ID) error
	}
	Calls interface {
		ClaimHeld(ctx context.Context, keeper string, now, until time.Time) ([]call.ID, error)
		heldCalls
	}
	Log zerolog.Logger
}

// Run keeps calls on hold until ctx ends.
func (h *Holding) Run(ctx context.Context) {
	me, kept := rand.Text(), map[call.ID]context.CancelFunc{}
	tick := time.NewTicker(holdTick)
	defer tick.Stop()
	for {
		now := time.Now()
		ids, err := h.Calls.ClaimHeld(ctx, me, now, now.Add(holdLease))
		if err == nil {
			h.keepOnly(ctx, kept, ids)
		} else if ctx.Err() == nil {
			h.Log.Warn().Err(err).Msg("calls on hold stay as they are")
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (h *Holding) keepOnly(ctx context.Context, kept map[call.ID]context.CancelFunc, ids []call.ID) {
	mine := make(map[call.ID]bool, len(ids))
	for _, id := range ids {
		mine[id] = true
		if kept[id] != nil {
			continue
		}
		keeping, stop := context.WithCancel(ctx)
		kept[id] = stop
		go h.keep(keeping, id)
		go h.play(keeping, id)
	}
	for id, stop := range kept {
		if mine[id] {
			continue
		}
		stop()
		delete(kept, id)
		go h.release(ctx, id)
	}
}

// keep applies the hold again whenever somebody, or a microphone, is new in the room.
func (h *Holding) keep(ctx context.Context, id call.ID) {
	known := ""
	for ctx.Err() == nil {
		applied, err := h.Rooms.SetHold(ctx, id, true, known)
		if err == nil {
			known = applied
		} else if ctx.Err() == nil && !errors.Is(err, livekit.ErrNotConnected) {
			h.Log.Warn().Err(err).Str("call_id", string(id)).Msg("keep on hold; tried again")
		}
		pause(ctx, holdTick)
	}
}

func (h *Holding) play(ctx context.Context, id call.ID) {
	for ctx.Err() == nil {
		if err := h.Rooms.PlayHoldMusic(ctx, id); err != nil && ctx.Err() == nil {
			h.Log.Warn().Err(err).Str("call_id", string(id)).Msg("no hold music; tried again")
		}
		pause(ctx, 2*holdTick)
	}
}

// release lets both sides hear each other, unless the call is on hold again, with another keeper.
func (h *Holding) release(ctx context.Context, id call.ID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unholdFor)
	defer cancel()
	for ctx.Err() == nil {
		_, err := letHear(ctx, h.Calls, h.Rooms, id, func() error {
			_, err := h.Rooms.SetHold(ctx, id, false, "")
			return err
		})
		if err == nil || errors.Is(err, livekit.ErrNotConnected) {
			return
		}
		pause(ctx, holdTick)
	}
}

// letHear does let, after which both sides of a call hear each other, unless the call is on hold. One that was put on hold in that moment is
// muted again, until ctx ends: its keeper had applied the hold before, and does not do it twice while nobody is new in the room.
func letHear(ctx context.Context, calls heldCalls, rooms holdRooms, id call.ID, let func() error) (held bool, err error) {
	if held, err = calls.OnHold(ctx, id); err != nil || held {
		return held, err
	}
	if err := let(); err != nil {
		return false, err
	}
	for {
		held, err = calls.OnHold(ctx, id)
		if err == nil && held {
			_, err = rooms.SetHold(ctx, id, true, "")
		}
		if err == nil || errors.Is(err, livekit.ErrNotConnected) || ctx.Err() != nil {
			return held, err
		}
		pause(ctx, holdTick)
	}
}

type heldCalls interface {
	OnHold(ctx context.Context, id call.ID) (bool, error)
}

type holdRooms interface {
	SetHold(ctx context.Context, id call.ID, on bool, known string) (applied string, err error)
}
