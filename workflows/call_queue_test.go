package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/workflows"
)

// inQueue has the first so many dials of a call find no free line, for half a minute at the most; then the customer is busy.
func inQueue(t *testing.T, without int) *callTest {
	c := newCallTest(t)
	var until time.Time
	c.OnActivity(calling.Dial, mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.DialInput) (call.Dial, error) {
		require.True(t, in.Queues)
		c.dials++
		if c.dials > without {
			return call.Dial{State: call.DialRefused, SIPCode: 486, StartedAt: c.Now(), EndedAt: c.Now(), Source: call.SourceDial}, nil
		}
		c.waits++
		if until.IsZero() {
			until = c.Now().Add(30 * time.Second)
		}
		return call.Dial{State: call.DialQueued, QueuedUntil: &until, EndedAt: c.Now(), Source: call.SourceDial}, nil
	})
	return c
}

func (c *callTest) signalLineFree(after time.Duration) {
	c.after(after, func() { c.SignalWorkflow(workflows.SignalLineFree.Name, workflows.LineFree{At: c.Now()}) })
}

func TestCallWaitsForALine(t *testing.T) {
	t.Parallel()
	c := inQueue(t, 2)
	c.connect(time.Second)
	c.signalLineFree(5 * time.Second) // the line was gone again when it dialed
	c.signalLineFree(9 * time.Second)
	o := c.run()
	require.Equal(t, call.ReasonBusy, o.Reason)
	require.Equal(t, 3, c.dials)
	require.WithinDuration(t, c.Now(), o.EndedAt, time.Second)
	require.Zero(t, o.RingSeconds, "waiting is not ringing")
	names := map[string]int{}
	for _, e := range c.recorded[0].Timeline {
		names[e.Name]++
	}
	require.Equal(t, 1, names["queued"])
	require.Equal(t, 1, names["dial"])
}

func TestCallWaitsInVain(t *testing.T) {
	t.Parallel()
	c := inQueue(t, 1)
	c.connect(time.Second)
	began := c.Now()
	o := c.run()
	require.Equal(t, call.Outcome{CallStatus: call.Failed, Reason: call.ReasonTrunkCapacity, HangupBy: call.PartySystem, EndedAt: o.EndedAt}, o)
	require.InDelta(t, 31, o.EndedAt.Sub(began).Seconds(), 1)
	require.Equal(t, 1, c.dials)
}

func TestAgentHangsUpInTheQueue(t *testing.T) {
	t.Parallel()
	c := inQueue(t, 1)
	c.connect(time.Second)
	c.hangUp(4*time.Second, call.LegGone)
	c.signalLineFree(4 * time.Second)
	o := c.run()
	require.Equal(t, call.Outcome{CallStatus: call.Failed, Reason: call.ReasonCancelledBeforeDial, HangupBy: call.PartyAgent, EndedAt: o.EndedAt}, o)
	require.Equal(t, 1, c.dials)
}

func TestAgentVanishesFromTheQueue(t *testing.T) {
	t.Parallel()
	c := inQueue(t, 1)
	c.in.Knobs.AgentRejoinGrace = 5 * time.Second
	c.connect(time.Second)
	c.agentLeft(4 * time.Second)
	o := c.run()
	require.Equal(t, call.ReasonCancelledBeforeDial, o.Reason)
	require.Equal(t, call.PartyAgent, o.HangupBy)
	require.Equal(t, 1, c.dials)
}

// TestNoLegIsMissedInTheQueue: word that the customer left, of a call in which nobody was dialed, ends no dial that comes later.
func TestNoLegIsMissedInTheQueue(t *testing.T) {
	t.Parallel()
	c := inQueue(t, 1)
	c.connect(time.Second)
	c.customerLeft(3*time.Second, call.LeaveUnknown, call.LegGone)
	c.signalLineFree(25 * time.Second)
	require.Equal(t, call.ReasonBusy, c.run().Reason)
	require.Equal(t, 2, c.dials)
	require.Zero(t, c.looks)
}

// TestLineGetsFreeBeforeTheWaitBegins: the word of it comes while the dial that found none is still on its way back.
func TestLineGetsFreeBeforeTheWaitBegins(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	c.OnActivity(calling.Dial, mock.Anything, mock.Anything).After(2 * time.Second).Return(func(context.Context, activities.DialInput) (call.Dial, error) {
		c.dials++
		until := c.Now().Add(time.Minute)
		if c.dials == 1 {
			c.waits++
			return call.Dial{State: call.DialQueued, QueuedUntil: &until, EndedAt: c.Now()}, nil
		}
		return call.Dial{State: call.DialRefused, SIPCode: 486, StartedAt: c.Now(), EndedAt: c.Now(), Source: call.SourceDial}, nil
	})
	c.connect(time.Second)
	c.signalLineFree(2 * time.Second)
	began := c.Now()
	o := c.run()
	require.Equal(t, call.ReasonBusy, o.Reason)
	require.Less(t, o.EndedAt.Sub(began), 10*time.Second, "it has not waited for another word")
}

// TestQueuedCallOutlivesItsWorker: the worker that queued it died before it could say so.
func TestQueuedCallOutlivesItsWorker(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	until := c.Now().Add(time.Minute)
	c.found = call.Dial{State: call.DialQueued, QueuedUntil: &until}
	c.OnActivity(calling.Dial, mock.Anything, mock.Anything).Return(func(context.Context, activities.DialInput) (call.Dial, error) {
		c.dials++
		if c.dials == 1 {
			c.waits++
			return call.Dial{}, temporal.NewNonRetryableApplicationError("the worker is gone", activities.ErrTypeInterrupted, nil)
		}
		return call.Dial{State: call.DialRefused, SIPCode: 486, StartedAt: c.Now(), EndedAt: c.Now(), Source: call.SourceDial}, nil
	})
	c.connect(time.Second)
	c.signalLineFree(9 * time.Second)
	require.Equal(t, call.ReasonBusy, c.run().Reason)
	require.Equal(t, 2, c.dials)
}
