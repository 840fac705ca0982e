package activities

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// watched is what the watch remembers of one call between looks.
type watched struct {
	store.WatchedCall
	found     time.Time      // when the list of live calls first had it
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
	return !c.busy.Load() && now.Sub(c.looked) >= r.interval(c)-watchTick/2
}

// interval is how often a call is looked at. Not for one at which a look is under way.
func (r *round) interval(c *watched) time.Duration {
	every := c.Every
	switch {
	case !c.legTold.IsZero(): // the call ends now, unless its own look finds the leg
		every = max(every, min(r.sayAgain(), toldLook))
	case c.Status == call.StatusCreated && !c.answered:
		every = max(every, watchCreated)
	}
	return every
}

// late is how much later than it should be the room is looked into whose turn is most overdue.
func (r *round) late(now time.Time) (late time.Duration) {
	for _, c := range r.calls {
		if c.busy.Load() {
			continue
		}
		since := c.looked
		if c.turn == 0 {
			since = c.found
		}
		late = max(late, now.Sub(since)-r.interval(c))
	}
	return late
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
	read    time.Time       // when the list of live calls was last read, and how long that took
	took    time.Duration   // the same
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

// refresh reads the list of live calls. One that takes long to read is read less often, so that reading takes a tenth of the time at most.
func (r *round) refresh(ctx context.Context) {
	began := time.Now()
	if began.Sub(r.read) < readSpacing*r.took {
		r.reckon(ctx, began, 0)
		return
	}
	read, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	live, err := r.Calls.WatchedCalls(read)
	if err != nil {
		r.Log.Warn().Err(err).Int("calls", len(r.calls)).Msg("cannot read the live calls; watching on those known")
		return
	}
	now, first := time.Now(), r.read.IsZero()
	r.read, r.took = now, now.Sub(began)
	known := r.calls
	r.missed.keep(live)
	r.calls = make(map[call.ID]*watched, len(live))
	fresh := 0
	for _, c := range live {
		k := known[c.ID]
		if k == nil {
			k = &watched{found: now}
			fresh++
		}
		r.calls[c.ID] = k
		if !k.busy.Load() { // else the next reading is soon enough
			k.WatchedCall = c
			k.answered = k.answered || c.Status == call.StatusAnswered
		}
	}
	if first { // nobody knows when these began
		fresh = 0
	}
	r.reckon(ctx, now, fresh)
}

// reckon sets what this pass may ask of LiveKit.
func (r *round) reckon(ctx context.Context, now time.Time, fresh int) {
	budget := 0
	if r.Budget != nil {
		budget = r.Budget(ctx)
	}
	r.allowed.set(now, budget, fresh)
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
	slices.SortFunc(due, func(a, b *watched) int { return cmp.Or(cmp.Compare(a.turn, b.turn), cmp.Compare(a.ID, b.ID)) })
	passing, stop := context.WithDeadline(ctx, now.Add(watchPass))
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(r.atOnce)
	for _, c := range due {
		if time.Since(now) > watchPass || ctx.Err() != nil {
			break
		}
		if c.slow && !r.takeSlow() {
			continue // the slow lane is full; it was looked at longest ago, so its turn comes first
		}
		if err := r.mayLook(passing); err != nil {
			if c.slow {
				<-r.slow
			}
			break // the next pass begins with this one
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

// mayLook waits for both rates, in the order of the rooms: a look that waited in its lane would keep others out of it.
func (r *round) mayLook(ctx context.Context) error {
	if err := r.allowed.wait(ctx); err != nil {
		return err
	}
	return r.limit.Wait(ctx)
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
