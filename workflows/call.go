package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
)

// CallResult is what an ended call shows in Temporal Web.
type CallResult struct {
	CallStatus      call.CallStatus `json:"call_status"`
	Reason          call.Reason     `json:"disconnect_reason"`
	SIPCode         *int            `json:"sip_disconnect_code"`
	DurationSeconds int             `json:"duration_seconds"`
	Why             string          `json:"why"` // for people
	// Delivery is where the first attempt left the delivery; DeliveryWorkflow the id of the workflow that goes on with it.
	Delivery         string `json:"delivery,omitempty"`
	DeliveryWorkflow string `json:"delivery_workflow,omitempty"`
	// Outcome is the whole of it and BodySHA256 the hash of its webhook's bytes, for a database that has lost them. Nil in calls
	// whose outcome was recorded by a version without the hash.
	Outcome    *call.Outcome `json:"outcome,omitempty"`
	BodySHA256 string        `json:"body_sha256,omitempty"`
}

// Call is one click-to-call attempt from the opening of its room to the recording of its outcome. Its history and
// its bill do not depend on how long the call lasts.
//
// It fails when the room could not be opened (then nothing of the call is left), and when the database does not know the call any
// more (then the failure holds the outcome). Every other path, a cancellation included, ends with an outcome.
func Call(ctx workflow.Context, in CallInput) (CallResult, error) {
	c := newCallRun(ctx, in)
	if err := c.open(); err != nil {
		return CallResult{}, err
	}
	if c.awaitConnect() {
		c.dial()
	}
	if c.evidence.Dial.State == call.DialAnswered {
		c.legAnswered()
		c.talk()
	}
	return c.end()
}

// callRun is a call under way: what it was asked to do and what it has learned.
type callRun struct {
	ctx      workflow.Context // survives a cancellation: see listen
	in       CallInput
	evidence call.Evidence
	timeline []call.Entry
	outcome  *call.Outcome // once there is one

	stopTimer workflow.CancelFunc // of the latest wait; see wait

	opened  bool
	openErr error

	agentLeft  *time.Time // since when the agent is thought to be gone
	agentSeen  time.Time  // when the agent was last known to be in the room
	closed     bool       // the room is gone
	legUnclear bool       // under the code before the rule of endings: a session ended that is not the one we dialed
	leg        legRun

	queued   bool // it has waited for a line
	waits    bool // it waits for one
	lineFree bool // it may be dialed now
}

func newCallRun(ctx workflow.Context, in CallInput) *callRun {
	lasting, _ := workflow.NewDisconnectedContext(ctx)
	c := &callRun{ctx: lasting, in: in, stopTimer: func() {}}
	c.evidence.MediaTimeout, c.evidence.RingTimeout = in.Knobs.MediaTimeout, in.Knobs.RingTimeout
	c.answerOpenUpdates()
	c.listen(ctx)
	return c
}

// open creates the room and accepts the call. A failure counts only when the call could be withdrawn: whoever asked for it
// may have been told already that it was accepted.
func (c *callRun) open() error {
	ctx := workflow.WithLocalActivityOptions(c.ctx, workflow.LocalActivityOptions{
		ScheduleToCloseTimeout: 4 * time.Second,
		StartToCloseTimeout:    2 * time.Second,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: 100 * time.Millisecond, MaximumAttempts: 2},
		Summary:                "open the room",
	})
	err := workflow.ExecuteLocalActivity(ctx, calling.OpenRoom,
		activities.OpenRoomInput{CallID: c.in.CallID, Knobs: c.in.Knobs}).Get(ctx, nil)
	if err != nil && c.withdraw() {
		c.openErr = err
	}
	c.opened = true
	c.note(call.SourceRoom, "created", "")
	if c.openErr != nil {
		_ = workflow.Await(c.ctx, func() bool { return workflow.AllHandlersFinished(c.ctx) })
	}
	return c.openErr
}

// awaitConnect waits for /connect, and reports whether the customer is to be dialed. A /connect that the workflow hears of
// together with the end of its wait counts, however late: the agent was told that the phone rings.
func (c *callRun) awaitConnect() bool {
	inTime := c.wait(c.in.Knobs.ConnectTimeout, "agent's /connect", func() bool {
		return c.evidence.ConnectedAt != nil || c.evidence.HangUp != nil
	})
	if !inTime {
		c.hearSignals()
	}
	if c.evidence.ConnectedAt == nil || c.evidence.HangUp != nil {
		return false
	}
	return inTime || workflow.GetVersion(c.ctx, "connect with the deadline", workflow.DefaultVersion, 1) == 1
}

// dial rings the customer, where a line is free or gets free in time.
//
// What follows on a dial that is queued needs no version: only a dial that this code asked for can be.
func (c *callRun) dial() {
	c.dialOnce()
	for c.evidence.Dial.State == call.DialQueued && c.awaitLine() {
		c.dialOnce()
	}
}

// dialOnce rings the customer and waits for the answer, for a hang-up or for the loss of the agent.
func (c *callRun) dialOnce() {
	c.lineFree = false
	started := workflow.Now(c.ctx)
	reply := c.startDial()
	ended := func() bool { return reply.IsReady() || c.leg.lost }
	c.awaitUnlessGivenUp(time.Time{}, "the agent's return", ended)
	c.takeLegAway(started, ended)
	if !reply.IsReady() {
		c.dialLost(started)
		return
	}
	err := reply.Get(c.ctx, &c.evidence.Dial)
	switch {
	case err == nil:
	case neverStarted(err):
		c.evidence.Dial = call.Dial{State: call.DialNotSent, EndedAt: workflow.Now(c.ctx), Source: call.SourceTimer,
			Detail: "no worker took the dial in time"}
	default:
		c.findLeg(started, err)
	}
	c.dialEnded()
}

// dialLost ends a dial whose reply will not come: LiveKit could not say it, and the leg is gone.
func (c *callRun) dialLost(started time.Time) {
	if c.evidence.Dial.State == call.DialNone {
		c.evidence.Dial = call.Dial{State: call.DialUnknown, StartedAt: started, EndedAt: workflow.Now(c.ctx), Source: call.SourceRoom,
			LastStatus: call.LegDialing} // by now it has been in the room
	}
	c.dialEnded()
}

func (c *callRun) dialEnded() {
	d := c.evidence.Dial
	if d.State == call.DialQueued {
		return
	}
	if d.State == call.DialAnswered || d.State == call.DialUnknown {
		c.closed = false // a LiveKit that creates rooms by itself may have made this one anew for the leg
	}
	c.noteAt(d.EndedAt, d.Source, "dial", describeDial(d))
}

// talk waits until somebody ends the call or the longest call time is reached.
func (c *callRun) talk() {
	deadline := c.evidence.Dial.EndedAt.Add(c.in.Knobs.MaxCallDuration)
	if !c.awaitUnlessGivenUp(deadline, "longest call time", func() bool { return c.evidence.Left != nil }) {
		c.maxedOut()
	}
}

// end closes the room, whatever happened, records the one outcome, and makes the first attempt to deliver it.
func (c *callRun) end() (CallResult, error) {
	c.hangUp(false)
	c.lastWord()
	outcome := call.Classify(c.evidence)
	c.outcome = &outcome
	c.noteAt(outcome.EndedAt, call.SourceTimer, "ended", string(outcome.CallStatus)+" "+string(outcome.Reason))
	reached := outcome.CallStatus
	recorded, err := c.record(outcome)
	if err != nil { // the database does not know the call
		c.insistOnClosing(c.startClosing())
		return CallResult{}, err
	}
	outcome = recorded.Outcome
	if outcome.CallStatus != reached { // an earlier one stands
		c.showOutcome(outcome)
	}
	c.show()
	result := CallResult{CallStatus: outcome.CallStatus, Reason: outcome.Reason, SIPCode: outcome.SIPCode,
		DurationSeconds: outcome.DurationSeconds, Why: outcome.Words(), Delivery: string(activities.Parked)}
	delivered := c.startAttempt(recorded)
	closed := c.startClosing()
	if delivered != nil {
		result.Delivery, result.DeliveryWorkflow = c.goOn(delivered)
	}
	c.insistOnClosing(closed)
	if recorded.BodySHA256 != "" { // histories in which Record returned none replay to the result that they had
		result.Outcome, result.BodySHA256 = &outcome, recorded.BodySHA256
	}
	return result, nil
}
