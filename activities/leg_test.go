package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
)

func findInput(c *fakeCalls) activities.FindLegInput {
	return activities.FindLegInput{CallID: c.call.ID, StartedAt: time.Now(), RingTimeout: time.Minute}
}

func room(leg call.LegStatus) livekit.Room { return livekit.Room{Exists: true, Agent: true, Leg: leg} }

func TestFindLegWaitsForTheAnswer(t *testing.T) {
	t.Parallel()
	rooms := &fakeRooms{onLook: func(n int) (livekit.Room, error) {
		return []livekit.Room{room(call.LegRinging), room(call.LegRinging), room(call.LegActive)}[n-1], nil
	}}
	calls := newFakeCalls()
	a, env := calling(t, rooms, calls)
	d := run[call.Dial](t, env, a.FindLeg, findInput(calls))
	require.Equal(t, call.DialAnswered, d.State)
	require.Equal(t, call.LegRinging, d.LastStatus)
	require.NotZero(t, <-calls.answered)
	require.Empty(t, rooms.dials, "a recovery never dials")
}

func TestFindLegBelievesOnlyRepeatedAbsence(t *testing.T) {
	t.Parallel()
	script := []call.LegStatus{call.LegGone, call.LegRinging, call.LegGone, call.LegGone, call.LegGone}
	rooms := &fakeRooms{onLook: func(n int) (livekit.Room, error) { return room(script[n-1]), nil }}
	calls := newFakeCalls()
	a, env := calling(t, rooms, calls)
	a.LegGrace = 1900 * time.Millisecond
	d := run[call.Dial](t, env, a.FindLeg, findInput(calls))
	require.Equal(t, call.DialUnknown, d.State)
	require.Equal(t, call.LegRinging, d.LastStatus)
	require.Equal(t, len(script), rooms.looks)
}

// TestFindLegWaitsForARestartedSession: LiveKit restarts the session of the leg while it rings and nobody has the dial's reply. A leg
// that was never seen is waited for no longer than ever.
func TestFindLegWaitsForARestartedSession(t *testing.T) {
	t.Parallel()
	gone := room(call.LegGone)
	script := []livekit.Room{room(call.LegRinging), gone, gone, gone, gone, gone, room(call.LegRinging), room(call.LegActive)}
	rooms := &fakeRooms{onLook: func(n int) (livekit.Room, error) { return script[n-1], nil }}
	calls := newFakeCalls()
	a, env := calling(t, rooms, calls)
	d := run[call.Dial](t, env, a.FindLeg, findInput(calls))
	require.Equal(t, call.DialAnswered, d.State)

	rooms, calls = &fakeRooms{onLook: func(int) (livekit.Room, error) { return gone, nil }}, newFakeCalls()
	a, env = calling(t, rooms, calls)
	d = run[call.Dial](t, env, a.FindLeg, findInput(calls))
	require.Equal(t, call.DialUnknown, d.State)
	require.Equal(t, 3, rooms.looks)
}

func TestFindLegKnowsALegThatRangOut(t *testing.T) {
	t.Parallel()
	for _, last := range []call.LegStatus{call.LegRinging, call.LegDialing} {
		script := []call.LegStatus{last, call.LegGone, call.LegGone, call.LegGone}
		rooms := &fakeRooms{onLook: func(n int) (livekit.Room, error) { return room(script[n-1]), nil }}
		calls := newFakeCalls()
		a, env := calling(t, rooms, calls)
		in := findInput(calls)
		in.StartedAt = time.Now().Add(-in.RingTimeout)
		d := run[call.Dial](t, env, a.FindLeg, in)
		require.Equal(t, call.DialRangOut, d.State)
		require.Equal(t, last, d.LastStatus, "it tells a phone that rang from a carrier that never did")
		require.Less(t, d.EndedAt.Sub(in.StartedAt), in.RingTimeout+2*time.Second, "it ended when it was first missed")
	}
}

func TestFindLegBelievesTheStoreAboutTheAnswer(t *testing.T) {
	t.Parallel()
	moment := time.Now().Add(-7 * time.Second).UTC()
	rooms, calls := &fakeRooms{room: room(call.LegGone)}, newFakeCalls()
	calls.call.AnsweredAt = &moment
	a, env := calling(t, rooms, calls)
	in := findInput(calls)
	in.StartedAt = moment.Add(-5 * time.Second)
	d := run[call.Dial](t, env, a.FindLeg, in)
	require.Equal(t, call.DialAnswered, d.State)
	require.WithinDuration(t, moment, d.EndedAt, 0)
	lie := d.StartedAt.Add(time.Millisecond)
	o := call.Classify(call.Evidence{ConnectedAt: &d.StartedAt, Dial: d, Report: &lie, ClosedAt: time.Now()})
	require.WithinDuration(t, moment, *o.AnsweredAt, 0, "a browser that said ANSWERED while it rang moves nothing")
}

func TestFindLegBelievesTheReplyThatWasWrittenDown(t *testing.T) {
	t.Parallel()
	rooms, calls := &fakeRooms{room: room(call.LegGone)}, newFakeCalls()
	calls.reply = &call.Dial{State: call.DialRefused, SIPCode: 486, Source: call.SourceDial}
	a, env := calling(t, rooms, calls)
	require.Equal(t, *calls.reply, run[call.Dial](t, env, a.FindLeg, findInput(calls)))

	rooms.onLook = func(n int) (livekit.Room, error) { // the reply comes while the recovery looks
		if n == 3 {
			calls.mu.Lock()
			calls.reply = &call.Dial{State: call.DialRefused, SIPCode: 603, Source: call.SourceDial}
			calls.mu.Unlock()
		}
		return room(call.LegGone), nil
	}
	calls.reply = nil
	require.Equal(t, 603, run[call.Dial](t, env, a.FindLeg, findInput(calls)).SIPCode)
}

func TestFindLegEndsWhenLiveKitStaysAway(t *testing.T) {
	t.Parallel()
	rooms := &fakeRooms{lookErr: errDown}
	calls := newFakeCalls()
	a, env := calling(t, rooms, calls)
	in := findInput(calls)
	in.StartedAt = time.Now().Add(-3 * time.Minute)
	require.Equal(t, call.DialUnknown, run[call.Dial](t, env, a.FindLeg, in).State)
}

func TestHangUpKeepsTheFirstLook(t *testing.T) {
	t.Parallel()
	rooms, calls := &fakeRooms{room: room(call.LegActive)}, newFakeCalls()
	a, env := calling(t, rooms, calls)
	for _, seen := range []call.LegStatus{call.LegActive, call.LegNoRoom} { // the second run is the one after a crash: the room is gone by then
		got := run[activities.HangUpResult](t, env, a.HangUp, activities.HangUpInput{CallID: calls.call.ID})
		require.Equal(t, activities.HangUpResult{Leg: call.LegActive, Seen: seen, Closed: true}, got)
	}
	require.Equal(t, 2, rooms.closes)
}

func TestHangUpTellsTheReplyThatWasWrittenDown(t *testing.T) {
	t.Parallel()
	rooms, calls := &fakeRooms{room: room(call.LegGone)}, newFakeCalls()
	calls.reply = &call.Dial{State: call.DialRefused, SIPCode: 486, Source: call.SourceDial}
	a, env := calling(t, rooms, calls)
	got := run[activities.HangUpResult](t, env, a.HangUp, activities.HangUpInput{CallID: calls.call.ID, Dialing: true})
	require.Equal(t, calls.reply, got.Reply)
	got = run[activities.HangUpResult](t, env, a.HangUp, activities.HangUpInput{CallID: calls.call.ID})
	require.Nil(t, got.Reply, "of a dial that has returned")
}

func TestHangUpWaitsForALegThatJoins(t *testing.T) {
	t.Parallel()
	const after = 4 // looks
	for name, tc := range map[string]struct {
		dialing bool
		first   call.LegStatus
		dial    *call.Dial // over after as many looks
		looks   int
	}{
		"it joins":             {dialing: true, first: call.LegGone, looks: after},
		"the dial is over":     {dialing: true, first: call.LegGone, dial: &call.Dial{State: call.DialRefused}, looks: after},
		"nobody is dialed":     {first: call.LegGone, looks: 1},
		"it is there":          {dialing: true, first: call.LegRinging, looks: 1},
		"there is no room":     {dialing: true, first: call.LegNoRoom, looks: 1},
		"LiveKit does not say": {dialing: true, first: call.LegUnknown, looks: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rooms, calls := &fakeRooms{}, newFakeCalls()
			rooms.onLook = func(n int) (livekit.Room, error) {
				require.Zero(t, rooms.closes, "the room is still there")
				switch {
				case n < after:
					return room(tc.first), nil
				case tc.dial == nil:
					return room(call.LegDialing), nil
				}
				calls.mu.Lock()
				defer calls.mu.Unlock()
				calls.reply = tc.dial
				return room(tc.first), nil
			}
			a, env := calling(t, rooms, calls)
			got := run[activities.HangUpResult](t, env, a.HangUp, activities.HangUpInput{CallID: calls.call.ID, Dialing: tc.dialing})
			require.Equal(t, activities.HangUpResult{Leg: tc.first, Seen: tc.first, Closed: true, Reply: tc.dial}, got, "the first look counts")
			require.Equal(t, tc.looks, rooms.looks)
			require.Equal(t, 1, rooms.closes)
		})
	}
}

func TestHangUpDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	rooms, calls := &fakeRooms{room: room(call.LegGone)}, newFakeCalls()
	a, env := calling(t, rooms, calls)
	got := run[activities.HangUpResult](t, env, a.HangUp, activities.HangUpInput{CallID: calls.call.ID, Dialing: true})
	require.Equal(t, activities.HangUpResult{Leg: call.LegGone, Seen: call.LegGone, Closed: true}, got)
}

func TestHangUpWithoutTheStore(t *testing.T) {
	t.Parallel()
	rooms, calls := &fakeRooms{room: room(call.LegHangup)}, newFakeCalls()
	calls.keepErr = errDown
	a, env := calling(t, rooms, calls)
	got := run[activities.HangUpResult](t, env, a.HangUp, activities.HangUpInput{CallID: calls.call.ID})
	require.Equal(t, activities.HangUpResult{Leg: call.LegHangup, Seen: call.LegHangup, Closed: true}, got)
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	for name, accepted := range map[string]bool{"not accepted: the room goes too": false, "accepted: it stands": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rooms, calls := &fakeRooms{}, newFakeCalls()
			calls.refused = !accepted
			a, env := calling(t, rooms, calls)
			require.Equal(t, !accepted, run[bool](t, env, a.Withdraw, activities.CallRef{CallID: calls.call.ID}))
			require.Equal(t, map[bool]int{true: 0, false: 1}[accepted], rooms.closes)
		})
	}
}

func TestWithdrawWaitsForTheStore(t *testing.T) {
	t.Parallel()
	rooms, calls := &fakeRooms{}, newFakeCalls()
	calls.keepErr = errDown
	a, env := calling(t, rooms, calls)
	_, err := env.ExecuteActivity(a.Withdraw, activities.CallRef{CallID: calls.call.ID})
	require.ErrorContains(t, err, "down", "Temporal tries it again")
	require.Zero(t, rooms.closes, "nobody knows yet whether the call lives")
}

func TestOpenRoom(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		openErr error
		refused bool
		busy    bool
		kind    string
		closes  int
	}{
		"open":                        {},
		"LiveKit is down":             {openErr: errDown, kind: activities.ErrTypeLiveKitUnavailable},
		"refused in the meantime":     {refused: true, kind: activities.ErrTypeRefused, closes: 1},
		"the agent has another call":  {busy: true, kind: activities.ErrTypeAgentBusy, closes: 1},
		"refused and LiveKit is down": {openErr: errDown, refused: true, kind: activities.ErrTypeLiveKitUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rooms, calls := &fakeRooms{openErr: tc.openErr}, newFakeCalls()
			calls.refused, calls.agentBusy = tc.refused, tc.busy
			a, env := calling(t, rooms, calls)
			_, err := env.ExecuteActivity(a.OpenRoom, activities.OpenRoomInput{CallID: calls.call.ID, Knobs: call.DefaultKnobs()})
			require.Equal(t, tc.closes, rooms.closes)
			if tc.kind == "" {
				require.NoError(t, err)
				return
			}
			var app *temporal.ApplicationError
			require.ErrorAs(t, err, &app)
			require.Equal(t, tc.kind, app.Type())
		})
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	rooms, calls := &fakeRooms{}, newFakeCalls()
	a, env := calling(t, rooms, calls)
	first := call.Outcome{CallStatus: call.Answered, Reason: call.ReasonAgentHangup, DurationSeconds: 30, EndedAt: time.Now().UTC()}
	in := activities.RecordInput{CallID: calls.call.ID, Outcome: first}

	calls.startErr = errDown
	_, err := env.ExecuteActivity(a.Record, in)
	require.Error(t, err, "it insists until the delivery is started too")

	calls.startErr = nil
	second := in
	second.Outcome.Reason = call.ReasonCustomerHangup
	got := run[call.Outcome](t, env, a.Record, second)
	require.Equal(t, call.ReasonAgentHangup, got.Reason, "the first outcome stands")
	require.Len(t, calls.bodies, 1)
	require.Contains(t, string(calls.bodies[0]), `"phone_to":"9530251797"`)
	require.Equal(t, []string{calls.call.ID.EventID(), calls.call.ID.EventID()}, calls.started)
}

// TestRecordAsksForTheFirstAttempt leaves it to the call's workflow, and what is parked to nobody.
func TestRecordAsksForTheFirstAttempt(t *testing.T) {
	t.Parallel()
	for state, want := range map[store.DeliveryState]bool{
		store.DeliveryPending: true, store.DeliveryParked: false, store.DeliveryDelivered: false, store.DeliveryDead: false,
	} {
		calls := newFakeCalls()
		calls.delivery = state
		a, env := calling(t, &fakeRooms{}, calls)
		in := activities.RecordInput{CallID: calls.call.ID, Outcome: call.Outcome{CallStatus: call.NotAnswered, Reason: call.ReasonBusy}, Attempts: true}
		for range 2 { // as after a lost reply
			require.Equal(t, want, run[activities.Recorded](t, env, a.Record, in).Attempt, state)
		}
		require.Empty(t, calls.started)
		require.Equal(t, state == store.DeliveryParked, len(calls.watched) > 0)
	}
}

// TestRecordStartsFurther: deliveries to the endpoints beside the default one have workflows of their own. One that cannot be started is the
// ledger's: it holds up neither the call nor the others.
func TestRecordStartsFurther(t *testing.T) {
	t.Parallel()
	calls := newFakeCalls()
	calls.further = []store.Delivery{
		{EventID: "evt_a", EndpointID: "ep_a", State: store.DeliveryPending}, {EventID: "evt_b", EndpointID: "ep_b", State: store.DeliveryParked},
		{EventID: "evt_c", EndpointID: "ep_c", State: store.DeliveryDelivered}, {EventID: "evt_d", EndpointID: "ep_d", State: store.DeliveryPending},
	}
	a, env := calling(t, &fakeRooms{}, calls)
	in := activities.RecordInput{CallID: calls.call.ID, Outcome: call.Outcome{CallStatus: call.NotAnswered, Reason: call.ReasonBusy}, Attempts: true}
	calls.startErr = errDown
	require.True(t, run[activities.Recorded](t, env, a.Record, in).Attempt)
	require.Equal(t, []string{"evt_a", "evt_d"}, calls.started)
	require.Equal(t, []string{"ep_b"}, calls.watched)
}

// TestRecordComesSecond: a run that Temporal had given up goes on, and records its outcome between the reading and the
// writing of the next one.
func TestRecordComesSecond(t *testing.T) {
	t.Parallel()
	rooms, calls := &fakeRooms{}, newFakeCalls()
	calls.rival = &call.Outcome{CallStatus: call.Answered, Reason: call.ReasonCustomerHangup}
	a, env := calling(t, rooms, calls)
	in := activities.RecordInput{CallID: calls.call.ID, Outcome: call.Outcome{CallStatus: call.Answered, Reason: call.ReasonAgentHangup}}
	require.Equal(t, call.ReasonCustomerHangup, run[call.Outcome](t, env, a.Record, in).Reason)
}

// A leg that left before another trunk is tried is no end of the call, whose dial goes on.
func TestLookForLegBetweenTrunks(t *testing.T) {
	t.Parallel()
	rooms, calls := &fakeRooms{room: room(call.LegGone)}, newFakeCalls()
	a, env := calling(t, rooms, calls)
	look := func() activities.LegSeen {
		return run[activities.LegSeen](t, env, a.LookForLeg, activities.LookForLegInput{CallID: calls.call.ID, Dialing: true})
	}
	require.Equal(t, call.LegGone, look().Leg, "of the first trunk, or of a dial whose reply is lost")
	require.NoError(t, calls.EndAttempt(t.Context(), calls.call.ID, 1, call.Dial{State: call.DialRefused, SIPCode: 503, EndedAt: time.Now()}))
	require.Equal(t, call.LegUnknown, look().Leg)
	calls.reply = &call.Dial{State: call.DialRefused, SIPCode: 503}
	require.NotNil(t, look().Reply, "the dial has ended")
}

// TestLookForLegRestoresIt: in a session that LiveKit restarted, the leg of people who talk says "dialing" and hears nobody.
func TestLookForLegRestoresIt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		leg      call.LegStatus
		held     bool
		unsure   bool // whether anybody has answered
		fails    error
		restored []bool
	}{
		{name: "restarted", leg: call.LegDialing, restored: []bool{true}},
		{name: "whole", leg: call.LegActive, restored: []bool{true}},
		{name: "LiveKit does not do it", leg: call.LegDialing, fails: errDown, restored: []bool{true}},
		{name: "on hold", leg: call.LegDialing, held: true, restored: []bool{false}},
		{name: "nobody has answered", leg: call.LegRinging, unsure: true},
		{name: "it is gone", leg: call.LegGone},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			rooms, calls := &fakeRooms{room: room(tc.leg), restoreErr: tc.fails}, newFakeCalls()
			if tc.held {
				now := time.Now()
				calls.call.HeldAt = &now
			}
			a, env := calling(t, rooms, calls)
			in := activities.LookForLegInput{CallID: calls.call.ID, Answered: !tc.unsure}
			require.Equal(t, tc.leg, run[activities.LegSeen](t, env, a.LookForLeg, in).Leg, "what the look found stands")
			require.Equal(t, tc.restored, rooms.restored)
		})
	}
}

// TestLookForLegDoesNotEndAHold: a call that is put on hold while its leg is made whole stays on hold.
func TestLookForLegDoesNotEndAHold(t *testing.T) {
	t.Parallel()
	rooms, calls := &fakeRooms{room: room(call.LegDialing)}, newFakeCalls()
	rooms.onRestore = func() {
		now := time.Now()
		calls.mu.Lock()
		defer calls.mu.Unlock()
		calls.call.HeldAt = &now
	}
	a, env := calling(t, rooms, calls)
	run[activities.LegSeen](t, env, a.LookForLeg, activities.LookForLegInput{CallID: calls.call.ID, Answered: true})
	require.Equal(t, []bool{true, false}, rooms.restored)
	require.Equal(t, []bool{true}, rooms.holds, "they are kept apart again")
}
