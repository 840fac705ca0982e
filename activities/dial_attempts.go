package activities

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
)

const (
	// shortestRing is how much of the ring timeout must be left for another trunk to be tried.
	shortestRing = 5 * time.Second
	// pageLeaves is how soon a page hangs up that does so when the leg leaves.
	pageLeaves = 1500 * time.Millisecond
	// hearsAtOnce is how long is listened whether a phone rang where that decides nothing.
	hearsAtOnce = 50 * time.Millisecond
)

// dialing is a dial under way: which attempts it made.
type dialing struct {
	in       DialInput
	plan     store.DialPlan
	mark     string // of this execution, in the store
	listener Listener
	begun    time.Time
	attempts []call.Attempt
}

// dialThrough tries the trunks of the plan in their order, until one of them reaches somebody, or one fails in a way that may have rung a
// phone, or the agent has heard ringing for as long as the ring timeout allows.
func (a *Calling) dialThrough(ctx context.Context, alive *pulse, in DialInput, plan store.DialPlan) (call.Dial, error) {
	run := &dialing{in: in, plan: plan, mark: rand.Text(), listener: a.listen(ctx, in.CallID, plan)}
	defer run.listener.Close()
	var d call.Dial
	for _, trunk := range plan.Trunks {
		left := run.left()
		if left < min(shortestRing, in.RingTimeout/2) || ctx.Err() != nil || alive.givenUp(time.Now()) {
			break
		}
		next, err := a.attempt(ctx, alive, run, trunk, left)
		if err != nil {
			return run.told(next), err
		}
		if d.State == "" || next.State != call.DialNoLine && next.State != call.DialNotSent { // what was never sent is no reason to forget how an earlier one failed
			d = next
		}
		if more, _ := next.FailsOver(); !more {
			break
		}
		if next.Rang == call.RangNo { // the page has seen a leg leave
			run.pageLeaves(ctx)
		}
	}
	d = run.told(d)
	switch {
	case len(run.attempts) > 0:
		a.writeDown(ctx, in.CallID, d)
	case d.State == call.DialNoLine && in.Queues && plan.Wait > 0:
		d = a.queue(ctx, in, plan, d)
	}
	return d, ctx.Err()
}

// left is how much longer the agent may hear ringing.
func (r *dialing) left() time.Duration {
	if r.begun.IsZero() {
		return r.in.RingTimeout
	}
	return r.in.RingTimeout - time.Since(r.begun)
}

// mayFailOver reports whether another trunk is tried should no phone have rung.
func (r *dialing) mayFailOver(d call.Dial) bool {
	d.Rang = call.RangNo
	more, _ := d.FailsOver()
	return more && len(r.attempts)+1 < len(r.plan.Trunks)
}

// pageLeaves waits for as long as a page gets to hang up because the leg left, as the one of the document does, before another phone
// is rung for it. A call that is given up meanwhile is found so by the next attempt.
func (r *dialing) pageLeaves(ctx context.Context) {
	select {
	case <-time.After(pageLeaves):
	case <-r.listener.Gone():
	case <-ctx.Done():
	}
}

// told is how the dial ended, with its attempts when there were several.
func (r *dialing) told(d call.Dial) call.Dial {
	if len(r.attempts) > 1 {
		d.Attempts = r.attempts
		d.StartedAt = r.begun // the agent has heard one ringing
	}
	return d
}

// attempt dials through one trunk, if it has a free line.
func (a *Calling) attempt(ctx context.Context, alive *pulse, r *dialing, trunk store.PlannedTrunk, ring time.Duration) (call.Dial, error) {
	to, err := call.DialedString(trunk.Prefix, r.plan.Call.CustomerNumber)
	if err != nil {
		return notSent("the trunk's prefix or the number cannot be dialed: " + err.Error()), nil
	}
	n, id := len(r.attempts)+1, r.in.CallID
	var admission store.Admission
	err = insist(ctx, func() error {
		admission, err = a.Calls.ClaimAttempt(ctx, store.Claim{CallID: id, N: n, Mark: r.mark, Trunk: trunk.Trunk, DID: trunk.DID, At: time.Now(), All: r.plan.All})
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return notSent("the call was given up before the dial"), nil
	case err != nil:
		return a.withoutStore(id, err), nil
	case admission == store.NoLine:
		return call.Dial{State: call.DialNoLine, Source: call.SourceDial, EndedAt: time.Now().UTC(), Detail: "no free line on " + trunk.Label}, nil
	case admission != store.Admitted:
		return call.Dial{}, interrupted(errors.New("the call was dialed before"))
	}
	if n == 1 {
		r.begun = time.Now()
		a.beside(ctx, id, "ringing", func(ctx context.Context) error { return a.Calls.MarkRinging(ctx, id, r.in.ConnectedAt) })
	}
	started := time.Now().UTC()
	d, err := a.dialOnce(ctx, trunk.Trunk, alive, livekit.DialRequest{
		CallID: id, TrunkID: trunk.LiveKitTrunkID, To: to, From: trunk.DID, RingTimeout: ring, MaxDuration: r.in.MaxDuration,
		MediaTimeout: r.in.MediaTimeout,
	})
	switch {
	case d.State != call.DialRefused && d.State != call.DialNoReply:
	case r.mayFailOver(d):
		a.endAttempt(ctx, id, n, d, func() {}) // so that nobody takes the call for lost while we listen: see LookForLeg
		d.Rang = r.listener.Rang(ctx)
	default:
		at, cancel := context.WithTimeout(ctx, hearsAtOnce)
		d.Rang = r.listener.Rang(at)
		cancel()
	}
	r.attempts = append(r.attempts, call.Attempt{Trunk: trunk.Label, TrunkID: trunk.ID, State: d.State, SIPCode: d.SIPCode, Rang: d.Rang,
		StartedAt: started, EndedAt: time.Now().UTC(), Detail: d.Detail})
	if err == nil {
		made := r.attempts[n-1]
		a.endAttempt(ctx, id, n, d, func() { a.Faults.judge(ctx, r.plan.Breaker, trunk.Trunk, made) })
	}
	return d, err
}

// endAttempt gives the line back before another trunk is tried. Where the store is away the outcome does it. Then is called when it is
// written down.
func (a *Calling) endAttempt(ctx context.Context, id call.ID, n int, d call.Dial, then func()) {
	if d.EndedAt.IsZero() {
		d.EndedAt = time.Now().UTC()
	}
	if more, _ := d.FailsOver(); !more {
		a.beside(ctx, id, "dialed", func(ctx context.Context) error {
			err := a.Calls.EndAttempt(ctx, id, n, d)
			if err == nil {
				then()
			}
			return err
		})
		return
	}
	if err := insist(ctx, func() error { return a.Calls.EndAttempt(ctx, id, n, d) }); err != nil {
		a.Log.Warn().Err(err).Str("call_id", string(id)).Int("attempt", n).Msg("the end of an attempt could not be written down: no other trunk is tried")
		return
	}
	go then()
}

// listen joins the room where another trunk could be tried: only then does it matter whether a phone rang. When it cannot, nobody knows,
// and no other trunk is tried.
func (a *Calling) listen(ctx context.Context, id call.ID, plan store.DialPlan) Listener {
	if len(plan.Trunks) > 1 {
		if l, err := a.Rooms.Listen(ctx, id); err == nil {
			return l
		}
	}
	return deaf{}
}

// deaf is a listener that has heard nothing.
type deaf struct{}

// Rang implements Listener.
func (deaf) Rang(context.Context) call.Rang { return call.RangUnknown }

// Gone implements Listener.
func (deaf) Gone() <-chan struct{} { return nil }

// Close implements Listener.
func (deaf) Close() {}
