package activities

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
)

const (
	// dialClaimFor is how long a dial waits for a database that does not answer.
	dialClaimFor = 15 * time.Second
	// dialRetryFor is how long LiveKit may refuse, before any INVITE, until we give up.
	dialRetryFor = 8 * time.Second
	// staleConnect is the age at which a /connect is no longer believed: its agent may have gone away while no
	// worker was there to dial.
	staleConnect = 10 * time.Second
	// dialDrain is how long a stopping worker goes on waiting for an answer before it hands over.
	dialDrain = 12 * time.Second
)

// DialInput says whom to dial; the number itself is read from the store.
type DialInput struct {
	CallID       call.ID       `json:"call_id"`
	ConnectedAt  time.Time     `json:"connected_at"`
	RingTimeout  time.Duration `json:"ring_timeout"`
	MaxDuration  time.Duration `json:"max_duration"`
	MediaTimeout time.Duration `json:"media_timeout,omitempty"` // 0: LiveKit's own
	RequireAgent bool          `json:"require_agent"`
	Queues       bool          `json:"queues,omitempty"` // the workflow knows what to do with a call that waits for a line
}

// Dial rings the customer and waits for the answer; its return is the answer, and its result holds the
// carrier's SIP code.
//
// Where no line is free and an operator lets calls wait, it ends at once with DialQueued: nobody was dialed, and it is run anew when a line
// is free.
//
// Side effect: one INVITE for each attempt, and at most one phone that rings. NOT idempotent: Temporal runs it with MaximumAttempts 1,
// and inside it only those refusals are tried again that prove that no INVITE left, and only those attempts are followed by one through
// another trunk in which certainly no phone rang ([call.Dial.FailsOver]). The store gives each attempt of a call away once, so that none is
// made again either when an operator resets the workflow, or Temporal comes back from an older backup. When its worker dies, FindLeg
// goes on. It fails with ErrTypeInterrupted when its worker stops while the phone still rings, when LiveKit
// does not say how the dial ended, and when the dial was made before.
// It heartbeats every 3 s; its time limit is RingTimeout + 40 s.
func (a *Calling) Dial(ctx context.Context, in DialInput) (call.Dial, error) {
	stopBeating := beat(ctx)
	defer stopBeating()
	alive := feelPulse(ctx)
	plan, err := a.plan(ctx, in.CallID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return notSent("the call was given up before the dial"), nil
	case err != nil:
		return a.withoutStore(in.CallID, err), nil
	}
	if in.RequireAgent && time.Since(in.ConnectedAt) > staleConnect && a.agentGone(ctx, in.CallID) {
		return call.Dial{State: call.DialNoAgent, Source: call.SourceRoom, EndedAt: time.Now().UTC(),
			Detail: "the agent had left before a worker could dial"}, nil
	}
	permission, err := a.Calls.PermitDial(ctx, plan.Call, time.Now())
	switch {
	case err != nil:
		return a.withoutStore(in.CallID, err), nil
	case !permission.Allowed():
		return call.Dial{State: call.DialNotPermitted, Source: call.SourceDial, EndedAt: time.Now().UTC(),
			Detail: string(permission.Refusal) + ": " + permission.Why}, nil
	}
	return a.dialThrough(ctx, alive, in, plan)
}

func (a *Calling) withoutStore(id call.ID, err error) call.Dial {
	a.Log.Warn().Err(err).Str("call_id", string(id)).Msg("not dialed")
	return notSent("the store could not be reached")
}

// plan reads through which trunks the call is tried. It waits out a short outage of the database: nothing has been dialed yet, so
// waiting is safe.
func (a *Calling) plan(ctx context.Context, id call.ID) (plan store.DialPlan, err error) {
	err = insist(ctx, func() error {
		plan, err = a.Calls.DialPlan(ctx, id, time.Now())
		return err
	})
	return plan, err
}

// insist tries something of the database again for a while, unless there is nothing to dial any more.
func insist(ctx context.Context, try func() error) error {
	for deadline := time.Now().Add(dialClaimFor); ; pause(ctx, time.Second) {
		err := try()
		if err == nil || errors.Is(err, store.ErrNotFound) || time.Now().After(deadline) || ctx.Err() != nil {
			return err
		}
	}
}

func (a *Calling) agentGone(ctx context.Context, id call.ID) bool {
	room, err := a.Rooms.Look(ctx, id)
	return err == nil && !room.Agent
}

// dialReply is what LiveKit said to a dial.
type dialReply struct {
	dial call.Dial
	err  error
}

// dialOnce sends one INVITE. A refusal that proves that none left is tried again for a few seconds.
//
// Its caller writes the reply down, and so does it when the worker has stopped: it hears the reply also when Temporal has given this dial up meanwhile, as after an outage of Temporal's, or when its worker has
// stopped and the process still lives, and writes it down: FindLeg, which goes on by then, can only see that a leg is gone. A dial
// that was given up before its INVITE is not made.
func (a *Calling) dialOnce(ctx context.Context, trunk call.Trunk, alive *pulse, r livekit.DialRequest) (call.Dial, error) {
	replies := make(chan dialReply, 1)
	started := time.Now()
	request := context.WithoutCancel(ctx) // Rooms.Dial ends a while after the ring timeout by itself
	lastLook := a.lookBeforeTimeout(request, r)
	waiting, stopWaiting := context.WithCancel(request)
	defer stopWaiting()
	go func() {
		got := dialReply{call.Dial{State: call.DialUnknown}, errGivenUp}
		for ctx.Err() == nil && !alive.givenUp(time.Now()) { // else somebody looks for the leg already: it must not come now
			got.dial, got.err = a.Rooms.Dial(request, r)
			if !livekit.Retryable(got.dial, got.err) || time.Since(started) >= dialRetryFor {
				break
			}
			pause(ctx, 300*time.Millisecond)
		}
		replies <- got
		a.Faults.dialed(ctx, trunk, got.dial, got.err)
	}()
	select {
	case got := <-replies:
		return a.replied(r.CallID, got, lastLook)
	case d := <-a.neverReplied(waiting, r, started, lastLook):
		return d, nil
	case <-drained(ctx):
		go func() {
			if d, err := a.replied(r.CallID, <-replies, lastLook); err == nil {
				a.writeDown(request, r.CallID, d)
			}
		}()
		return call.Dial{}, interrupted(errors.New("the worker stops"))
	}
}

// errGivenUp: the dial was not made, because Temporal had given it up.
var errGivenUp = errors.New("the dial was given up before its INVITE")

// replied ends a dial that LiveKit has replied to.
func (a *Calling) replied(id call.ID, got dialReply, lastLook func() call.LegStatus) (call.Dial, error) {
	seen := lastLook()
	if got.err != nil {
		a.Log.Warn().Err(got.err).Str("call_id", string(id)).Str("state", string(got.dial.State)).Msg("dial")
	}
	if got.dial.Unlisted != "" {
		a.Log.Warn().Str("call_id", string(id)).Str("code", got.dial.Unlisted).Str("reason", got.dial.Detail).
			Msg("LiveKit said something to a dial that no rule knows; please report it")
		a.observeUnlisted(got.dial.Unlisted)
	}
	if got.dial.State == call.DialUnknown {
		return got.dial, interrupted(got.err)
	}
	if got.dial.State == call.DialRangOut {
		got.dial.LastStatus = seen
	}
	return got.dial, nil
}

// lateReply is how long after the ring timeout LiveKit's reply is late: it comes within a second.
const lateReply = 3 * time.Second

// neverReplied tells of a dial that cannot end by itself: the ring timeout is over, LiveKit has not replied, and the leg stands as
// it began. That is a connection to the carrier that hangs in its TLS handshake, for which LiveKit has no time limit. Two looks say so.
func (a *Calling) neverReplied(ctx context.Context, r livekit.DialRequest, started time.Time, lastLook func() call.LegStatus) <-chan call.Dial {
	hangs := make(chan call.Dial, 1)
	timer := time.AfterFunc(r.RingTimeout+lateReply, func() {
		ctx, cancel := context.WithTimeout(ctx, replyLook)
		defer cancel()
		room, err := a.Rooms.Look(ctx, r.CallID)
		if err != nil || room.Leg != call.LegDialing || lastLook() != call.LegDialing {
			return
		}
		hangs <- call.Dial{State: call.DialRangOut, LastStatus: call.LegDialing, StartedAt: started.UTC(), EndedAt: time.Now().UTC(),
			Source: call.SourceDial, Detail: "the connection to the carrier was never ready: no reply to the INVITE, or no end of the TLS handshake"}
	})
	context.AfterFunc(ctx, func() { timer.Stop() })
	return hangs
}

// replyLook is the time limit of that look.
const replyLook = 4 * time.Second

// writeDown keeps a dial's reply where FindLeg finds it should Temporal never hear of it.
func (a *Calling) writeDown(ctx context.Context, id call.ID, d call.Dial) {
	if d.State == call.DialAnswered {
		rang := time.Duration(0)
		if !d.StartedAt.IsZero() {
			rang = d.EndedAt.Sub(d.StartedAt)
		}
		a.beside(ctx, id, "answered", func(ctx context.Context) error { return a.Calls.MarkAnswered(ctx, id, d.EndedAt, rang) })
		return
	}
	a.beside(ctx, id, "not answered", func(ctx context.Context) error { return a.Replies.KeepDialReply(ctx, id, d) })
}

// lookBeforeTimeout looks at the leg just before the ring timeout, because afterwards it is gone: only a look
// tells a phone that rang out from a carrier that never even rang. What it returns ends the look and may be called again.
func (a *Calling) lookBeforeTimeout(ctx context.Context, r livekit.DialRequest) func() call.LegStatus {
	ctx, cancel := context.WithCancel(ctx)
	seen := make(chan call.LegStatus, 1) // gets exactly one
	go func() {
		pause(ctx, r.RingTimeout-time.Second)
		if ctx.Err() != nil {
			seen <- call.LegUnknown
			return
		}
		room, err := a.Rooms.Look(ctx, r.CallID)
		if err != nil {
			room.Leg = call.LegUnknown
		}
		seen <- room.Leg
	}()
	return sync.OnceValue(func() call.LegStatus {
		cancel()
		return <-seen
	})
}

func notSent(why string) call.Dial {
	return call.Dial{State: call.DialNotSent, Source: call.SourceDial, EndedAt: time.Now().UTC(), Detail: why}
}

func interrupted(cause error) error {
	return temporal.NewNonRetryableApplicationError("the dial result is lost: "+cause.Error(), ErrTypeInterrupted, cause)
}

// beat heartbeats until stopped, so that an activity of a dead worker is noticed long before its time limit. The SDK batches;
// one that ends at once costs none.
func beat(ctx context.Context) (stop func()) {
	return beatTelling(ctx, func() []any { return nil })
}

// beatTelling heartbeats with news for those who ask Temporal.
func beatTelling(ctx context.Context, news func() []any) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		for {
			pause(ctx, 3*time.Second)
			if ctx.Err() != nil {
				return
			}
			activity.RecordHeartbeat(ctx, news()...)
		}
	}()
	return cancel
}

// workerStops reports whether the worker is to stop, so that an activity that takes long begins nothing more.
func workerStops(ctx context.Context) bool {
	select {
	case <-activity.GetWorkerStopChannel(ctx):
		return true
	default:
		return false
	}
}

// drained is closed when the worker has been stopping for dialDrain.
func drained(ctx context.Context) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		select {
		case <-activity.GetWorkerStopChannel(ctx):
			pause(ctx, dialDrain)
			close(done)
		case <-ctx.Done():
		}
	}()
	return done
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
