package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/call"
)

// awaitLine waits until the call may be dialed, and reports whether it may. Else it was given up, or no line got free in time: nobody was
// dialed.
func (c *callRun) awaitLine() bool {
	until := *c.evidence.Dial.QueuedUntil
	c.evidence.Dial = call.Dial{}
	if !c.queued {
		c.queued = true
		c.note(call.SourceDial, "queued", "until "+clock(until)+" at the latest")
	}
	c.waits = true
	c.show()
	inTime := c.awaitUnlessGivenUp(until, "a free line", func() bool { return c.lineFree })
	c.waits = false
	switch {
	case c.givenUp():
		return false
	case !inTime:
		c.evidence.Dial = call.Dial{State: call.DialNoLine, EndedAt: workflow.Now(c.ctx), Source: call.SourceTimer, Detail: "no line got free in time"}
		c.dialEnded()
		return false
	default:
		return true
	}
}
