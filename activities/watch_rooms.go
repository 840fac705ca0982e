package activities

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

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
	Rate        int           // looks a second; 0 means DefaultWatchRate
	Concurrency int           // quick looks at once; 0 means DefaultWatchConcurrency
	DeadRoom    time.Duration // 0 means DefaultDeadRoom
	SayAgain    time.Duration // 0 means DefaultSayAgain
	SweepEvery  time.Duration // 0 means DefaultSweepEvery
	Observer    WatchObserver // nil: nobody counts

	Trunks        Trunks // ours
	LiveKitTrunks interface {
		Trunks(ctx context.Context) ([]livekit.TrunkInfo, error)
	}
	Faults     *Faults       // nil: the trunks are not checked
	TrunkCheck time.Duration // 0 means DefaultTrunkCheck

	Log zerolog.Logger

	missed missed
}

// WatchRooms looks into the room of every live call, as often as the call's detection mode wants it, and signals
// a call whose customer or agent has left. It is the net under LiveKit's events: no lost event leaves a call open. Beside
// that it deletes the rooms of calls that are over, and asks LiveKit whether it knows our trunks.
//
// Side effect: signals, each of which may be sent twice. It runs for a day and heartbeats; when its worker dies
// or stops, Temporal runs it elsewhere within seconds. While the database is down it goes on with the calls it knows.
func (w *Watching) WatchRooms(ctx context.Context) error {
	stopBeating := beat(ctx) // beside the rounds: a slow one must not look like a dead worker
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
	began := time.Now()
	for {
		r.refresh(ctx)
		r.lookAtDue(ctx)
		w.observe()
		select {
		case <-ctx.Done():
		case <-activity.GetWorkerStopChannel(ctx):
		case <-ticker.C:
		}
		switch { // asked again, since after a long round the tick is ready as well, and may have been taken
		case ctx.Err() != nil:
			return ctx.Err()
		case workerStops(ctx):
			return temporal.NewApplicationErrorWithOptions("the worker stops; another one watches on", ErrTypeInterrupted,
				temporal.ApplicationErrorOptions{Category: temporal.ApplicationErrorCategoryBenign})
		case time.Since(began) >= watchShift:
			return nil
		}
	}
}

// watched is what the watch remembers of one call between looks.
type watched struct {
	store.WatchedCall
	looked    time.Time      // when the round of its last look began
	turn      int            // of its last look among all looks; 0 before the first
	answered  bool           // the leg was seen talking, or the store says so
	rings     call.LegStatus // how the leg stood before an answer, when it was seen
	legTold   time.Time      // when the call was last told that the leg is gone; zero while it is there
	agentTold time.Time      // when the call was last told that the agent is; zero while the agent is there

	slow bool        // its last look took long
	busy atomic.Bool // a look is under way: everything here is that look's
}

// due reports whether it is time for a look, on the tick nearest to the interval. The interval may have become shorter
// since the last one: the call rings now.
func (r *round) due(c *watched, now time.Time) bool {
	if c.busy.Load() {
		return false
	}
	every := c.Every
	switch {
	case !c.legTold.IsZero(): // the call ends now, unless its own look finds the leg
		every = max(every, min(r.sayAgain(), toldLook))
	case c.Status == call.StatusCreated && !c.answered:
		every = max(every, watchCreated)
	}
	return now.Sub(c.looked) >= every-watchTick/2
}

func (w *Watching) sayAgain() time.Duration {
	if w.SayAgain == 0 {
		return DefaultSayAgain
	}
	return w.SayAgain
}

// agentUntold reports whether the call is to be told that its agent is missing: at once, and again when its rejoin grace is
// over for certain. Told earlier, with a new moment, the grace would begin anew each time and never end; with the old moment, a
// call that has seen the agent since would take it for an old story.
func (r *round) agentUntold(c *watched) bool {
	told := time.Since(c.agentTold)
	return c.agentTold.IsZero() || told >= r.sayAgain() && told >= c.Grace+graceOver
}

type round struct {
	*Watching
	limit   *rate.Limiter
	calls   map[call.ID]*watched
	turns   int             // looks so far
	looking context.Context // of looks, which may outlast the round that began them
	atOnce  int             // quick looks
	slow    chan struct{}   // has an entry for each slow look under way
}

func newRound(looking context.Context, w *Watching) *round {
	perSecond := w.Rate
	if perSecond == 0 {
		perSecond = DefaultWatchRate
	}
	atOnce := w.Concurrency
	if atOnce == 0 {
		atOnce = DefaultWatchConcurrency
	}
	return &round{
		Watching: w, limit: rate.NewLimiter(rate.Limit(perSecond), perSecond), calls: map[call.ID]*watched{},
		looking: looking, atOnce: atOnce, slow: make(chan struct{}, slowLanes*atOnce),
	}
}

func (r *round) refresh(ctx context.Context) {
	read, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	live, err := r.Calls.WatchedCalls(read)
	if err != nil {
		r.Log.Warn().Err(err).Int("calls", len(r.calls)).Msg("cannot read the live calls; watching on those known")
		return
	}
	known := r.calls
	r.missed.keep(live)
	r.calls = make(map[call.ID]*watched, len(live))
	for _, c := range live {
		k := known[c.ID]
		if k == nil {
			k = &watched{}
		}
		r.calls[c.ID] = k
		if !k.busy.Load() { // else the next reading is soon enough
			k.WatchedCall = c
			k.answered = k.answered || c.Status == call.StatusAnswered
		}
	}
}

// lookAtDue begins with the room that was not looked into for longest, so that no call waits for longer than one round.
func (r *round) lookAtDue(ctx context.Context) {
	now := time.Now()
	due := make([]*watched, 0, len(r.calls))
	for _, c := range r.calls {
		if r.due(c, now) {
			due = append(due, c)
		}
	}
	slices.SortFunc(due, func(a, b *watched) int { return a.turn - b.turn })
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(r.atOnce)
	for _, c := range due {
		if time.Since(now) > watchPass || ctx.Err() != nil {
			break
		}
		if c.slow && !r.takeSlow() {
			continue // the slow lane is full; it was looked at longest ago, so its turn comes first
		}
		r.turns++
		c.looked, c.turn = now, r.turns
		c.busy.Store(true)
		if c.slow {
			go r.lookSlowly(c)
			continue
		}
		group.Go(func() error {
			r.lookQuickly(ctx, c)
			return nil
		})
	}
	_ = group.Wait()
}

func (r *round) takeSlow() bool {
	select {
	case r.slow <- struct{}{}:
		return true
	default:
		return false
	}
}

// lookSlowly is for a room whose last look took long. Its place in the slow lane is taken already.
func (r *round) lookSlowly(c *watched) {
	defer func() { <-r.slow }()
	r.lookAndTime(c)
}

// lookQuickly returns when the look is done, or has taken so long that it goes on in the slow lane.
func (r *round) lookQuickly(ctx context.Context, c *watched) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.lookAndTime(c)
	}()
	slow := time.NewTimer(slowLook)
	defer slow.Stop()
	select {
	case <-done:
		return
	case <-slow.C:
	}
	select {
	case <-done:
	case <-ctx.Done():
	case r.slow <- struct{}{}:
		go func() {
			<-done
			<-r.slow
		}()
	}
}

func (r *round) lookAndTime(c *watched) {
	c.slow = r.look(r.looking, c) >= slowLook
	c.busy.Store(false) // at last: from here on the next round may have it
}

// look compares one room with what was known and signals what has changed. It returns how long LiveKit took for the first look.
func (r *round) look(ctx context.Context, c *watched) (took time.Duration) {
	at := time.Now().UTC()
	room, took, err := r.lookOnce(ctx, c.ID)
	if err != nil {
		r.unseen(ctx, c, at, err)
		return took
	}
	at = time.Now().UTC()
	if room.Leg == call.LegNoRoom { // it went with the LiveKit server that could not be asked
		at = r.missed.since(c.ID, nobody, at)
	} else {
		r.missed.back(c.ID, nobody)
	}
	r.missed.back(c.ID, unhosted)
	c.answered = c.answered || room.Leg.Answered()
	if c.Status == call.StatusCreated && !c.answered {
		return took // nobody needs to be there yet
	}
	untold := !room.Agent && r.agentUntold(c)
	if (c.answered && room.Leg.Absent()) || untold {
		pause(ctx, confirmAfter)
		if room, _, err = r.lookOnce(ctx, c.ID); err != nil {
			return took
		}
	}
	if !c.answered && r.ringingStopped(ctx, c, room, at) {
		return took
	}
	if c.answered && room.Leg.Absent() {
		r.tellLeg(ctx, c, call.RoomEvent{At: r.missed.since(c.ID, call.ParticipantCustomer, at), Status: room.Leg, SID: room.LegSID})
		return took
	}
	c.legTold = time.Time{} // what the call was told, it has found not to be so
	r.missed.back(c.ID, call.ParticipantCustomer)
	switch {
	case room.Agent:
		c.agentTold = time.Time{}
		r.missed.back(c.ID, call.ParticipantAgent)
	case untold:
		r.tellAgent(ctx, c, at)
	}
	return took
}

// unansweredFor is how long a leg that nobody answered must be missing: its dial's reply comes at once, and ends the call.
const unansweredFor = 3 * time.Second

// ringingStopped tells a call that its leg has gone without an answer, and reports whether it has. The call knows that from its dial,
// unless LiveKit cannot pass the carrier's reply on.
func (r *round) ringingStopped(ctx context.Context, c *watched, room livekit.Room, at time.Time) bool {
	if room.Leg != call.LegGone || c.rings == call.LegUnknown {
		c.rings = room.Leg
		return false
	}
	since := r.missed.since(c.ID, call.ParticipantCustomer, at)
	if at.Sub(since) >= unansweredFor {
		r.tellLeg(ctx, c, call.RoomEvent{At: since, Status: c.rings})
	}
	return true
}

func (r *round) tellLeg(ctx context.Context, c *watched, e call.RoomEvent) {
	if time.Since(c.legTold) < r.sayAgain() {
		return
	}
	e.Participant, e.Source = call.ParticipantCustomer, call.SourcePoll
	if r.signal(ctx, c.ID, e) {
		c.legTold = time.Now()
	}
}

// tellAgent tells a call that its agent is missing, since the look that first missed the agent. When it is told again that
// moment does not count any more: the call has looked since.
func (r *round) tellAgent(ctx context.Context, c *watched, at time.Time) {
	if !c.agentTold.IsZero() {
		r.missed.back(c.ID, call.ParticipantAgent)
		at = time.Now().UTC()
	}
	at = r.missed.since(c.ID, call.ParticipantAgent, at)
	if r.signal(ctx, c.ID, call.RoomEvent{At: at, Participant: call.ParticipantAgent, Source: call.SourcePoll}) {
		c.agentTold = time.Now()
	}
}

// unseen is for a room that could not be looked into. LiveKit being unreachable says nothing about the call; but when it
// answers again, again and again that no server has the room, and nobody came back to it in time, then the server that had
// it died, and the call with it.
func (r *round) unseen(ctx context.Context, c *watched, at time.Time, err error) {
	since := r.missed.since(c.ID, nobody, at)
	if !c.answered || !errors.Is(err, livekit.ErrUnhosted) {
		return
	}
	if at.Sub(r.missed.since(c.ID, unhosted, at)) >= r.deadRoom()/6 && at.Sub(since) >= r.deadRoom() {
		r.tellLeg(ctx, c, call.RoomEvent{At: since, Status: call.LegNoRoom})
	}
}

func (w *Watching) deadRoom() time.Duration {
	if w.DeadRoom == 0 {
		return DefaultDeadRoom
	}
	return w.DeadRoom
}

// lookOnce returns also how long LiveKit took; waiting for the rate is not in it.
func (r *round) lookOnce(ctx context.Context, id call.ID) (room livekit.Room, took time.Duration, err error) {
	if err := r.limit.Wait(ctx); err != nil {
		return livekit.Room{}, 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	began := time.Now()
	room, err = r.Rooms.Look(ctx, id)
	return room, time.Since(began), err
}

func (r *round) signal(ctx context.Context, id call.ID, e call.RoomEvent) (sent bool) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := r.Temporal.RoomEvent(ctx, id, e); err != nil && !errors.Is(err, call.ErrOver) {
		if !errors.Is(err, context.Canceled) {
			r.Log.Warn().Err(err).Str("call_id", string(id)).Msg("cannot signal a change in the room; the next round will")
		}
		return false
	}
	return true
}
