package workflows_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/workflows"
)

// event sends word that a session of the leg ended, and changes nothing else.
func (c *callTest) event(d time.Duration, e workflows.RoomEvent) {
	c.after(d, func() {
		e.At, e.Participant = c.Now(), call.ParticipantCustomer
		if e.Source == "" {
			e.Source = call.SourceWebhook
		}
		c.SignalWorkflow(workflows.SignalRoomEvent.Name, e)
	})
}

// restarts is every way in which LiveKit tells that a session ended whose phone is up.
func restarts(sid string) []workflows.RoomEvent {
	var all []workflows.RoomEvent
	for _, status := range []call.LegStatus{call.LegDialing, call.LegRinging, call.LegActive} {
		for _, reason := range []call.LeaveReason{call.LeaveLost, call.LeaveUnknown, call.LeaveOrdinary, call.LeaveReplaced} {
			all = append(all, workflows.RoomEvent{SID: sid, Reason: reason, Status: status})
		}
	}
	return append(all, workflows.RoomEvent{Source: call.SourcePoll, Status: call.LegGone})
}

const (
	legConnect = 3 * time.Second
	legAnswer  = legConnect + 20*time.Second
)

// answeredCall is a call that rings for 20 s and is answered.
func answeredCall(t *testing.T) *callTest {
	t.Helper()
	c := newCallTest(t)
	c.dial, c.dialAfter, c.leg = answered(), 20*time.Second, call.LegRinging
	c.connect(legConnect)
	c.after(legAnswer-time.Second, func() { c.setLeg(call.LegActive) })
	return c
}

func (c *callTest) requireSurvived() {
	c.t.Helper()
	c.after(legAnswer+90*time.Second-time.Millisecond, func() { c.setLeg(call.LegGone) })
	c.event(legAnswer+90*time.Second, workflows.RoomEvent{SID: "PA_new", Reason: call.LeaveOrdinary, Status: call.LegHangup})
	o := c.run()
	require.Equal(c.t, call.ReasonCustomerHangup, o.Reason)
	require.Equal(c.t, 90, o.DurationSeconds)
}

// TestReviewFullReconnectWhileItRings: the session that the dial then names has ended long before the answer.
func TestReviewFullReconnectWhileItRings(t *testing.T) {
	t.Parallel()
	for i, e := range restarts("PA_leg") {
		t.Run(fmt.Sprint(i, e.Reason, e.Status), func(t *testing.T) {
			t.Parallel()
			c := answeredCall(t)
			c.event(legConnect+5*time.Second, e)
			c.session = "PA_new"
			c.requireSurvived()
		})
	}
}

func TestReviewEarlierSessionWhileItRings(t *testing.T) {
	t.Parallel()
	for i, e := range restarts("PA_older") {
		t.Run(fmt.Sprint(i, e.Reason, e.Status), func(t *testing.T) {
			t.Parallel()
			c := answeredCall(t)
			c.event(legConnect+19*time.Second, e) // no look before the answer
			c.session = "PA_new"
			c.requireSurvived()
		})
	}
}

func TestReviewFullReconnectWhileTheyTalk(t *testing.T) {
	t.Parallel()
	for i, e := range restarts("PA_leg") {
		for _, back := range []time.Duration{0, 14 * time.Second} {
			t.Run(fmt.Sprint(i, e.Reason, e.Status, back), func(t *testing.T) {
				t.Parallel()
				c := answeredCall(t)
				c.event(legAnswer+10*time.Second, e)
				if back > 0 {
					c.after(legAnswer+9*time.Second, func() { c.setLeg(call.LegGone) })
					c.after(legAnswer+10*time.Second+back, func() { c.setLeg(call.LegActive) })
				}
				c.session = "PA_new"
				c.requireSurvived()
			})
		}
	}
}

// TestALegThatLeftForGood: the record has the moment at which it left, not that of the look.
func TestALegThatLeftForGood(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		event  workflows.RoomEvent
		reason call.Reason
		grace  time.Duration // until the call ends
	}{
		"BYE":                          {workflows.RoomEvent{SID: "PA_leg", Reason: call.LeaveOrdinary, Status: call.LegHangup}, call.ReasonCustomerHangup, 0},
		"BYE of a session not known":   {workflows.RoomEvent{SID: "PA_new", Reason: call.LeaveOrdinary, Status: call.LegHangup}, call.ReasonCustomerHangup, 0},
		"BYE seen by the watch":        {workflows.RoomEvent{SID: "PA_leg", Source: call.SourcePoll, Status: call.LegHangup}, call.ReasonCustomerHangup, 0},
		"media timeout":                {workflows.RoomEvent{SID: "PA_leg", Reason: call.LeaveOrdinary, Status: call.LegActive}, call.ReasonMediaTimeout, 15 * time.Second},
		"SIP service killed":           {workflows.RoomEvent{SID: "PA_leg", Reason: call.LeaveLost, Status: call.LegActive}, call.ReasonConnectionLost, 15 * time.Second},
		"removed from the room":        {workflows.RoomEvent{SID: "PA_leg", Reason: call.LeaveRemoved, Status: call.LegActive}, call.ReasonConnectionLost, 15 * time.Second},
		"missed by the watch":          {workflows.RoomEvent{Source: call.SourcePoll, Status: call.LegGone}, call.ReasonCustomerHangup, 15 * time.Second},
		"room deleted by somebody":     {workflows.RoomEvent{Source: call.SourcePoll, Status: call.LegNoRoom}, call.ReasonConnectionLost, 0},
		"a reason of a newer LiveKit":  {workflows.RoomEvent{SID: "PA_leg", Reason: call.LeaveMedia, Status: call.LegActive}, call.ReasonMediaTimeout, 0},
		"removed, and the page was by": {workflows.RoomEvent{SID: "PA_leg", Reason: call.LeaveLost, Status: call.LegActive}, call.ReasonConnectionLost, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := answeredCall(t)
			gone := call.LegGone
			if tc.event.Status == call.LegNoRoom {
				gone = call.LegNoRoom
			}
			c.after(legAnswer+44*time.Second-time.Millisecond, func() { c.setLeg(gone) })
			c.event(legAnswer+44*time.Second, tc.event)
			if tc.grace == time.Second {
				c.hangUp(legAnswer+45*time.Second, call.LegGone)
			}
			o := c.run()
			require.Equal(t, tc.reason, o.Reason)
			require.Equal(t, 44, o.DurationSeconds)
			require.WithinDuration(t, o.EndedAt.Add(tc.grace), c.Now(), 2*time.Second)
		})
	}
}

// TestALookThatLiveKitDoesNotAnswer ends nothing.
func TestALookThatLiveKitDoesNotAnswer(t *testing.T) {
	t.Parallel()
	c := answeredCall(t)
	c.blind = true
	c.event(legAnswer+10*time.Second, workflows.RoomEvent{SID: "PA_leg", Reason: call.LeaveLost, Status: call.LegActive})
	c.after(legAnswer+600*time.Second, func() { c.blind, c.session = false, "PA_new" })
	c.event(legAnswer+900*time.Second, workflows.RoomEvent{SID: "PA_new", Reason: call.LeaveOrdinary, Status: call.LegHangup})
	require.Equal(t, 900, c.run().DurationSeconds)
	require.Less(t, c.looks, 12, "a LiveKit that is away is asked more and more seldom")
}

// TestOrdersOfEvents: whatever LiveKit says of sessions that ended while the leg is there, in whatever order, twice and late, the
// call ends with the customer's BYE and at its moment.
func TestOrdersOfEvents(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 11)) //nolint:gosec // a test
			c := answeredCall(t)
			sids := []string{"PA_leg", "PA_older", "PA_second", "PA_new", ""}
			for range 1 + r.IntN(6) {
				all := restarts(sids[r.IntN(len(sids))])
				c.event(legConnect+time.Duration(r.IntN(100))*time.Second, all[r.IntN(len(all))])
			}
			for range r.IntN(3) { // out of the room for less than the grace
				from := legAnswer + time.Duration(r.IntN(80))*time.Second
				c.after(from, func() { c.setLeg(call.LegGone) })
				c.after(from+time.Duration(r.IntN(9000))*time.Millisecond, func() { c.setLeg(call.LegActive) })
			}
			c.session = "PA_new"
			c.after(legAnswer+89*time.Second, func() { c.setLeg(call.LegActive) })
			c.requireSurvived()
		})
	}
}

// A final reply whose text LiveKit cannot pass on: the leg's own leaving, and a look, end the wait.
func TestAReplyThatNeverComes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		event  workflows.RoomEvent
		gone   time.Duration
		reason call.Reason
		within time.Duration
	}{
		"busy, declined, 4xx": {workflows.RoomEvent{SID: "PA_leg", Reason: call.LeaveRejected, Status: call.LegRinging}, 5 * time.Second, call.ReasonDeclined, 4 * time.Second},
		"no answer, 480":      {workflows.RoomEvent{SID: "PA_leg", Reason: call.LeaveUnavailable, Status: call.LegRinging}, 5 * time.Second, call.ReasonNoAnswer, 4 * time.Second},
		"5xx": {workflows.RoomEvent{SID: "PA_leg", Reason: call.LeaveOrdinary, Status: call.LegDialing}, 5 * time.Second,
			call.ReasonTrunkUnavailable, 20 * time.Second},
		"no event, rang": {workflows.RoomEvent{Source: call.SourcePoll, Status: call.LegRinging}, 5 * time.Second, call.ReasonNoAnswer, 20 * time.Second},
		"no event, did not ring": {workflows.RoomEvent{Source: call.SourcePoll, Status: call.LegDialing}, 5 * time.Second,
			call.ReasonDialStateUnknown, 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCallTest(t)
			c.connect(legConnect)
			c.dial, c.dialAfter, c.leg = call.Dial{}, 60*time.Second, call.LegRinging
			c.dialErr = temporal.NewNonRetryableApplicationError("lost", activities.ErrTypeInterrupted, nil)
			c.after(legConnect+tc.gone-time.Second, func() { c.setLeg(call.LegGone) })
			c.event(legConnect+tc.gone, tc.event)
			o := c.run()
			require.Equal(t, tc.reason, o.Reason)
			require.Less(t, c.Now().Sub(o.EndedAt), tc.within+2*time.Second, "the agent does not wait for LiveKit's own limit")
			require.NotEqual(t, call.PartyAgent, o.HangupBy)
			require.Equal(t, 5, o.RingSeconds)
		})
	}
}

// The page asks for a hang-up as soon as it sees the customer leave: that is not the agent's doing, and does not hold the outcome up.
func TestAReplyThatNeverComesAndTheSnippet(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		event *workflows.RoomEvent
		is    call.Reason
	}{
		"with LiveKit's event": {&workflows.RoomEvent{SID: "PA_leg", Reason: call.LeaveRejected, Status: call.LegRinging}, call.ReasonDeclined},
		"without":              {nil, call.ReasonDialStateUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCallTest(t)
			c.connect(legConnect)
			c.dial, c.dialAfter = call.Dial{}, 60*time.Second
			c.dialErr = temporal.NewNonRetryableApplicationError("lost", activities.ErrTypeInterrupted, nil)
			c.setLeg(call.LegRinging)
			c.hangUp(legConnect+9*time.Second, call.LegGone)
			if tc.event != nil {
				c.event(legConnect+9100*time.Millisecond, *tc.event)
			}
			o := c.run()
			require.Equal(t, tc.is, o.Reason)
			require.NotEqual(t, call.PartyAgent, o.HangupBy)
			require.Less(t, c.closes, 7, "not 25 times")
			require.Less(t, c.Now().Sub(o.EndedAt), 15*time.Second)
		})
	}
}

// TestAgentCancelsADialThatHangs: a phone that rang until the agent gave up is the agent's doing, although LiveKit says nothing.
func TestAgentCancelsADialThatHangs(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	c.connect(legConnect)
	c.dial, c.dialAfter = call.Dial{}, 80*time.Second
	c.dialErr = temporal.NewNonRetryableApplicationError("lost", activities.ErrTypeInterrupted, nil)
	c.hangUp(legConnect+9*time.Second, call.LegDialing)
	c.after(legConnect+10*time.Second, func() { c.setLeg(call.LegNoRoom) })
	o := c.run()
	require.Equal(t, call.ReasonAgentCancelled, o.Reason)
	require.Less(t, c.closes, 8)
	require.Equal(t, 9, o.RingSeconds)
}

// A worker that wrote the reply down and died is heard although LiveKit's event came first.
func TestAWrittenReplyOutranksTheEvent(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	c.connect(legConnect)
	c.written = &call.Dial{State: call.DialRefused, SIPCode: 486, Source: call.SourceDial}
	c.dial, c.dialAfter, c.leg = call.Dial{}, 60*time.Second, call.LegGone
	c.dialErr = temporal.NewHeartbeatTimeoutError()
	c.event(legConnect+5*time.Second, workflows.RoomEvent{SID: "PA_leg", Reason: call.LeaveRejected, Status: call.LegRinging})
	require.Equal(t, call.ReasonBusy, c.run().Reason)
}

// So it is when the page's hang-up, which sees the customer leave, is there as well.
func TestAWrittenReplyOutranksTheEventAndTheSnippet(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	c.connect(legConnect)
	c.written = &call.Dial{State: call.DialRefused, SIPCode: 486, Source: call.SourceDial}
	c.dial, c.dialAfter, c.leg = call.Dial{}, 60*time.Second, call.LegRinging
	c.dialErr = temporal.NewHeartbeatTimeoutError()
	c.event(legConnect+5*time.Second, workflows.RoomEvent{SID: "PA_leg", Reason: call.LeaveRejected, Status: call.LegRinging})
	c.hangUp(legConnect+5*time.Second, call.LegGone)
	o := c.run()
	require.Equal(t, call.ReasonBusy, o.Reason)
	require.Equal(t, 486, *o.SIPCode)
}

// A reply that is on its way when the page hangs up is waited for.
func TestAReplyThatComesAfterTheSnippet(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	c.connect(legConnect)
	c.dial, c.dialAfter, c.leg = call.Dial{State: call.DialRefused, SIPCode: 486}, 6*time.Second, call.LegRinging
	c.event(legConnect+5*time.Second, workflows.RoomEvent{SID: "PA_leg", Reason: call.LeaveRejected, Status: call.LegRinging})
	c.hangUp(legConnect+5*time.Second, call.LegGone)
	require.Equal(t, call.ReasonBusy, c.run().Reason)
}

// An answer whose BYE came before our ACK.
func TestAnAnswerThatEndedAtOnce(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	c.connect(legConnect)
	c.dial, c.dialAfter, c.leg = call.Dial{State: call.DialAnswered, SIPCode: 200}, 5*time.Second, call.LegGone
	bye := c.Now().Add(legConnect + 5*time.Second)
	c.dial.ByeAt = &bye
	o := c.run()
	require.Equal(t, call.Answered, o.CallStatus)
	require.Equal(t, call.ReasonCustomerHangup, o.Reason)
	require.Equal(t, 200, *o.SIPCode)
	require.Zero(t, o.DurationSeconds)
	require.Equal(t, call.PartyCustomer, o.HangupBy)
}

// setLeg changes what looks see from now on: they come from other goroutines.
func (c *callTest) setLeg(s call.LegStatus) {
	c.legMu.Lock()
	defer c.legMu.Unlock()
	c.leg = s
}

func (c *callTest) legNow() call.LegStatus {
	c.legMu.Lock()
	defer c.legMu.Unlock()
	return c.leg
}
