package activities_test

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
)

// watchedWorld is a LiveKit, a store and a Temporal around WatchRooms.
type watchedWorld struct {
	mu      sync.Mutex
	calls   []store.WatchedCall
	listed  error
	rooms   map[call.ID]func(look int) (livekit.Room, error)
	looks   map[call.ID]int
	order   []call.ID // of looks
	reads   int       // of the list, since there are calls
	reject  int       // how many signals fail
	events  chan event
	rounds  int
	late    time.Duration // the most that was told
	unswept []bool        // sweeps that failed: whether of the whole list
	stop    func()        // stops the worker, and returns when the watch has ended

	grace time.Duration

	leftovers, closed []call.ID // rooms of calls that are over, and rooms that were deleted
	over              []call.ID // calls that ended lately
	sweeps            int       // for calls that ended lately
}

type event struct {
	id call.ID
	call.RoomEvent
}

func (w *watchedWorld) WatchedCalls(context.Context) ([]store.WatchedCall, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.calls) > 0 {
		w.reads++
	}
	return w.calls, w.listed
}

func (w *watchedWorld) Look(_ context.Context, id call.ID) (livekit.Room, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looks[id]++
	w.order = append(w.order, id)
	return w.rooms[id](w.looks[id])
}

func (w *watchedWorld) RoomEvent(_ context.Context, id call.ID, e call.RoomEvent) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.reject > 0 {
		w.reject--
		return errDown
	}
	w.events <- event{id, e}
	return nil
}

func (w *watchedWorld) WatchRound() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rounds++
}

func (w *watchedWorld) WatchLate(late time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.late = max(w.late, late)
}

func (w *watchedWorld) SweepFailed(whole bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unswept = append(w.unswept, whole)
}

func (w *watchedWorld) CallRooms(context.Context) ([]call.ID, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Concat(w.leftovers, w.live()), w.listed
}

func (w *watchedWorld) RoomsAmong(_ context.Context, ids []call.ID) ([]call.ID, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(ids), func(id call.ID) bool { return !slices.Contains(w.leftovers, id) }), w.listed
}

func (w *watchedWorld) OverSince(context.Context, time.Time) ([]call.ID, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sweeps++
	return slices.Clone(w.over), w.listed
}

func (w *watchedWorld) live() []call.ID {
	var ids []call.ID
	for _, c := range w.calls {
		ids = append(ids, c.ID)
	}
	return ids
}

func (w *watchedWorld) EndedAmong(_ context.Context, ids []call.ID) ([]call.ID, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(ids, func(id call.ID) bool { return !slices.Contains(w.leftovers, id) }), nil
}

func (w *watchedWorld) CloseRoom(_ context.Context, id call.ID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = append(w.closed, id)
	w.leftovers = slices.DeleteFunc(w.leftovers, func(other call.ID) bool { return other == id })
	return nil
}

func (w *watchedWorld) add(status call.Status, room func(look int) (livekit.Room, error)) call.ID {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.addLocked(status, room)
}

func (w *watchedWorld) addLocked(status call.Status, room func(look int) (livekit.Room, error)) call.ID {
	id := call.NewID()
	w.calls = append(w.calls, store.WatchedCall{ID: id, Every: time.Second, Grace: w.grace, Status: status})
	w.rooms[id] = room
	return id
}

// addMany adds answered calls that the watch finds all at once.
func (w *watchedWorld) addMany(calls int, room func(look int) (livekit.Room, error)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range calls {
		w.addLocked(call.StatusAnswered, room)
	}
}

func always(r livekit.Room) func(int) (livekit.Room, error) {
	return func(int) (livekit.Room, error) { return r, nil }
}

const sayAgain = 2 * time.Second

// watch runs WatchRooms until the test ends.
func watch(t *testing.T) *watchedWorld {
	t.Helper()
	w := &watchedWorld{rooms: map[call.ID]func(int) (livekit.Room, error){}, looks: map[call.ID]int{}, events: make(chan event, 100)}
	a := &activities.Watching{Rooms: w, Calls: w, Temporal: w, Observer: w, Log: zerolog.Nop(), DeadRoom: 2 * time.Second, SayAgain: sayAgain, SweepEvery: 50 * time.Millisecond}
	runWatch(t, a, w)
	return w
}

// runWatch runs WatchRooms until w is stopped, or the test ends.
func runWatch(t *testing.T, a *activities.Watching, w *watchedWorld) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(a)
	env.SetTestTimeout(5 * time.Minute)
	stop, stopped := make(chan struct{}), make(chan struct{})
	env.SetWorkerStopChannel(stop)
	go func() {
		defer close(stopped)
		_, err := env.ExecuteActivity(a.WatchRooms)
		if err == nil {
			t.Error("a stopping worker must hand the watch over, not end it")
		}
	}()
	w.stop = sync.OnceFunc(func() {
		close(stop)
		<-stopped
	})
	t.Cleanup(w.stop)
}

func (w *watchedWorld) next(t *testing.T) event {
	t.Helper()
	select {
	case e := <-w.events:
		return e
	case <-time.After(20 * time.Second):
		t.Fatal("no event came")
		return event{}
	}
}

// eventsAfterLooks waits until id was looked at that often, and returns the events that came.
func (w *watchedWorld) eventsAfterLooks(t *testing.T, id call.ID, looks int) []event {
	t.Helper()
	require.Eventually(t, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.looks[id] >= looks
	}, 30*time.Second, 10*time.Millisecond)
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []event
	for len(w.events) > 0 {
		all = append(all, <-w.events)
	}
	return all
}

// nextRead waits until the list of live calls was read more than that often, and returns how often: a pass has just begun.
func (w *watchedWorld) nextRead(t *testing.T, reads int) int {
	t.Helper()
	var now int
	require.Eventually(t, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		now = w.reads
		return now > reads
	}, 30*time.Second, 10*time.Millisecond)
	return now
}

// TestWatchGoesRoundInTheSameOrder: a round may take long, and in another order a call waits for nearly two of them.
func TestWatchGoesRoundInTheSameOrder(t *testing.T) {
	const calls = 256 // many more than are under way at once
	w := watch(t)
	w.addMany(calls, always(livekit.Room{Leg: call.LegActive, Agent: true}))
	require.Eventually(t, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.order) >= 2*calls
	}, 30*time.Second, 10*time.Millisecond)
	w.mu.Lock()
	defer w.mu.Unlock()
	var moved int
	for i, id := range w.order[:calls] {
		again := slices.Index(w.order[calls:2*calls], id)
		require.GreaterOrEqual(t, again, 0, "one look a round")
		moved += max(again-i, i-again)
	}
	require.Less(t, moved, calls*calls/5, "looks that are under way at once may change places; shuffled, they would move by a third of all on average")
}

// TestWatchGoesOnWhereALongRoundWasBrokenOff: with many calls, or a LiveKit that is slow, a round takes longer than the list of
// live calls may be old, and than a worker that stops can wait.
func TestWatchGoesOnWhereALongRoundWasBrokenOff(t *testing.T) {
	const calls, underWay = 320, 16
	w := watch(t)
	w.addMany(calls, func(int) (livekit.Room, error) {
		time.Sleep(25 * time.Millisecond) // one look at a time: a round of 8 s
		return livekit.Room{Leg: call.LegActive, Agent: true}, nil
	})
	require.Eventually(t, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.order) >= calls
	}, 30*time.Second, 10*time.Millisecond)
	w.mu.Lock()
	first, reads := slices.Clone(w.order[:calls]), w.reads
	w.mu.Unlock()
	slices.Sort(first)
	require.GreaterOrEqual(t, len(slices.Compact(first)), calls-2*underWay, "nobody twice before everybody once, but for looks that are under way at once")
	require.GreaterOrEqual(t, reads, 2, "the list was read again meanwhile")
	reads = w.nextRead(t, reads)
	w.stop()
	require.Equal(t, reads, w.reads, "a worker that stops in the middle of a round begins nothing more")
}

func TestWatchReportsALegThatLeft(t *testing.T) {
	t.Parallel()
	w := watch(t)
	id := w.add(call.StatusAnswered, always(room(call.LegGone)))
	e := w.next(t)
	require.Equal(t, id, e.id)
	require.Equal(t, call.ParticipantCustomer, e.Participant)
	require.Equal(t, call.LegGone, e.Status)
	require.Equal(t, call.SourcePoll, e.Source)
}

func TestWatchNeverBelievesOneLook(t *testing.T) {
	t.Parallel()
	w := watch(t)
	id := w.add(call.StatusAnswered, func(n int) (livekit.Room, error) {
		if n%2 == 1 { // LiveKit's list lags behind a reconnect, now and then
			return livekit.Room{Exists: true, Leg: call.LegGone}, nil
		}
		return room(call.LegActive), nil
	})
	require.Empty(t, w.eventsAfterLooks(t, id, 6))
}

func TestWatchDoesNotTakeAnUnreachableLiveKitForAnEnd(t *testing.T) {
	t.Parallel()
	w := watch(t)
	id := w.add(call.StatusAnswered, func(int) (livekit.Room, error) { return livekit.Room{}, errDown })
	require.Empty(t, w.eventsAfterLooks(t, id, 3))
}

func TestWatchLetsARingingLegBe(t *testing.T) {
	t.Parallel()
	w := watch(t)
	id := w.add(call.StatusRinging, always(room(call.LegGone))) // the leg takes a moment to join; the dial tells its end
	require.Empty(t, w.eventsAfterLooks(t, id, 3))
}

func TestWatchReportsAnAgentOnceForEachAbsence(t *testing.T) {
	t.Parallel()
	w := watch(t)
	away := livekit.Room{Exists: true, Leg: call.LegActive}
	w.add(call.StatusAnswered, func(n int) (livekit.Room, error) {
		if n == 4 { // away (two looks), away, back, away for good
			return room(call.LegActive), nil
		}
		return away, nil
	})
	for range 2 {
		e := w.next(t)
		require.Equal(t, call.ParticipantAgent, e.Participant)
	}
}

// TestWatchSaysAgainThatTheLegIsGone: the call could not look when it was told, and forgot it.
func TestWatchSaysAgainThatTheLegIsGone(t *testing.T) {
	t.Parallel()
	w := watch(t)
	id := w.add(call.StatusAnswered, always(room(call.LegGone)))
	first, began := w.next(t), time.Now()
	second := w.next(t)
	require.Equal(t, first, second, "the moment when it left does not move")
	require.GreaterOrEqual(t, time.Since(began), sayAgain-time.Second)
	w.mu.Lock()
	defer w.mu.Unlock()
	said := 1 + int(time.Since(began)/(sayAgain-time.Second)) // a busy machine may have come to the next one
	require.LessOrEqual(t, w.looks[id], 2*said, "two looks each time")
}

// TestWatchGoesOnWithALegThatIsBack: the call looked and found it, so that its end must be seen as any other's.
func TestWatchGoesOnWithALegThatIsBack(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.add(call.StatusAnswered, func(n int) (livekit.Room, error) {
		if n == 3 {
			return room(call.LegActive), nil
		}
		return room(call.LegGone), nil
	})
	first, second := w.next(t), w.next(t)
	require.Greater(t, second.At.Sub(first.At), sayAgain, "another leaving, at another moment")
}

// TestWatchSaysAgainThatTheAgentIsMissing: the call looked when the grace was over, and found the agent, who left again before the
// next round. Neither may the new moment come before the grace is over, nor the old one again.
func TestWatchSaysAgainThatTheAgentIsMissing(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.mu.Lock()
	w.grace = 3 * time.Second
	w.mu.Unlock()
	w.add(call.StatusAnswered, always(livekit.Room{Exists: true, Leg: call.LegActive}))
	first := w.next(t)
	second := w.next(t)
	require.Equal(t, call.ParticipantAgent, second.Participant)
	require.Greater(t, second.At.Sub(first.At), 3*time.Second+9*time.Second)
}

func TestWatchSignalsAgainWhenTemporalWasAway(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.reject = 2
	id := w.add(call.StatusAnswered, always(room(call.LegGone)))
	require.Equal(t, id, w.next(t).id)
}

func TestWatchGoesOnWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	w := watch(t)
	var gone bool
	id := w.add(call.StatusAnswered, func(int) (livekit.Room, error) {
		if gone {
			return room(call.LegGone), nil
		}
		return room(call.LegActive), nil
	})
	w.eventsAfterLooks(t, id, 1)
	w.mu.Lock()
	w.listed, gone = errDown, true
	w.mu.Unlock()
	require.Equal(t, id, w.next(t).id)
}

func TestWatchSeesACallWhoseProjectionsWereLost(t *testing.T) {
	t.Parallel()
	w := watch(t)
	id := w.add(call.StatusCreated, func(n int) (livekit.Room, error) {
		if n == 1 {
			return room(call.LegActive), nil
		}
		return room(call.LegGone), nil
	})
	require.Equal(t, id, w.next(t).id)
}

func TestWatchLooksSoonAtACallThatHasBegunToRing(t *testing.T) {
	t.Parallel()
	w := watch(t)
	id := w.add(call.StatusCreated, always(livekit.Room{Exists: true, Leg: call.LegGone}))
	require.Empty(t, w.eventsAfterLooks(t, id, 1))
	w.mu.Lock()
	w.calls[0].Status = call.StatusRinging
	w.mu.Unlock()
	began := time.Now()
	require.Equal(t, call.ParticipantAgent, w.next(t).Participant)
	require.Less(t, time.Since(began), 5*time.Second, "it waited for the look that was due while nobody was dialed")
}

// TestWatchRemembersWhenItMissedSomebody: while Temporal is away the end of a call can be told to nobody, and it must not
// seem to come when Temporal is back.
func TestWatchRemembersWhenItMissedSomebody(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.mu.Lock()
	w.reject = 3
	w.mu.Unlock()
	w.add(call.StatusAnswered, always(room(call.LegGone)))
	e := w.next(t)
	require.Greater(t, time.Since(e.At), 2*time.Second, "three rounds ago")
}

// TestWatchGivesARoomUpThatNoServerHas: LiveKit's server died with the room and another one answers that it knows of it.
func TestWatchGivesARoomUpThatNoServerHas(t *testing.T) {
	t.Parallel()
	w := watch(t)
	began := time.Now()
	w.add(call.StatusAnswered, func(n int) (livekit.Room, error) {
		if n == 1 {
			return livekit.Room{}, livekit.ErrUnavailable
		}
		return livekit.Room{}, livekit.ErrUnhosted
	})
	ringing := w.add(call.StatusRinging, func(int) (livekit.Room, error) { return livekit.Room{}, livekit.ErrUnhosted })
	e := w.next(t)
	require.NotEqual(t, ringing, e.id, "the dial's own reply ends a call that rings")
	require.Equal(t, call.ParticipantCustomer, e.Participant)
	require.Equal(t, call.LegNoRoom, e.Status)
	require.GreaterOrEqual(t, time.Since(began), 2*time.Second, "who was in it may come back")
	require.WithinDuration(t, began, e.At, 1500*time.Millisecond, "it was lost when it could not be seen any more")
}

func TestWatchDeletesTheRoomsOfCallsThatAreOver(t *testing.T) {
	t.Parallel()
	w := watch(t)
	live := w.add(call.StatusAnswered, always(room(call.LegActive)))
	over := call.NewID()
	w.mu.Lock()
	w.leftovers, w.over = []call.ID{over}, []call.ID{over}
	w.mu.Unlock()
	w.eventsAfterLooks(t, live, 3)
	w.mu.Lock()
	defer w.mu.Unlock()
	require.Equal(t, []call.ID{over}, w.closed)
}

// TestSweepWantsTwoSigns: a room that is there in one sweep and gone in the next was being deleted, and is left alone.
func TestSweepWantsTwoSigns(t *testing.T) {
	t.Parallel()
	w := &watchedWorld{}
	id := call.NewID()
	w.leftovers, w.over = []call.ID{id}, []call.ID{id}
	a := &activities.Watching{Rooms: w, Calls: w, Log: zerolog.Nop()}
	found := activities.SweepOnce(t.Context(), a, nil, false)
	require.Equal(t, map[call.ID]bool{id: true}, found)
	require.Empty(t, w.closed)
	w.leftovers = nil
	require.Empty(t, activities.SweepOnce(t.Context(), a, found, false))
	require.Empty(t, w.closed)
	w.leftovers = []call.ID{id}
	found = activities.SweepOnce(t.Context(), a, nil, true)
	require.Empty(t, activities.SweepOnce(t.Context(), a, found, false))
	require.Equal(t, []call.ID{id}, w.closed, "found in LiveKit's whole list, and by name")
}

// TestSweepOfWhatCannotBeRead: it says so, and forgets nothing.
func TestSweepOfWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := &watchedWorld{listed: errDown}
	before := map[call.ID]bool{call.NewID(): true}
	a := &activities.Watching{Rooms: w, Calls: w, Observer: w, Log: zerolog.New(&log)}
	require.Equal(t, before, activities.SweepOnce(t.Context(), a, before, true))
	require.Equal(t, before, activities.SweepOnce(t.Context(), a, before, false))
	require.Equal(t, []bool{true, false}, w.unswept)
	require.Contains(t, log.String(), "cannot look for rooms of calls that are over")
}

func TestWatchTellsOfRoundsWithoutCalls(t *testing.T) {
	t.Parallel()
	w := watch(t)
	require.Eventually(t, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.rounds >= 2
	}, 20*time.Second, 10*time.Millisecond)
}

// TestOneWatchHoldsSixtyThousandCalls: the list has no limit below that, everybody's turn comes, and who leaves is missed. Real rooms are looked
// into at WATCH_RATE, which makes the round longer and skips nobody.
func TestOneWatchHoldsSixtyThousandCalls(t *testing.T) {
	const calls = 60_000
	w := &watchedWorld{rooms: map[call.ID]func(int) (livekit.Room, error){}, looks: map[call.ID]int{}, events: make(chan event, 100)}
	w.addMany(calls-1, always(livekit.Room{Leg: call.LegActive, Agent: true}))
	left := w.add(call.StatusAnswered, always(livekit.Room{Leg: call.LegHangup, Agent: true}))
	for i := range w.calls {
		w.calls[i].Every = time.Hour // one round, which a slow machine makes in several passes
	}
	a := &activities.Watching{Rooms: w, Calls: w, Temporal: w, Observer: w, Log: zerolog.Nop(), Rate: 1_000_000}
	runWatch(t, a, w)
	require.Eventually(t, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.looks) == calls && len(w.events) > 0
	}, 4*time.Minute, 50*time.Millisecond, "every room is looked into, and who left is missed")
	w.stop()
	require.Equal(t, left, w.next(t).id)
	for id, looks := range w.looks {
		require.LessOrEqual(t, looks, 2, "%s: nobody twice before everybody once, but to confirm", id)
	}
}
