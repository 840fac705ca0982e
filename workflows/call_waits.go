package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
)

// wait blocks until cond holds or the time is up, and reports whether cond holds. Zero waits without a timer.
//
// A timer is stopped when the next wait begins. Left alone it would outlive its wait (SDK 1.50:
// SDKFlagCancelAwaitTimerOnCondition is off by default) and wake the call later, and a long call would have more history
// than a short one. The last one needs no stopping, which would be one more event: it ends with the call.
func (c *callRun) wait(limit time.Duration, timer string, cond func() bool) bool {
	c.stopTimer()
	if limit <= 0 {
		return workflow.Await(c.ctx, cond) == nil
	}
	var ctx workflow.Context
	ctx, c.stopTimer = workflow.WithCancel(c.ctx)
	ok, _ := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout: limit, TimerOptions: workflow.TimerOptions{Summary: timer},
	}, cond)
	return ok
}

// awaitUnlessGivenUp blocks until done, a hang-up request, the loss of the agent, or the deadline (zero: none), and reports whether it
// was before the deadline. An agent who is gone has the rejoin grace; then a look into the room decides, because events may be lost or
// late. So does one when the customer's leg is said to have left: see legRun.
func (c *callRun) awaitUnlessGivenUp(deadline time.Time, timer string, done func() bool) bool {
	for !done() && !c.givenUp() {
		left := c.agentLeft
		until, name := deadline, timer
		if left != nil {
			back := left.Add(c.in.Knobs.AgentRejoinGrace)
			if until.IsZero() || back.Before(until) {
				until, name = back, "agent may come back"
			}
		}
		look := c.leg.lookAt
		if !look.IsZero() && (until.IsZero() || look.Before(until)) {
			until, name = look, "look for the customer"
		}
		if c.passed(until) {
			switch {
			case !look.IsZero() && until.Equal(look):
				c.lookForLeg()
			case left == nil || until.Equal(deadline):
				return false
			case c.agentStaysAway():
				return true
			}
			continue
		}
		c.wait(c.remaining(until), name, func() bool {
			return done() || c.givenUp() || c.agentLeft != left || c.legUnclear || !c.leg.lookAt.Equal(look)
		})
		c.clearUpLeg()
	}
	return true
}

// givenUp reports whether this side has ended the call.
func (c *callRun) givenUp() bool {
	return c.evidence.HangUp != nil || c.evidence.AgentLostAt != nil || c.evidence.MaxedOutAt != nil
}

func (c *callRun) passed(deadline time.Time) bool {
	return !deadline.IsZero() && !workflow.Now(c.ctx).Before(deadline)
}

func (c *callRun) remaining(deadline time.Time) time.Duration {
	if deadline.IsZero() {
		return 0
	}
	return deadline.Sub(workflow.Now(c.ctx))
}

func (c *callRun) maxedOut() {
	now := workflow.Now(c.ctx)
	c.evidence.MaxedOutAt = &now
	c.note(call.SourceTimer, "max_duration", c.in.Knobs.MaxCallDuration.String())
}

// agentStaysAway looks for the agent when the grace is over. While LiveKit cannot be asked the grace begins anew:
// a person may be talking.
func (c *callRun) agentStaysAway() bool {
	left := c.agentLeft
	var there bool
	ctx := c.local(3*time.Second, "is the agent back?")
	err := workflow.ExecuteLocalActivity(ctx, calling.LookForAgent, activities.CallRef{CallID: c.in.CallID}).Get(ctx, &there)
	now := workflow.Now(c.ctx)
	switch {
	case c.agentLeft != left: // left again in the meantime
		return false
	case err != nil:
		again := now.Add(max(0, 30*time.Second-c.in.Knobs.AgentRejoinGrace))
		c.agentLeft = &again
		return false
	case there:
		c.agentLeft, c.agentSeen = nil, now
		c.note(call.SourceRoom, "agent_back", "")
		return false
	default:
		c.evidence.AgentLostAt = &now
		c.note(call.SourceRoom, "agent_lost", "did not come back in "+c.in.Knobs.AgentRejoinGrace.String())
		return true
	}
}

// clearUpLeg settles an event about a session of the leg that is not the one we dialed: either LiveKit's SIP
// service reconnected and the leg is there, or it is gone.
func (c *callRun) clearUpLeg() {
	if !c.legUnclear {
		return
	}
	c.legUnclear = false
	var leg call.LegStatus
	ctx := c.local(3*time.Second, "is the customer there?")
	err := workflow.ExecuteLocalActivity(ctx, calling.LookForCustomer, activities.CallRef{CallID: c.in.CallID}).Get(ctx, &leg)
	if err == nil && leg.Absent() && c.evidence.Left == nil {
		c.evidence.Left = &call.LegLeft{At: workflow.Now(c.ctx), Status: leg, Source: call.SourceRoom}
	}
}
