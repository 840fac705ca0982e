package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/workflows"
)

// The Watch says again that the agent is missing. These are the call's side of it: see activities.Watching.

func (c *callTest) watchMissesAgent(d time.Duration, since time.Duration) {
	began := c.Now()
	c.after(d, func() {
		c.SignalWorkflow(workflows.SignalRoomEvent.Name, workflows.RoomEvent{At: began.Add(since), Participant: call.ParticipantAgent,
			Source: call.SourcePoll})
	})
}

// The agent is back just when the grace is over, and gone again before the watch's next round.
func TestAgentMissedOnceMore(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	c.connect(0)
	c.dial = answered()
	c.agentThere = true
	c.watchMissesAgent(10*time.Second, 10*time.Second)
	c.after(35*time.Second, func() { c.agentThere = false })
	c.watchMissesAgent(36*time.Second, 10*time.Second) // the old moment changes nothing
	c.watchMissesAgent(60*time.Second, 60*time.Second)
	o := c.run()
	require.Equal(t, call.ReasonAgentLost, o.Reason)
	require.Equal(t, 80, o.DurationSeconds, "the new grace ran to its end")
}
