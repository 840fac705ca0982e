package activities_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

func dialInput(c *fakeCalls) activities.DialInput {
	return activities.DialInput{CallID: c.call.ID, ConnectedAt: time.Now(), RingTimeout: 5 * time.Second, MaxDuration: time.Hour, RequireAgent: true}
}

func TestDialAnswered(t *testing.T) {
	t.Parallel()
	answered := time.Now().UTC().Truncate(time.Microsecond)
	rooms := &fakeRooms{dial: func(context.Context, int) (call.Dial, error) {
		return call.Dial{State: call.DialAnswered, SIPCode: 200, EndedAt: answered, LegSID: "PA_1"}, nil
	}}
	calls := newFakeCalls()
	a, env := calling(t, rooms, calls)
	in := dialInput(calls)
	d := run[call.Dial](t, env, a.Dial, in)
	require.Equal(t, call.DialAnswered, d.State)
	require.Equal(t, "PA_1", d.LegSID)
	require.Equal(t, []livekit.DialRequest{{CallID: calls.call.ID, TrunkID: "ST_1", To: "00919530251797", From: "+919999999999",
		RingTimeout: in.RingTimeout, MaxDuration: in.MaxDuration}}, rooms.dials)
	require.WithinDuration(t, in.ConnectedAt, <-calls.ringing, 0)
	require.Equal(t, answered, <-calls.answered)
}

// TestDialIsTriedAgainOnlyWhenNoInviteLeft uses LiveKit's real replies through the real client, because the verdict on
// what may be retried is its.
func TestDialIsTriedAgainOnlyWhenNoInviteLeft(t *testing.T) {
	t.Parallel()
	refused := livekit.New(func(context.Context) (livekit.Credentials, error) {
		return livekit.Credentials{URL: "ws://127.0.0.1:1", APIKey: "key", APISecret: "secret"}, nil
	})
	rooms := &fakeRooms{}
	rooms.dial = func(ctx context.Context, n int) (call.Dial, error) {
		if n < 3 { // nobody listens there: the connection is refused and nothing can have left
			return refused.Dial(ctx, rooms.dials[0])
		}
		return call.Dial{State: call.DialRefused, SIPCode: 486}, nil
	}
	calls := newFakeCalls()
	a, env := calling(t, rooms, calls)
	require.Equal(t, 486, run[call.Dial](t, env, a.Dial, dialInput(calls)).SIPCode)
	require.Len(t, rooms.dials, 3)
}

func TestDialWhoseReplyIsLostIsNeverTriedAgain(t *testing.T) {
	t.Parallel()
	rooms := &fakeRooms{dial: func(context.Context, int) (call.Dial, error) {
		return call.Dial{State: call.DialUnknown}, fmt.Errorf("dial: %w", errDown)
	}}
	calls := newFakeCalls()
	a, env := calling(t, rooms, calls)
	_, err := env.ExecuteActivity(a.Dial, dialInput(calls))
	var app *temporal.ApplicationError
	require.ErrorAs(t, err, &app)
	require.Equal(t, activities.ErrTypeInterrupted, app.Type())
	require.True(t, app.NonRetryable())
	require.Len(t, rooms.dials, 1)
}

func TestDialLooksBeforeTheRingTimeout(t *testing.T) {
	t.Parallel()
	for _, status := range []call.LegStatus{call.LegDialing, call.LegRinging} {
		rooms := &fakeRooms{room: livekit.Room{Exists: true, Agent: true, Leg: status}}
		looked := make(chan struct{})
		rooms.onLook = func(int) (livekit.Room, error) {
			defer close(looked)
			return rooms.room, nil
		}
		rooms.dial = func(context.Context, int) (call.Dial, error) {
			<-looked
			return call.Dial{State: call.DialRangOut}, nil
		}
		calls := newFakeCalls()
		a, env := calling(t, rooms, calls)
		in := dialInput(calls)
		in.RingTimeout = 1100 * time.Millisecond
		require.Equal(t, status, run[call.Dial](t, env, a.Dial, in).LastStatus)
	}
}

func TestDialWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	rooms := &fakeRooms{dial: func(context.Context, int) (call.Dial, error) { return call.Dial{State: call.DialAnswered}, nil }}
	calls := newFakeCalls()
	calls.readErr = func(n int) error {
		if n < 3 {
			return errDown
		}
		return nil
	}
	a, env := calling(t, rooms, calls)
	require.Equal(t, call.DialAnswered, run[call.Dial](t, env, a.Dial, dialInput(calls)).State)
}

// TestDialIsMadeOnce: Temporal runs it again when somebody resets the workflow, or when it was restored from an older backup.
func TestDialIsMadeOnce(t *testing.T) {
	t.Parallel()
	rooms := &fakeRooms{dial: func(context.Context, int) (call.Dial, error) { return call.Dial{State: call.DialAnswered}, nil }}
	calls := newFakeCalls()
	a, env := calling(t, rooms, calls)
	require.Equal(t, call.DialAnswered, run[call.Dial](t, env, a.Dial, dialInput(calls)).State)
	_, err := env.ExecuteActivity(a.Dial, dialInput(calls))
	var app *temporal.ApplicationError
	require.ErrorAs(t, err, &app)
	require.Equal(t, activities.ErrTypeInterrupted, app.Type(), "the workflow looks for the leg")
	require.Len(t, rooms.dials, 1)
}

func TestDialOfACallThatIsBeingHungUp(t *testing.T) {
	t.Parallel()
	rooms := &fakeRooms{}
	calls := newFakeCalls()
	calls.givenUp = true
	a, env := calling(t, rooms, calls)
	require.Equal(t, call.DialNotSent, run[call.Dial](t, env, a.Dial, dialInput(calls)).State)
	require.Empty(t, rooms.dials)
}

func TestDialOfAnOldConnectLooksForTheAgent(t *testing.T) {
	t.Parallel()
	rooms := &fakeRooms{room: livekit.Room{Exists: true, Leg: call.LegGone}}
	calls := newFakeCalls()
	a, env := calling(t, rooms, calls)
	in := dialInput(calls)
	in.ConnectedAt = time.Now().Add(-time.Minute)
	require.Equal(t, call.DialNoAgent, run[call.Dial](t, env, a.Dial, in).State)
	require.Empty(t, rooms.dials)
}

// TestDialIsNotMadeWhenTheRulesForbidItByThen: the hour may have passed, or the number been listed, since /connect.
func TestDialIsNotMadeWhenTheRulesForbidItByThen(t *testing.T) {
	t.Parallel()
	rooms, calls := &fakeRooms{}, newFakeCalls()
	calls.refusal = call.RefusedByHours
	a, env := calling(t, rooms, calls)
	d := run[call.Dial](t, env, a.Dial, dialInput(calls))
	require.Equal(t, call.DialNotPermitted, d.State)
	require.Contains(t, d.Detail, "outside_calling_hours")
	require.Empty(t, rooms.dials)
}

func TestDialRefusesAPrefixThatCannotBeDialed(t *testing.T) {
	t.Parallel()
	rooms := &fakeRooms{}
	calls := newFakeCalls()
	calls.trunk.Prefix = "9@evil"
	a, env := calling(t, rooms, calls)
	require.Equal(t, call.DialNotSent, run[call.Dial](t, env, a.Dial, dialInput(calls)).State)
	require.Empty(t, rooms.dials)
}

func TestDialHandsOverWhenItsWorkerStops(t *testing.T) {
	t.Parallel()
	rooms := &fakeRooms{dial: func(ctx context.Context, _ int) (call.Dial, error) {
		<-ctx.Done() // the phone rings on
		return call.Dial{State: call.DialUnknown}, ctx.Err()
	}}
	calls := newFakeCalls()
	a, env := calling(t, rooms, calls)
	stop := make(chan struct{})
	close(stop)
	env.SetWorkerStopChannel(stop)
	env.SetWorkerOptions(worker.Options{WorkerStopTimeout: 20 * time.Second})
	_, err := env.ExecuteActivity(a.Dial, dialInput(calls))
	var app *temporal.ApplicationError
	require.ErrorAs(t, err, &app)
	require.Equal(t, activities.ErrTypeInterrupted, app.Type())
}

// TestDialWritesItsReplyDown: Temporal may be away when it comes, and give the dial up.
func TestDialWritesItsReplyDown(t *testing.T) {
	t.Parallel()
	rooms, calls := &fakeRooms{dial: func(context.Context, int) (call.Dial, error) {
		return call.Dial{State: call.DialRefused, SIPCode: 486, EndedAt: time.Now()}, nil
	}}, newFakeCalls()
	a, env := calling(t, rooms, calls)
	run[call.Dial](t, env, a.Dial, activities.DialInput{CallID: calls.call.ID, ConnectedAt: time.Now(), RingTimeout: time.Minute})
	require.Equal(t, 486, (<-calls.replied).SIPCode)
}

// A reply that comes after the worker has handed over is written down, as long as the process lives.
func TestDialWritesALateReplyDown(t *testing.T) {
	t.Parallel()
	handedOver := make(chan struct{})
	rooms, calls := &fakeRooms{dial: func(context.Context, int) (call.Dial, error) {
		<-handedOver
		return call.Dial{State: call.DialRefused, SIPCode: 486, EndedAt: time.Now()}, nil
	}}, newFakeCalls()
	a, env := calling(t, rooms, calls)
	stop := make(chan struct{})
	close(stop)
	env.SetWorkerStopChannel(stop)
	env.SetWorkerOptions(worker.Options{WorkerStopTimeout: 20 * time.Second})
	in := dialInput(calls)
	in.RingTimeout = time.Minute
	_, err := env.ExecuteActivity(a.Dial, in)
	require.Error(t, err)
	close(handedOver)
	require.Equal(t, 486, (<-calls.replied).SIPCode)
}

// TestReviewDialAfterTemporalGaveItUp: no INVITE goes out for a dial that somebody looks for already.
func TestReviewDialAfterTemporalGaveItUp(t *testing.T) {
	t.Parallel()
	rooms, calls := &fakeRooms{dial: func(context.Context, int) (call.Dial, error) { return call.Dial{State: call.DialAnswered}, nil }}, newFakeCalls()
	a, env := calling(t, rooms, calls)
	ctx, cancel := context.WithCancel(t.Context())
	calls.onClaim = cancel
	env.SetWorkerOptions(worker.Options{BackgroundActivityContext: ctx})
	_, err := env.ExecuteActivity(a.Dial, dialInput(calls))
	require.Error(t, err)
	require.Empty(t, rooms.dials)
}

// A TLS handshake that never ends: LiveKit has no time limit for it, and says nothing at the ring timeout.
func TestDialWhoseConnectionHangs(t *testing.T) {
	t.Parallel()
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	rooms, calls := &fakeRooms{room: livekit.Room{Exists: true, Agent: true, Leg: call.LegDialing}, dial: func(context.Context, int) (call.Dial, error) {
		<-never
		return call.Dial{State: call.DialUnknown}, errDown
	}}, newFakeCalls()
	a, env := calling(t, rooms, calls)
	in := dialInput(calls)
	in.RingTimeout = 1100 * time.Millisecond
	began := time.Now()
	d := run[call.Dial](t, env, a.Dial, in)
	require.Less(t, time.Since(began), 7*time.Second, "not for as long as LiveKit's own limit")
	require.Equal(t, call.ReasonTrunkUnavailable, call.Classify(call.Evidence{Dial: d}).Reason)
	require.Contains(t, d.Detail, "TLS")
}

func TestUnlistedRepliesAreCounted(t *testing.T) {
	t.Parallel()
	rooms, calls := &fakeRooms{dial: func(context.Context, int) (call.Dial, error) {
		return call.Dial{State: call.DialNoReply, Unlisted: "failed_precondition"}, nil
	}}, newFakeCalls()
	a, env := calling(t, rooms, calls)
	c := &counted{}
	a.Observer = c
	run[call.Dial](t, env, a.Dial, dialInput(calls))
	require.Equal(t, []string{"failed_precondition"}, c.unlisted)
}
