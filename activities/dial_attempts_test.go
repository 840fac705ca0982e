package activities_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

// twoTrunks is a call whose plan has a second trunk.
func twoTrunks() *fakeCalls {
	calls := newFakeCalls()
	calls.trunk.ID, calls.trunk.Label, calls.full = "trk_a", "A", map[string]bool{}
	calls.others = []call.Trunk{{ID: "trk_b", Label: "B", LiveKitTrunkID: "ST_2", Prefix: "7", DefaultDID: "+912233445566"}}
	return calls
}

// firstThen has LiveKit say d to the first dial, and answers the second.
func firstThen(d call.Dial, rang call.Rang) *fakeRooms {
	return &fakeRooms{rang: rang, dial: func(_ context.Context, n int) (call.Dial, error) {
		if n > 1 {
			return call.Dial{State: call.DialAnswered, SIPCode: 200, EndedAt: time.Now().UTC(), LegSID: "PA_2"}, nil
		}
		d.EndedAt = time.Now().UTC()
		return d, nil
	}}
}

// TestFailover is the table of what fails over: only what proves that no phone rang.
func TestFailover(t *testing.T) {
	t.Parallel()
	refused := func(sip int) call.Dial { return call.Dial{State: call.DialRefused, SIPCode: sip} }
	unreachable := call.Dial{State: call.DialNoReply, TrunkFault: true}
	for name, c := range map[string]struct {
		first call.Dial
		rang  call.Rang
		tries int
	}{
		"503, nothing rang":                  {refused(503), call.RangNo, 2},
		"500, nothing rang":                  {refused(500), call.RangNo, 2},
		"401":                                {refused(401), call.RangNo, 2},
		"403":                                {refused(403), call.RangNo, 2},
		"407":                                {refused(407), call.RangNo, 2},
		"408 without ringing":                {refused(408), call.RangNo, 2},
		"the carrier cannot be reached":      {unreachable, call.RangNo, 2},
		"LiveKit does not know the trunk":    {call.Dial{State: call.DialNotSent, TrunkFault: true}, call.RangUnknown, 2},
		"503 after it rang":                  {refused(503), call.RangYes, 1},
		"503, and nobody could listen":       {refused(503), call.RangUnknown, 1},
		"408 after it rang":                  {refused(408), call.RangYes, 1},
		"the carrier vanished after it rang": {unreachable, call.RangYes, 1},
		"no reply, and what was sent is not known": {call.Dial{State: call.DialNoReply}, call.RangNo, 1},
		"486":                               {refused(486), call.RangNo, 1},
		"480":                               {refused(480), call.RangNo, 1},
		"487":                               {refused(487), call.RangNo, 1},
		"603":                               {refused(603), call.RangNo, 1},
		"404":                               {refused(404), call.RangNo, 1},
		"an answer that LiveKit cannot use": {refused(0), call.RangNo, 1},
		"rang out":                          {call.Dial{State: call.DialRangOut}, call.RangNo, 1},
		"cancelled":                         {call.Dial{State: call.DialCancelled}, call.RangNo, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rooms, calls := firstThen(c.first, c.rang), twoTrunks()
			a, env := calling(t, rooms, calls)
			d := run[call.Dial](t, env, a.Dial, dialInput(calls))
			require.Len(t, rooms.dials, c.tries)
			if c.tries == 1 {
				require.Equal(t, c.first.State, d.State)
				require.Empty(t, d.Attempts, "a single attempt is the dial itself")
				return
			}
			require.Equal(t, call.DialAnswered, d.State)
			require.Equal(t, livekit.DialRequest{CallID: calls.call.ID, TrunkID: "ST_2", To: "79530251797", From: "+912233445566",
				RingTimeout: rooms.dials[1].RingTimeout, MaxDuration: time.Hour}, rooms.dials[1])
			require.Less(t, rooms.dials[1].RingTimeout, rooms.dials[0].RingTimeout, "all attempts share one ring timeout")
			require.Len(t, d.Attempts, 2)
			require.Equal(t, "A", d.Attempts[0].Trunk)
			require.Equal(t, c.first.SIPCode, d.Attempts[0].SIPCode)
			require.Equal(t, call.DialAnswered, d.Attempts[1].State)
		})
	}
}

func TestOneTrunkIsNotListenedTo(t *testing.T) {
	t.Parallel()
	rooms, calls := firstThen(call.Dial{State: call.DialRefused, SIPCode: 503}, call.RangNo), newFakeCalls()
	a, env := calling(t, rooms, calls)
	require.Equal(t, 503, run[call.Dial](t, env, a.Dial, dialInput(calls)).SIPCode)
	require.Zero(t, rooms.listens, "there is no other trunk: it costs nothing")
}

func TestNobodyCanListen(t *testing.T) {
	t.Parallel()
	rooms, calls := firstThen(call.Dial{State: call.DialRefused, SIPCode: 503}, call.RangNo), twoTrunks()
	rooms.deaf = errDown
	a, env := calling(t, rooms, calls)
	require.Equal(t, 503, run[call.Dial](t, env, a.Dial, dialInput(calls)).SIPCode)
	require.Len(t, rooms.dials, 1, "what is not known counts as rung")
}

func TestATrunkWithoutAFreeLineIsPassedOver(t *testing.T) {
	t.Parallel()
	rooms, calls := firstThen(call.Dial{State: call.DialRefused, SIPCode: 486}, call.RangUnknown), twoTrunks()
	calls.full["trk_a"] = true
	a, env := calling(t, rooms, calls)
	require.Equal(t, 486, run[call.Dial](t, env, a.Dial, dialInput(calls)).SIPCode)
	require.Equal(t, "ST_2", rooms.dials[0].TrunkID)
}

func TestNoFreeLineAnywhere(t *testing.T) {
	t.Parallel()
	rooms, calls := &fakeRooms{}, twoTrunks()
	calls.full["trk_a"], calls.full["trk_b"] = true, true
	a, env := calling(t, rooms, calls)
	require.Equal(t, call.DialNoLine, run[call.Dial](t, env, a.Dial, dialInput(calls)).State)
	require.Empty(t, rooms.dials)
}

// TestTheEarlierFailureStands: a trunk that has no line is no reason to tell the CRM of capacity.
func TestTheEarlierFailureStands(t *testing.T) {
	t.Parallel()
	rooms, calls := firstThen(call.Dial{State: call.DialRefused, SIPCode: 503}, call.RangNo), twoTrunks()
	calls.full["trk_b"] = true
	a, env := calling(t, rooms, calls)
	require.Equal(t, 503, run[call.Dial](t, env, a.Dial, dialInput(calls)).SIPCode)
	require.Equal(t, 503, (<-calls.replied).SIPCode, "and is what a recovery finds")
}

// TestTheFirstFailureIsNotWhatARecoveryFinds: while another trunk is tried, the dial has not ended.
func TestTheFirstFailureIsNotWhatARecoveryFinds(t *testing.T) {
	t.Parallel()
	rooms, calls := firstThen(call.Dial{State: call.DialRefused, SIPCode: 503}, call.RangNo), twoTrunks()
	a, env := calling(t, rooms, calls)
	require.Equal(t, call.DialAnswered, run[call.Dial](t, env, a.Dial, dialInput(calls)).State)
	<-calls.answered
	require.Empty(t, calls.replied)
}
