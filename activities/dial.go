package activities

import (
	"context"
	"crypto/rand"
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
	RequireAgent bool          `json:"require_agent"`
}

// Dial rings the customer and waits for the answer; its return is the answer, and its result holds the
// carrier's SIP code.
//
// Side effect: one INVITE. NOT idempotent: Temporal runs it with MaximumAttempts 1, and inside it only those
// refusals are tried again that prove that no INVITE left. The store gives each call's dial away once, so that it is not made
// again either when an operator resets the workflow, or Temporal comes back from an older backup. When its worker dies, FindLeg
// goes on. It fails with ErrTypeInterrupted when its worker stops while the phone still rings, and when the dial was made before.
// It heartbeats every 3 s; its time limit is RingTimeout + 40 s.
func (a *Calling) Dial(ctx context.Context, in DialInput) (call.Dial, error) {
	stopBeating := beat(ctx)
	defer stopBeating()
	c, trunk, mine, err := a.claim(ctx, in.CallID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return notSent("the call was given up before the dial"), nil
	case err != nil:
		a.Log.Warn().Err(err).Str("call_id", string(in.CallID)).Msg("not dialed")
		return notSent("the store could not be reached"), nil
	case !mine:
		return call.Dial{}, interrupted(errors.New("the call was dialed before"))
	}
	permission, err := a.Calls.PermitDial(ctx, c, time.Now())
	switch {
	case err != nil:
		a.Log.Warn().Err(err).Str("call_id", string(in.CallID)).Msg("not dialed")
		return notSent("the store could not be reached"), nil
	case !permission.Allowed():
		return call.Dial{State: call.DialNotPermitted, Source: call.SourceDial, EndedAt: time.Now().UTC(),
			Detail: string(permission.Refusal) + ": " + permission.Why}, nil
	}
	to, err := call.DialedString(trunk.Prefix, c.CustomerNumber)
	if err != nil {
		return notSent("the trunk's prefix or the number cannot be dialed: " + err.Error()), nil
	}
	if in.RequireAgent && time.Since(in.ConnectedAt) > staleConnect && a.agentGone(ctx, in.CallID) {
		return call.Dial{State: call.DialNoAgent, Source: call.SourceRoom, EndedAt: time.Now().UTC(),
			Detail: "the agent had left before a worker could dial"}, nil
	}
	a.beside(ctx, in.CallID, "ringing", func(ctx context.Context) error {
		return a.Calls.MarkRinging(ctx, in.CallID, in.ConnectedAt)
	})
	return a.dialOnce(ctx, livekit.DialRequest{
		CallID: in.CallID, TrunkID: trunk.LiveKitTrunkID, To: to, From: c.DID,
		RingTimeout: in.RingTimeout, MaxDuration: in.MaxDuration,
	})
}

// claim reads the call and takes its one dial. It waits out a short outage of the database: nothing has been dialed yet, so
// waiting is safe.
func (a *Calling) claim(ctx context.Context, id call.ID) (c call.Call, trunk call.Trunk, mine bool, err error) {
	mark, deadline := rand.Text(), time.Now().Add(dialClaimFor)
	for {
		if c, trunk, err = a.Calls.CallWithTrunk(ctx, id); err == nil {
			mine, err = a.Calls.ClaimDial(ctx, id, mark)
		}
		if err == nil || errors.Is(err, store.ErrNotFound) || time.Now().After(deadline) || ctx.Err() != nil {
			return c, trunk, mine, err
		}
		pause(ctx, time.Second)
	}
}

func (a *Calling) agentGone(ctx context.Context, id call.ID) bool {
	room, err := a.Rooms.Look(ctx, id)
	return err == nil && !room.Agent
}

// dialOnce sends one INVITE. A refusal that proves that none left is tried again for a few seconds.
//
// It hears the reply also when Temporal has given this dial up meanwhile, as after an outage of Temporal's, and writes it
// down: FindLeg, which goes on by then, can only see that a leg is gone.
func (a *Calling) dialOnce(ctx context.Context, r livekit.DialRequest) (call.Dial, error) {
	type reply struct {
		dial call.Dial
		err  error
	}
	replies := make(chan reply, 1)
	started := time.Now()
	request := context.WithoutCancel(ctx) // Rooms.Dial ends a while after the ring timeout by itself
	lastLook := a.lookBeforeTimeout(request, r)
	defer lastLook()
	go func() {
		for {
			d, err := a.Rooms.Dial(request, r)
			if livekit.Retryable(d, err) && time.Since(started) < dialRetryFor {
				pause(ctx, 300*time.Millisecond)
				if ctx.Err() == nil { // else somebody looks for the leg already: it must not come now
					continue
				}
			}
			replies <- reply{d, err}
			return
		}
	}()
	select {
	case got := <-replies:
		if got.err != nil {
			a.Log.Warn().Err(got.err).Str("call_id", string(r.CallID)).Str("state", string(got.dial.State)).Msg("dial")
		}
		if got.dial.State == call.DialUnknown {
			return got.dial, interrupted(got.err)
		}
		if got.dial.State == call.DialRangOut {
			got.dial.LastStatus = lastLook()
		}
		a.writeDown(ctx, r.CallID, got.dial)
		return got.dial, ctx.Err()
	case <-drained(ctx):
		return call.Dial{}, interrupted(errors.New("the worker stops"))
	}
}

// writeDown keeps a dial's reply where FindLeg finds it should Temporal never hear of it.
func (a *Calling) writeDown(ctx context.Context, id call.ID, d call.Dial) {
	if d.State == call.DialAnswered {
		a.beside(ctx, id, "answered", func(ctx context.Context) error { return a.Calls.MarkAnswered(ctx, id, d.EndedAt) })
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
	return temporal.NewNonRetryableApplicationError("the dial's reply is lost", ErrTypeInterrupted, cause)
}

// beat heartbeats until stopped, so that an activity of a dead worker is noticed long before its time limit. The SDK batches;
// one that ends at once costs none.
func beat(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		for {
			pause(ctx, 3*time.Second)
			if ctx.Err() != nil {
				return
			}
			activity.RecordHeartbeat(ctx)
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
