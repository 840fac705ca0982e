package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/call"
)

// maxTimeline bounds what a flood of signals can make a call remember.
const maxTimeline = 100

// answerOpenUpdates lets /click2call wait until the room is open.
func (c *callRun) answerOpenUpdates() {
	_ = workflow.SetUpdateHandler(c.ctx, UpdateOpen, func(ctx workflow.Context) error {
		if err := workflow.Await(ctx, func() bool { return c.opened }); err != nil {
			return err
		}
		return c.openErr
	})
}

// listen receives every signal, for as long as the call lives, into its state; the main function awaits conditions on
// that state. A cancellation from Temporal's side is a hang-up by an operator: the call still gets its outcome.
func (c *callRun) listen(cancellable workflow.Context) {
	receive(c, SignalConnect, c.onConnect)
	receive(c, SignalHangUp, c.onHangUp)
	receive(c, SignalBrowserReport, c.onReport)
	receive(c, SignalRoomEvent, c.onRoomEvent)
	receive(c, SignalLineFree, func(LineFree) { c.lineFree = true })
	workflow.GoNamed(c.ctx, "cancellation", func(ctx workflow.Context) {
		cancellable.Done().Receive(ctx, nil)
		c.onHangUp(HangUp{At: workflow.Now(ctx), Source: call.SourceOperator})
	})
}

// hearSignals lets every signal that has come be received. When a timer and a signal are due in one workflow task, the main
// function is woken first.
func (c *callRun) hearSignals() {
	others := false
	_ = workflow.Await(c.ctx, func() bool {
		had := others
		others = true
		return had
	})
}

func receive[T any](c *callRun, s Signal[T], handle func(T)) {
	workflow.GoNamed(c.ctx, s.Name, func(ctx workflow.Context) {
		for {
			var payload T
			s.channel(ctx).Receive(ctx, &payload)
			handle(payload)
		}
	})
}

func (c *callRun) onConnect(s Connect) {
	if c.evidence.ConnectedAt != nil {
		return
	}
	c.evidence.ConnectedAt = &s.At
	c.agentLeft, c.agentSeen = nil, s.At // whoever connects is in the room
	c.noteAt(s.At, call.SourceBrowser, "connect", "")
}

func (c *callRun) onHangUp(s HangUp) {
	if c.evidence.HangUp != nil {
		return
	}
	c.evidence.HangUp = &call.Request{At: s.At, Source: s.Source}
	c.noteAt(s.At, s.Source, "hangup", "")
}

func (c *callRun) onReport(s BrowserReport) {
	if c.evidence.Report != nil || c.evidence.ConnectedAt == nil {
		return
	}
	c.evidence.Report = &s.At
	c.noteAt(s.At, call.SourceBrowser, "status", "ANSWERED")
}

func (c *callRun) onRoomEvent(e RoomEvent) {
	if e.Reason == call.LeaveReplaced {
		return // a newer session of the same participant took over
	}
	defer c.noteAt(e.At, e.Source, string(e.Participant)+"_left", describeLeaving(e))
	if e.Participant == call.ParticipantAgent {
		c.onAgentLeft(e.At)
		return
	}
	c.onLegLeft(call.LegLeft{At: e.At, SID: e.SID, Reason: e.Reason, Status: e.Status, SIPCode: e.SIPCode, Source: e.Source})
}

// clockSkew is how far apart the clocks of those who tell the time of events may be.
const clockSkew = 2 * time.Second

// onAgentLeft begins the rejoin grace. An event that comes late, or a second time, speaks of an earlier session: it must
// not cut the grace of the present absence short.
func (c *callRun) onAgentLeft(at time.Time) {
	if at.Before(c.agentSeen.Add(-clockSkew)) || (c.agentLeft != nil && at.Before(*c.agentLeft)) {
		return
	}
	if now := workflow.Now(c.ctx); now.Sub(at) > lateNews {
		at = later(at, now.Add(lateNews-c.in.Knobs.AgentRejoinGrace))
	}
	c.agentLeft = &at
}

// lateNews is when word of the agent's leaving has come through an outage. What was said meanwhile, above all a hang-up, is
// on its way as well, and is waited for as long again, even if the grace is over.
const lateNews = 5 * time.Second

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func (c *callRun) note(source call.Source, name, detail string) {
	c.noteAt(workflow.Now(c.ctx), source, name, detail)
}

func (c *callRun) noteAt(at time.Time, source call.Source, name, detail string) {
	if len(c.timeline) == maxTimeline {
		return
	}
	c.timeline = append(c.timeline, call.Entry{At: at, Source: source, Name: name, Detail: detail})
	c.show()
}
