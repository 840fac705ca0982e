package activities

import (
	"context"
	"time"
)

// DefaultSweepEvery is how often LiveKit's list of rooms is read.
const DefaultSweepEvery = 20 * time.Second

// sweep deletes rooms of calls that are over, until stopped. A call deletes its room before it ends; but livekit-sip 1.8.0
// that comes back from a lost connection in that very moment makes LiveKit open the room again, whatever auto_create says,
// and the customer would sit in it alone.
func (w *Watching) sweep(ctx context.Context) (stop func()) {
	every := w.SweepEvery
	if every == 0 {
		every = DefaultSweepEvery
	}
	ctx, stop = context.WithCancel(ctx)
	go func() {
		for {
			pause(ctx, every)
			if ctx.Err() != nil {
				return
			}
			w.sweepOnce(ctx)
		}
	}()
	return stop
}

// sweepOnce leaves aside what cannot be asked: the next sweep asks again.
func (w *Watching) sweepOnce(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	rooms, err := w.Rooms.CallRooms(ctx)
	if err != nil || len(rooms) == 0 {
		return
	}
	ended, err := w.Calls.EndedAmong(ctx, rooms)
	if err != nil {
		return
	}
	for _, id := range ended {
		if err := w.Rooms.CloseRoom(ctx, id); err != nil {
			w.Log.Warn().Err(err).Str("call_id", string(id)).Msg("cannot delete the room of a call that is over; the next sweep will")
			continue
		}
		w.Log.Warn().Str("call_id", string(id)).Msg("deleted the room of a call that is over: it was there again, or still")
	}
}
