package activities

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
)

const (
	// watchShift is how long one run of WatchRooms lasts before it starts afresh.
	watchShift = 24 * time.Hour
	// watchTick is how often the list of live calls is read, while a round takes no longer.
	watchTick = time.Second
	// watchPass is how long a round may take until the list is read again and a worker that stops is heard. The next pass goes on
	// where this one ended.
	watchPass = 5 * time.Second
	// confirmAfter is how long after a look that missed somebody the room is looked at again: LiveKit's list may
	// lag behind a reconnect, so one look never ends a call.
	confirmAfter = 200 * time.Millisecond
	// readTimeout is how long reading the list of live calls may take; readSpacing is how many times as long as it took it is not read again.
	readTimeout = 9 * time.Second
	readSpacing = 9
	// toldLook is how often a call is looked at that was told that its leg is gone: the leg may come back, and leave again.
	toldLook = 5 * time.Second
	// watchCreated is how often a call is looked at that shows as not connected yet. It is looked at only in case the
	// database was away when it rang and was answered.
	watchCreated = 10 * time.Second
	// DefaultDeadRoom is how long a room may be out of sight until it counts as gone, if no LiveKit server has it then: longer
	// than those who were in it try to come back.
	DefaultDeadRoom = time.Minute
	// DefaultSayAgain is after how long a call is told again that somebody is missing who still is. A call may have forgotten it:
	// when LiveKit did not answer its own look, or when that look found the agent back, who left again before the next round.
	DefaultSayAgain = 30 * time.Second
	// graceOver is by how much longer than a call's rejoin grace the watch waits until it says again that the agent is missing: then
	// the call has looked, late timers and late news included.
	graceOver = 10 * time.Second
	// lookTimeout is longer than LiveKit needs to say that a room is on no server, about three seconds.
	lookTimeout = 4 * time.Second
	// slowLook is how long a look may take until its room goes to the slow lane: where a LiveKit server is dead each takes three seconds,
	// and those of the others must not wait for them.
	slowLook = 250 * time.Millisecond
	// slowLanes is how many times as many slow looks as quick ones may be under way at once: they only wait.
	slowLanes = 4
	// DefaultWatchHeartbeat is without how long a sign of life another worker goes on; the SDK gives one after four fifths of it.
	DefaultWatchHeartbeat = 15 * time.Second
	// DefaultWatchConcurrency bounds the quick looks under way at once.
	DefaultWatchConcurrency = 16
	// DefaultWatchRate is how many looks a second LiveKit is asked for at most, whatever the number of calls.
	DefaultWatchRate = 200
)

// Watching holds the activity that goes round all rooms. Register it once on a worker of the calls task queue.
type Watching struct {
	Rooms interface {
		Look(ctx context.Context, id call.ID) (livekit.Room, error)
		CallRooms(ctx context.Context) ([]call.ID, error)
		RoomsAmong(ctx context.Context, ids []call.ID) ([]call.ID, error)
		CloseRoom(ctx context.Context, id call.ID) error
	}
	Calls interface {
		WatchedCalls(ctx context.Context) ([]store.WatchedCall, error)
		EndedAmong(ctx context.Context, ids []call.ID) ([]call.ID, error)
		OverSince(ctx context.Context, since time.Time) ([]call.ID, error)
	}
	Temporal interface {
		RoomEvent(ctx context.Context, id call.ID, e call.RoomEvent) error
	}
	Budget      func(ctx context.Context) int // requests a minute that LiveKit answers to the installation, 0: any number; nil: the same
	Rate        int                           // looks a second; 0 means DefaultWatchRate
	Concurrency int                           // quick looks at once; 0 means DefaultWatchConcurrency
	DeadRoom    time.Duration                 // 0 means DefaultDeadRoom
	SayAgain    time.Duration                 // 0 means DefaultSayAgain
	Heartbeat   time.Duration                 // without one for so long, another worker goes on; 0: whatever it was started with
	SweepEvery  time.Duration                 // 0 means DefaultSweepEvery
	Observer    WatchObserver                 // nil: nobody counts

	Trunks        Trunks // ours
	LiveKitTrunks interface {
		Trunks(ctx context.Context) ([]livekit.TrunkInfo, error)
	}
	Faults     *Faults       // nil: the trunks are not checked
	TrunkCheck time.Duration // 0 means DefaultTrunkCheck

	Log zerolog.Logger

	missed  missed
	allowed allowance
}

// WatchEnd is how a WatchRooms ended.
type WatchEnd struct {
	Heartbeat time.Duration `json:"heartbeat,omitempty"` // what the next one is to be started with; 0: as this one
}

// WatchNews is what the Watch tells with its heartbeats.
type WatchNews struct {
	LateSeconds int64 `json:"late_seconds"` // how much later than it should be the room is looked into whose turn is most overdue
}

// WatchRooms looks into the room of every live call, as often as the call's detection mode wants it, and signals
// a call whose customer or agent has left. It is the net under LiveKit's events: no lost event leaves a call open. Beside
// that it deletes the rooms of calls that are over, and asks LiveKit whether it knows our trunks.
//
// Side effect: signals, each of which may be sent twice. It runs for a day and heartbeats; when its worker dies
// or stops, Temporal runs it elsewhere within seconds. While the database is down it goes on with the calls it knows.
//
// It ends at once, and says which heartbeat it wants, when it was started with another one than its setting.
func (w *Watching) WatchRooms(ctx context.Context) (WatchEnd, error) {
	end := WatchEnd{Heartbeat: w.Heartbeat}
	if w.Heartbeat != 0 && activity.GetInfo(ctx).HeartbeatTimeout != w.Heartbeat {
		return end, nil
	}
	var late atomic.Int64                                                                               // seconds
	stopBeating := beatTelling(ctx, func() []any { return []any{WatchNews{LateSeconds: late.Load()}} }) // beside the rounds: a slow one must not look like a dead worker
	defer stopBeating()
	stopSweeping := w.sweep(ctx)
	defer stopSweeping()
	stopChecking := w.checkTrunks(ctx)
	defer stopChecking()
	looking, stopLooking := context.WithCancel(ctx)
	defer stopLooking()
	r := newRound(looking, w)
	ticker := time.NewTicker(watchTick)
	defer ticker.Stop()
	defer w.observeLate(0) // another process does it from now on
	began := time.Now()
	for {
		r.refresh(ctx)
		r.lookAtDue(ctx)
		behind := r.late(time.Now())
		late.Store(int64(behind / time.Second))
		w.observe(behind)
		select {
		case <-ctx.Done():
		case <-activity.GetWorkerStopChannel(ctx):
		case <-ticker.C:
		}
		switch { // asked again, since after a long round the tick is ready as well, and may have been taken
		case ctx.Err() != nil:
			return end, ctx.Err()
		case workerStops(ctx):
			return end, temporal.NewApplicationErrorWithOptions("the worker stops; another one watches on", ErrTypeInterrupted,
				temporal.ApplicationErrorOptions{Category: temporal.ApplicationErrorCategoryBenign})
		case time.Since(began) >= watchShift:
			return end, nil
		}
	}
}
