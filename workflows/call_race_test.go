package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/workflows"
)

// TestCallAcceptedByALostTryGetsItsOutcome: the worker that accepted it died, and the next one did not reach LiveKit.
func TestCallAcceptedByALostTryGetsItsOutcome(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	c.openErr = temporal.NewNonRetryableApplicationError("down", activities.ErrTypeLiveKitUnavailable, nil)
	c.accepted = true
	require.Equal(t, call.ReasonNeverConnected, c.run().Reason)
}

// TestHangUpInsistsWhileItRings: LiveKit is away for a moment when the agent gives up.
func TestHangUpInsistsWhileItRings(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	c.connect(0)
	c.dial, c.dialAfter, c.notClosed = call.Dial{State: call.DialCancelled}, 11*time.Second, 3
	c.hangUp(5*time.Second, call.LegRinging)
	require.Equal(t, call.ReasonAgentCancelled, c.run().Reason)
	require.Equal(t, 4, c.closes, "three tries that failed and the one that did not")
}

// TestHangUpAgainWhileItRings: the room was deleted when the leg was about to join, and the leg made it anew.
func TestHangUpAgainWhileItRings(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	c.connect(0)
	c.dial, c.dialAfter = call.Dial{State: call.DialCancelled}, 7*time.Second
	c.hangUp(5*time.Second, call.LegGone)
	require.Equal(t, call.ReasonAgentCancelled, c.run().Reason)
	require.Equal(t, 2, c.closes)
}

// TestHangUpAgainWhenTheDialWasAnswered: the customer was quicker than the second deletion.
func TestHangUpAgainWhenTheDialWasAnswered(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	c.connect(0)
	c.dial, c.dialAfter = answered(), 6200*time.Millisecond
	c.hangUp(5*time.Second, call.LegGone)
	require.Equal(t, call.ReasonAgentHangup, c.run().Reason)
	require.Equal(t, 2, c.closes)
}

// TestAnOldWordOfTheAgentDoesNotEndTheGrace: the page was loaded anew twice, and LiveKit's word of the first time comes
// during the second.
func TestAnOldWordOfTheAgentDoesNotEndTheGrace(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]time.Duration{"after the second leaving": 41 * time.Second, "before word of the second leaving": 39 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCallTest(t)
			c.connect(0)
			c.dial = answered()
			c.agentThere = true
			began := c.Now()
			c.agentLeft(10 * time.Second) // the grace ends at 30 s, and the agent is there
			c.after(38*time.Second, func() { c.agentThere = false })
			c.agentLeft(40 * time.Second)
			c.after(late, func() {
				c.SignalWorkflow(workflows.SignalRoomEvent.Name, workflows.RoomEvent{At: began.Add(10 * time.Second), Participant: call.ParticipantAgent,
					Reason: call.LeaveLost, Source: call.SourceWebhook})
			})
			c.after(45*time.Second, func() { c.agentThere = true })
			c.customerLeft(90*time.Second, call.LeaveOrdinary, call.LegHangup)
			require.Equal(t, call.ReasonCustomerHangup, c.run().Reason)
		})
	}
}

// TestTheAgentsHangUpComesAfterWordOfHisLeaving: both went through an outage of Temporal's, longer than the rejoin grace.
func TestTheAgentsHangUpComesAfterWordOfHisLeaving(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	c.connect(0)
	c.dial = answered()
	began := c.Now()
	c.after(60*time.Second, func() {
		c.SignalWorkflow(workflows.SignalRoomEvent.Name, workflows.RoomEvent{At: began.Add(20 * time.Second), Participant: call.ParticipantAgent,
			Reason: call.LeaveOrdinary, Source: call.SourceWebhook})
	})
	c.after(63*time.Second, func() {
		c.SignalWorkflow(workflows.SignalHangUp.Name, workflows.HangUp{At: began.Add(20 * time.Second), Source: call.SourceBrowser})
	})
	outcome := c.run()
	require.Equal(t, call.ReasonAgentHangup, outcome.Reason)
	require.Equal(t, 20, outcome.DurationSeconds)
}
