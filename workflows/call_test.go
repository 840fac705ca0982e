package workflows_test

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/workflows"
)

var (
	calling    *activities.Calling
	delivering *activities.Delivering
)

// callTest runs one Call on the SDK's time-skipping clock; its fields say how the world behaves.
type callTest struct {
	*testsuite.TestWorkflowEnvironment
	t  *testing.T
	in workflows.CallInput

	dial       call.Dial     // what the carrier does
	dialAfter  time.Duration // and when
	dialErr    error
	found      call.Dial // what FindLeg finds
	legMu      sync.Mutex
	leg        call.LegStatus
	session    string // LiveKit's id of the leg's session, as a look finds it; "" is the dialed one
	blind      bool   // LiveKit cannot be asked for the leg
	written    *call.Dial
	looks      int // for the leg
	agentThere bool
	agentErr   error
	openErr    error
	accepted   bool // the call was accepted although openErr came back
	outage     int  // how many times Record fails
	unknown    bool // the database does not know the call
	notClosed  int  // how many times HangUp cannot close the room

	parked   bool                    // the outcome is born parked
	first    activities.DeliverState // what the first attempt leaves; empty: delivered
	firstErr error

	attempts int                      // first attempts
	went     []workflows.DeliverInput // the workflows that went on

	dials, closes int
	waits         int // dials that found no free line
	recorded      []activities.RecordInput
}

func newCallTest(t *testing.T) *callTest {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	c := &callTest{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), t: t, leg: call.LegActive}
	c.SetWorkerOptions(worker.Options{WorkflowPanicPolicy: worker.FailWorkflow})
	c.SetTestTimeout(20 * time.Second)
	c.in = workflows.CallInput{CallID: call.NewID(), MaskedNumber: "95302•••97", Trunk: "main", AgentID: "agent-42", CaseID: "abc",
		Knobs: call.DefaultKnobs()}
	c.RegisterActivity(&activities.Calling{})
	c.OnActivity(calling.OpenRoom, mock.Anything, mock.Anything).Return(func(context.Context, activities.OpenRoomInput) error { return c.openErr })
	c.OnActivity(calling.Withdraw, mock.Anything, mock.Anything).Return(func(context.Context, activities.CallRef) (bool, error) { return !c.accepted, nil })
	c.OnActivity(calling.FindLeg, mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.FindLegInput) (call.Dial, error) {
		d := c.found
		d.StartedAt, d.EndedAt, d.Source = in.StartedAt, c.Now(), call.SourceRoom
		return d, nil
	})
	c.OnActivity(calling.HangUp, mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.HangUpInput) (activities.HangUpResult, error) {
		c.closes++
		result := activities.HangUpResult{Leg: c.legNow(), Seen: c.legNow(), Closed: c.closes > c.notClosed}
		if in.Dialing && result.Seen.Absent() {
			result.Reply = c.written
		}
		return result, nil
	})
	c.OnActivity(calling.LookForAgent, mock.Anything, mock.Anything).Return(func(context.Context, activities.CallRef) (bool, error) {
		return c.agentThere, c.agentErr
	})
	c.OnActivity(calling.LookForCustomer, mock.Anything, mock.Anything).Return(func(context.Context, activities.CallRef) (call.LegStatus, error) {
		return c.legNow(), nil
	})
	c.OnActivity(calling.LookForLeg, mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.LookForLegInput) (activities.LegSeen, error) {
		c.looks++
		if c.blind {
			return activities.LegSeen{}, errors.New("unreachable")
		}
		seen := activities.LegSeen{Leg: c.legNow(), SID: c.session}
		if in.Dialing && c.legNow().Absent() {
			seen.Reply = c.written
		}
		return seen, nil
	})
	c.OnActivity(calling.CloseRoom, mock.Anything, mock.Anything).Return(nil)
	c.OnActivity(calling.Record, mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.RecordInput) (activities.Recorded, error) {
		if c.unknown {
			return activities.Recorded{}, temporal.NewNonRetryableApplicationError("not known: busy", activities.ErrTypeUnknownCall, nil, in.Outcome)
		}
		if c.outage > 0 {
			c.outage--
			return activities.Recorded{}, errors.New("the database is down")
		}
		c.recorded = append(c.recorded, in)
		return activities.Recorded{Outcome: in.Outcome, BodySHA256: "5c", Attempt: in.Attempts && !c.parked}, nil
	})
	c.RegisterActivity(&activities.Delivering{})
	c.OnActivity(delivering.DeliverFirst, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.DeliverInput) (activities.DeliverState, error) {
			c.attempts++
			require.Equal(t, c.in.CallID.EventID(), in.EventID)
			return cmp.Or(c.first, activities.Delivered), c.firstErr
		})
	c.RegisterWorkflow(workflows.Deliver)
	c.OnWorkflow(workflows.Deliver, mock.Anything, mock.Anything).Return(
		func(_ workflow.Context, in workflows.DeliverInput) (workflows.DeliverResult, error) {
			c.went = append(c.went, in)
			return workflows.DeliverResult{}, nil
		})
	return c
}

// run plays the call and returns its one outcome.
func (c *callTest) run() call.Outcome {
	c.t.Helper()
	c.OnActivity(calling.Dial, mock.Anything, mock.Anything).After(c.dialAfter).Return(
		func(context.Context, activities.DialInput) (call.Dial, error) {
			c.dials++
			d := c.dial
			d.StartedAt, d.EndedAt, d.Source = c.Now().Add(-c.dialAfter), c.Now(), call.SourceDial
			return d, c.dialErr
		})
	c.ExecuteWorkflow(workflows.Call, c.in)
	require.True(c.t, c.IsWorkflowCompleted())
	require.NoError(c.t, c.GetWorkflowError())
	require.Len(c.t, c.recorded, 1, "exactly one outcome")
	require.LessOrEqual(c.t, c.dials-c.waits, 1, "dialed at most once")
	require.Positive(c.t, c.closes, "the room was deleted")
	return c.recorded[0].Outcome
}

// after does something half a second past d: durations are whole seconds, rounded down, and the test clock also moves
// a little by itself while activities run.
func (c *callTest) after(d time.Duration, do func()) {
	c.RegisterDelayedCallback(do, d+500*time.Millisecond)
}

func (c *callTest) connect(d time.Duration) {
	c.RegisterDelayedCallback(func() { c.SignalWorkflow(workflows.SignalConnect.Name, workflows.Connect{At: c.Now()}) }, d)
}

func (c *callTest) hangUp(d time.Duration, leg call.LegStatus) {
	c.after(d, func() {
		c.setLeg(leg)
		c.SignalWorkflow(workflows.SignalHangUp.Name, workflows.HangUp{At: c.Now(), Source: call.SourceBrowser})
	})
}

func (c *callTest) customerLeft(d time.Duration, reason call.LeaveReason, status call.LegStatus) {
	c.after(d, func() {
		c.setLeg(call.LegGone)
		c.SignalWorkflow(workflows.SignalRoomEvent.Name, workflows.RoomEvent{At: c.Now(), Participant: call.ParticipantCustomer,
			Reason: reason, Status: status, SID: "PA_leg", Source: call.SourceWebhook})
	})
}

func (c *callTest) agentLeft(d time.Duration) {
	c.after(d, func() {
		c.SignalWorkflow(workflows.SignalRoomEvent.Name, workflows.RoomEvent{At: c.Now(), Participant: call.ParticipantAgent,
			Reason: call.LeaveLost, Source: call.SourceWebhook})
	})
}

func answered() call.Dial { return call.Dial{State: call.DialAnswered, SIPCode: 200, LegSID: "PA_leg"} }

func TestCallAnswered(t *testing.T) {
	t.Parallel()
	const connect, ring = 3 * time.Second, 5 * time.Second
	const answer = connect + ring
	for name, tc := range map[string]struct {
		play    func(*callTest)
		reason  call.Reason
		seconds int
	}{
		"customer hangs up": {func(c *callTest) {
			c.customerLeft(answer+90*time.Second, call.LeaveOrdinary, call.LegHangup)
		}, call.ReasonCustomerHangup, 90},
		"customer hangs up, snippet first, event later": {func(c *callTest) {
			c.hangUp(answer+90*time.Second, call.LegGone)
		}, call.ReasonCustomerHangup, 90},
		"agent hangs up": {func(c *callTest) {
			c.hangUp(answer+30*time.Second, call.LegActive)
		}, call.ReasonAgentHangup, 30},
		"agent is lost": {func(c *callTest) {
			c.agentLeft(answer + 30*time.Second)
		}, call.ReasonAgentLost, 50},
		"agent is lost twice, the second time for good": {func(c *callTest) {
			c.agentThere = true
			c.agentLeft(answer + 30*time.Second)
			c.after(answer+51*time.Second, func() { c.agentThere = false })
			c.agentLeft(answer + 60*time.Second)
		}, call.ReasonAgentLost, 80},
		"agent comes back": {func(c *callTest) {
			c.agentThere = true
			c.agentLeft(answer + 30*time.Second)
			c.customerLeft(answer+90*time.Second, call.LeaveOrdinary, call.LegHangup)
		}, call.ReasonCustomerHangup, 90},
		"LiveKit cannot be asked about the agent, then can": {func(c *callTest) {
			c.agentErr = errors.New("unreachable")
			c.agentLeft(answer + 30*time.Second)
			c.after(answer+100*time.Second, func() { c.agentErr, c.agentThere = nil, true })
			c.customerLeft(answer+200*time.Second, call.LeaveOrdinary, call.LegHangup)
		}, call.ReasonCustomerHangup, 200},
		"longest call time": {func(*callTest) {}, call.ReasonMaxDuration, 7200},
		"media timeout": {func(c *callTest) {
			c.customerLeft(answer+30*time.Second, call.LeaveOrdinary, call.LegActive)
		}, call.ReasonMediaTimeout, 30},
		"SIP service dies": {func(c *callTest) {
			c.customerLeft(answer+44*time.Second, call.LeaveLost, call.LegActive)
		}, call.ReasonConnectionLost, 44},
		"an older session of the leg ends and the leg is there": {func(c *callTest) {
			c.after(answer+10*time.Second, func() {
				c.SignalWorkflow(workflows.SignalRoomEvent.Name, workflows.RoomEvent{At: c.Now(), Participant: call.ParticipantCustomer,
					SID: "PA_older", Reason: call.LeaveLost, Source: call.SourceWebhook})
			})
			c.customerLeft(answer+90*time.Second, call.LeaveOrdinary, call.LegHangup)
		}, call.ReasonCustomerHangup, 90},
		"duplicate identity is not an end": {func(c *callTest) {
			c.after(answer+10*time.Second, func() {
				c.SignalWorkflow(workflows.SignalRoomEvent.Name, workflows.RoomEvent{At: c.Now(), Participant: call.ParticipantCustomer,
					SID: "PA_leg", Reason: call.LeaveReplaced, Source: call.SourceWebhook})
			})
			c.customerLeft(answer+90*time.Second, call.LeaveOrdinary, call.LegHangup)
		}, call.ReasonCustomerHangup, 90},
		"a hundred connects dial once": {func(c *callTest) {
			for i := range 100 {
				c.connect(connect + time.Duration(i)*time.Millisecond)
			}
			c.hangUp(answer+30*time.Second, call.LegActive)
		}, call.ReasonAgentHangup, 30},
		"an operator cancels the workflow": {func(c *callTest) {
			c.after(answer+10*time.Second, c.CancelWorkflow)
		}, call.ReasonAgentHangup, 10},
		"reports before, doubled and late change nothing": {func(c *callTest) {
			for _, d := range []time.Duration{time.Second, connect + time.Second, answer, answer + time.Minute} {
				c.after(d, func() {
					c.SignalWorkflow(workflows.SignalBrowserReport.Name, workflows.BrowserReport{At: c.Now()})
				})
			}
			c.customerLeft(answer+90*time.Second, call.LeaveOrdinary, call.LegHangup)
		}, call.ReasonCustomerHangup, 90},
		"LiveKit away while hanging up": {func(c *callTest) {
			c.notClosed = 1
			c.customerLeft(answer+90*time.Second, call.LeaveOrdinary, call.LegHangup)
		}, call.ReasonCustomerHangup, 90},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCallTest(t)
			c.dial, c.dialAfter = answered(), ring
			c.connect(connect)
			tc.play(c)
			o := c.run()
			require.Equal(t, call.Answered, o.CallStatus)
			require.Equal(t, tc.reason, o.Reason)
			require.Equal(t, tc.seconds, o.DurationSeconds)
			require.Equal(t, 5, o.RingSeconds)
			if c.notClosed > 0 {
				c.AssertNumberOfCalls(t, "CloseRoom", 1)
			}
		})
	}
}

func TestCallNotAnswered(t *testing.T) {
	t.Parallel()
	const connect = 3 * time.Second
	for name, tc := range map[string]struct {
		play   func(*callTest)
		status call.CallStatus
		reason call.Reason
		dials  int
	}{
		"busy": {func(c *callTest) {
			c.dial, c.dialAfter = call.Dial{State: call.DialRefused, SIPCode: 486}, time.Second
		}, call.NotAnswered, call.ReasonBusy, 1},
		"busy while the browser lies": {func(c *callTest) {
			c.dial, c.dialAfter = call.Dial{State: call.DialRefused, SIPCode: 486}, 10*time.Second
			c.after(connect+time.Second, func() {
				c.SignalWorkflow(workflows.SignalBrowserReport.Name, workflows.BrowserReport{At: c.Now()})
			})
		}, call.NotAnswered, call.ReasonBusy, 1},
		"rings out": {func(c *callTest) {
			c.dial, c.dialAfter = call.Dial{State: call.DialRangOut, LastStatus: call.LegRinging}, 45*time.Second
		}, call.NotAnswered, call.ReasonNoAnswer, 1},
		"trunk down": {func(c *callTest) {
			c.dial = call.Dial{State: call.DialRefused, SIPCode: 503}
		}, call.Failed, call.ReasonTrunkUnavailable, 1},
		"agent gives up while it rings": {func(c *callTest) {
			c.dial, c.dialAfter = call.Dial{State: call.DialCancelled}, 10*time.Second
			c.hangUp(connect+9*time.Second, call.LegRinging)
		}, call.NotAnswered, call.ReasonAgentCancelled, 1},
		"agent vanishes while it rings": {func(c *callTest) {
			c.dial, c.dialAfter = call.Dial{State: call.DialCancelled}, 40*time.Second
			c.agentLeft(connect + time.Second)
			c.leg = call.LegRinging
		}, call.NotAnswered, call.ReasonAgentCancelled, 1},
		"agent vanishes while it rings, and the customer answers all the same": {func(c *callTest) {
			c.dial, c.dialAfter = answered(), 40*time.Second
			c.agentLeft(connect + time.Second)
		}, call.Answered, call.ReasonAgentLost, 1},
		"/connect never comes":   {func(c *callTest) { c.in.CaseID = "no connect" }, call.Failed, call.ReasonNeverConnected, 0},
		"hung up before connect": {func(c *callTest) { c.in.CaseID = "no connect"; c.hangUp(time.Second, call.LegGone) }, call.Failed, call.ReasonCancelledBeforeDial, 0},
		"hung up and connected at once": {func(c *callTest) {
			c.in.CaseID = "no connect"
			c.after(time.Second, func() {
				c.SignalWorkflow(workflows.SignalHangUp.Name, workflows.HangUp{At: c.Now(), Source: call.SourceBrowser})
				c.SignalWorkflow(workflows.SignalConnect.Name, workflows.Connect{At: c.Now()})
			})
		}, call.Failed, call.ReasonCancelledBeforeDial, 0},
		"worker dies, no leg": {func(c *callTest) {
			c.dialErr, c.leg = temporal.NewHeartbeatTimeoutError(), call.LegGone
			c.found = call.Dial{State: call.DialUnknown}
		}, call.Failed, call.ReasonDialStateUnknown, 1},
		"worker dies while it rings, then busy by LiveKit's word": {func(c *callTest) {
			c.dialAfter, c.dialErr = 10*time.Second, temporal.NewHeartbeatTimeoutError()
			c.found = call.Dial{State: call.DialUnknown, LastStatus: call.LegRinging}
			c.customerLeft(connect+9*time.Second, call.LeaveRejected, call.LegRinging)
		}, call.NotAnswered, call.ReasonDeclined, 1},
		"no worker takes the dial": {func(c *callTest) {
			c.dialErr = temporal.NewTimeoutError(enumspb.TIMEOUT_TYPE_SCHEDULE_TO_START, nil)
		}, call.Failed, call.ReasonLiveKitUnavailable, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCallTest(t)
			tc.play(c)
			if c.in.CaseID != "no connect" {
				c.connect(connect)
			}
			o := c.run()
			require.Equal(t, tc.status, o.CallStatus)
			require.Equal(t, tc.reason, o.Reason)
			require.Equal(t, tc.dials, c.dials)
		})
	}
}

func TestCallWorkerDiesAndTheLegIsFoundTalking(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	c.connect(0)
	c.dialAfter, c.dialErr = 12*time.Second, temporal.NewHeartbeatTimeoutError()
	c.found = call.Dial{State: call.DialAnswered}
	c.customerLeft(72*time.Second, call.LeaveOrdinary, call.LegHangup)
	o := c.run()
	require.Equal(t, call.ReasonCustomerHangup, o.Reason)
	require.Equal(t, 60, o.DurationSeconds)
	require.Equal(t, 1, c.dials)
}

func TestCallsTimersEndWithTheNextWait(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	var started, cancelled, fired int
	c.SetOnTimerScheduledListener(func(string, time.Duration) { started++ })
	c.SetOnTimerCanceledListener(func(string) { cancelled++ })
	c.SetOnTimerFiredListener(func(string) { fired++ })
	c.connect(time.Second)
	c.dial = answered()
	c.agentLeft(10 * time.Second)
	c.agentThere = true
	c.customerLeft(10*time.Minute, call.LeaveOrdinary, call.LegHangup)
	require.Equal(t, call.ReasonCustomerHangup, c.run().Reason)
	require.Equal(t, 1, fired, "the agent's grace; the agent was back by then")
	require.Equal(t, started-1, cancelled+fired, "a timer left behind makes a long call cost more than a short one; the last ends with the call")
}

func TestCallThatCannotOpenLeavesNothing(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	c.openErr = temporal.NewNonRetryableApplicationError("down", activities.ErrTypeLiveKitUnavailable, nil)
	c.ExecuteWorkflow(workflows.Call, c.in)
	require.True(t, c.IsWorkflowCompleted())
	require.ErrorContains(t, c.GetWorkflowError(), activities.ErrTypeLiveKitUnavailable)
	require.Empty(t, c.recorded)
	require.Zero(t, c.dials)
}

func TestCallAnswersTheOpenUpdate(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	var done error
	completed := false
	c.after(0, func() {
		c.UpdateWorkflow(workflows.UpdateOpen, workflows.UpdateOpen, &testsuite.TestUpdateCallback{
			OnAccept: func() {}, OnReject: func(err error) { t.Error(err) },
			OnComplete: func(_ any, err error) { completed, done = true, err },
		})
	})
	c.hangUp(time.Second, call.LegGone)
	c.run()
	require.True(t, completed)
	require.NoError(t, done)
}

func TestRecordInsists(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	c.outage = 40
	c.hangUp(time.Second, call.LegGone)
	require.Equal(t, call.ReasonCancelledBeforeDial, c.run().Reason)
	require.Zero(t, c.outage)
}

// TestCallThatTheDatabaseDoesNotKnow fails visibly, once, and leaves no room.
func TestCallThatTheDatabaseDoesNotKnow(t *testing.T) {
	t.Parallel()
	c := newCallTest(t)
	c.unknown, c.notClosed = true, 1
	c.hangUp(time.Second, call.LegGone)
	c.ExecuteWorkflow(workflows.Call, c.in)
	require.True(t, c.IsWorkflowCompleted())
	require.ErrorContains(t, c.GetWorkflowError(), "not known: busy")
	require.ErrorContains(t, c.GetWorkflowError(), activities.ErrTypeUnknownCall)
	c.AssertNumberOfCalls(t, "CloseRoom", 1)
}
