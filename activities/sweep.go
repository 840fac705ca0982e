package activities

import (
	"context"
	"errors"
	"time"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

const (
	// DefaultSweepEvery is how often LiveKit is asked for the rooms of calls that are over.
	DefaultSweepEvery = 20 * time.Second
	// lately is how long after a call its room is asked for by name: livekit-sip tries for about 50 s to come back to one.
	lately = 5 * time.Minute
	// wholeList is every how many sweeps LiveKit's whole list is read instead, for rooms that are older.
	wholeList = 15
	// sweepTimeout and wholeTimeout bound a sweep by name and one through LiveKit's whole list: a hundred thousand rooms take seconds.
	sweepTimeout = 15 * time.Second
	wholeTimeout = time.Minute
)

// sweep deletes rooms of calls that are over, until stopped. A call deletes its room before it ends; but livekit-sip 1.8.0
// that comes back from a lost connection in that very moment makes LiveKit open the room again, whatever auto_create says,
// and the customer would sit in it alone. A room is deleted when two sweeps have found it: one may meet a deletion under way.
func (w *Watching) sweep(ctx context.Context) (stop func()) {
	every := w.SweepEvery
	if every == 0 {
		every = DefaultSweepEvery
	}
	ctx, stop = context.WithCancel(ctx)
	go func() {
		found := map[call.ID]bool{}
		for n := 0; ; n++ {
			pause(ctx, every)
			if ctx.Err() != nil {
				return
			}
			found = w.sweepOnce(ctx, found, n%wholeList == 0)
		}
	}()
	return stop
}

// sweepOnce returns the rooms that it found for the first time. It leaves aside what cannot be asked: the next sweep asks again.
func (w *Watching) sweepOnce(ctx context.Context, before map[call.ID]bool, whole bool) (found map[call.ID]bool) {
	limit := sweepTimeout
	if whole {
		limit = wholeTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ctx, made := livekit.CountRequests(ctx)
	defer func() { w.allowed.charge(made()) }()
	over, err := w.leftOver(ctx, whole)
	if err != nil {
		if !errors.Is(ctx.Err(), context.Canceled) { // else the worker stops
			w.observeSweepFailed(whole)
			w.Log.Warn().Err(err).Bool("whole_list", whole).Msg("cannot look for rooms of calls that are over; the next sweep will")
		}
		return before
	}
	found = map[call.ID]bool{}
	for _, id := range over {
		if !before[id] {
			found[id] = true
			continue
		}
		if err := w.Rooms.CloseRoom(ctx, id); err != nil {
			found[id] = true
			w.Log.Warn().Err(err).Str("call_id", string(id)).Msg("cannot delete the room of a call that is over; the next sweep will")
			continue
		}
		w.Log.Warn().Str("call_id", string(id)).Msg("deleted the room of a call that is over: it was there again, or still")
	}
	return found
}

// leftOver returns the calls that are over and whose rooms LiveKit has: of those that ended lately it asks by name, so that it takes no
// longer with a hundred thousand live rooms.
func (w *Watching) leftOver(ctx context.Context, whole bool) ([]call.ID, error) {
	if whole {
		rooms, err := w.Rooms.CallRooms(ctx)
		if err != nil || len(rooms) == 0 {
			return nil, err
		}
		return w.Calls.EndedAmong(ctx, rooms)
	}
	over, err := w.Calls.OverSince(ctx, time.Now().Add(-lately))
	if err != nil || len(over) == 0 {
		return nil, err
	}
	return w.Rooms.RoomsAmong(ctx, over)
}
