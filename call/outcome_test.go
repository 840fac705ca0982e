package call_test

import (
	"fmt"
	"testing"
	"testing/quick"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

var (
	connected = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	dialed    = connected.Add(100 * time.Millisecond)
	answered  = dialed.Add(12 * time.Second)
)

func after(seconds float64) time.Time {
	return answered.Add(time.Duration(seconds * float64(time.Second)))
}

func at(t time.Time) *time.Time { return &t }

func sip(c int) *int { return &c }

// talking is the evidence of a call that was answered and has not ended.
func talking(change func(*call.Evidence)) call.Evidence {
	e := call.Evidence{
		ConnectedAt: &connected,
		Dial:        call.Dial{State: call.DialAnswered, SIPCode: 200, StartedAt: dialed, EndedAt: answered, Source: call.SourceDial},
		ClosedAt:    after(91),
	}
	change(&e)
	return e
}

// unanswered is the evidence of a dial that ended in d after twelve seconds.
func unanswered(d call.Dial, change func(*call.Evidence)) call.Evidence {
	d.StartedAt, d.EndedAt = dialed, answered
	e := call.Evidence{ConnectedAt: &connected, Dial: d, ClosedAt: after(0.1)}
	if change != nil {
		change(&e)
	}
	return e
}

func left(seconds float64, reason call.LeaveReason, status call.LegStatus, source call.Source) *call.LegLeft {
	return &call.LegLeft{At: after(seconds), Reason: reason, Status: status, Source: source}
}

func hangUp(seconds float64) *call.Request {
	return &call.Request{At: after(seconds), Source: call.SourceBrowser}
}

func TestClassifyAnswered(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		evidence call.Evidence
		reason   call.Reason
		by       call.Party
		seconds  int
	}{
		"customer hung up, LiveKit says so": {talking(func(e *call.Evidence) {
			e.Left = left(90.4, call.LeaveOrdinary, call.LegHangup, call.SourceWebhook)
		}), call.ReasonCustomerHangup, call.PartyCustomer, 90},
		"customer hung up, a poll missed the leg": {talking(func(e *call.Evidence) {
			e.Left = left(90.4, call.LeaveUnknown, call.LegGone, call.SourcePoll)
		}), call.ReasonCustomerHangup, call.PartyCustomer, 90},
		"customer hung up, the browser asked first": {talking(func(e *call.Evidence) {
			e.HangUp, e.LegAtHangUp = hangUp(90.4), call.LegGone
		}), call.ReasonCustomerHangup, call.PartyCustomer, 90},
		"customer hung up, the browser asked before LiveKit's event came": {talking(func(e *call.Evidence) {
			e.HangUp, e.LegAtHangUp = hangUp(90.4), call.LegHangup
			e.Left = left(90.45, call.LeaveOrdinary, call.LegHangup, call.SourceWebhook)
		}), call.ReasonCustomerHangup, call.PartyCustomer, 90},
		"customer hung up while no worker was there, a late poll": {talking(func(e *call.Evidence) {
			e.HangUp, e.LegAtHangUp = hangUp(60.4), call.LegGone
			e.Left = left(90, call.LeaveUnknown, call.LegGone, call.SourcePoll)
		}), call.ReasonCustomerHangup, call.PartyCustomer, 60},
		"agent hung up": {talking(func(e *call.Evidence) {
			e.HangUp, e.LegAtHangUp = hangUp(30), call.LegActive
		}), call.ReasonAgentHangup, call.PartyAgent, 30},
		"agent hung up before the leg had joined, and the customer answered": {talking(func(e *call.Evidence) {
			e.HangUp, e.LegAtHangUp = hangUp(-5), call.LegGone
		}), call.ReasonAgentHangup, call.PartyAgent, 0},
		"agent hung up before the leg had joined, and a poll missed it after the answer": {talking(func(e *call.Evidence) {
			e.HangUp, e.LegAtHangUp = hangUp(-5), call.LegGone
			e.Left = left(0.5, call.LeaveUnknown, call.LegNoRoom, call.SourcePoll)
		}), call.ReasonAgentHangup, call.PartyAgent, 0},
		"agent hung up, and a poll missed the leg afterwards": {talking(func(e *call.Evidence) {
			e.HangUp, e.LegAtHangUp = hangUp(30), call.LegActive
			e.Left = left(30.3, call.LeaveUnknown, call.LegNoRoom, call.SourcePoll)
		}), call.ReasonAgentHangup, call.PartyAgent, 30},
		"agent hung up while LiveKit could not be asked": {talking(func(e *call.Evidence) {
			e.HangUp = hangUp(30)
		}), call.ReasonAgentHangup, call.PartyAgent, 30},
		"operator hung up": {talking(func(e *call.Evidence) {
			e.HangUp, e.LegAtHangUp = &call.Request{At: after(5), Source: call.SourceOperator}, call.LegActive
		}), call.ReasonAgentHangup, call.PartyOperator, 5},
		"agent lost": {talking(func(e *call.Evidence) {
			e.AgentLostAt, e.LegAtHangUp = at(after(50)), call.LegActive
		}), call.ReasonAgentLost, call.PartySystem, 50},
		"agent lost, and the customer had gone before without a word": {talking(func(e *call.Evidence) {
			e.AgentLostAt, e.LegAtHangUp = at(after(50)), call.LegGone
		}), call.ReasonCustomerHangup, call.PartyCustomer, 50},
		"agent lost, because the media server died": {talking(func(e *call.Evidence) {
			e.AgentLostAt, e.LegAtHangUp = at(after(50)), call.LegNoRoom
		}), call.ReasonConnectionLost, call.PartySystem, 50},
		"longest call time, and the customer had just said BYE": {talking(func(e *call.Evidence) {
			e.MaxedOutAt, e.LegAtHangUp = at(after(7200)), call.LegHangup
		}), call.ReasonCustomerHangup, call.PartyCustomer, 7200},
		"longest call time": {talking(func(e *call.Evidence) {
			e.MaxedOutAt, e.LegAtHangUp = at(after(7200)), call.LegActive
		}), call.ReasonMaxDuration, call.PartySystem, 7200},
		"no media": {talking(func(e *call.Evidence) {
			e.Left = left(30, call.LeaveOrdinary, call.LegActive, call.SourceWebhook)
		}), call.ReasonMediaTimeout, call.PartySystem, 30},
		"no media since minutes, which are not talk": {talking(func(e *call.Evidence) {
			e.MediaTimeout = 10 * time.Minute
			e.Left = left(660, call.LeaveOrdinary, call.LegActive, call.SourceWebhook)
		}), call.ReasonMediaTimeout, call.PartySystem, 60},
		"no media from the first second on: LiveKit waits for another time": {talking(func(e *call.Evidence) {
			e.MediaTimeout = 10 * time.Minute
			e.Left = left(30, call.LeaveOrdinary, call.LegActive, call.SourceWebhook)
		}), call.ReasonMediaTimeout, call.PartySystem, 30},
		"a BYE is never made earlier": {talking(func(e *call.Evidence) {
			e.MediaTimeout = 10 * time.Minute
			e.Left = left(660, call.LeaveOrdinary, call.LegHangup, call.SourceWebhook)
		}), call.ReasonCustomerHangup, call.PartyCustomer, 660},
		"answered and hung up in an instant, of which the page hears before the dial does": {talking(func(e *call.Evidence) {
			before := e.Dial.EndedAt.Add(-time.Second)
			e.Left = &call.LegLeft{At: e.Dial.EndedAt, Reason: call.LeaveOrdinary, Status: call.LegHangup, Source: call.SourceDial}
			e.HangUp, e.LegAtHangUp = &call.Request{At: before, Source: call.SourceBrowser}, call.LegGone
		}), call.ReasonCustomerHangup, call.PartyCustomer, 0},
		"no media, newer LiveKit": {talking(func(e *call.Evidence) {
			e.Left = left(30, call.LeaveMedia, call.LegActive, call.SourceWebhook)
		}), call.ReasonMediaTimeout, call.PartySystem, 30},
		"SIP service died": {talking(func(e *call.Evidence) {
			e.Left = left(44, call.LeaveLost, call.LegActive, call.SourceWebhook)
		}), call.ReasonConnectionLost, call.PartySystem, 44},
		"media server died": {talking(func(e *call.Evidence) {
			e.Left = left(44, call.LeaveUnknown, call.LegNoRoom, call.SourcePoll)
		}), call.ReasonConnectionLost, call.PartySystem, 44},
		"room emptied by somebody else": {talking(func(e *call.Evidence) {
			e.Left = left(44, call.LeaveRemoved, call.LegActive, call.SourceWebhook)
		}), call.ReasonConnectionLost, call.PartySystem, 44},
		"event older than the answer": {talking(func(e *call.Evidence) {
			e.Left = left(-3, call.LeaveOrdinary, call.LegHangup, call.SourceWebhook)
		}), call.ReasonCustomerHangup, call.PartyCustomer, 0},
		"answered in the instant of our cancel": {unanswered(call.Dial{State: call.DialCancelled}, func(e *call.Evidence) {
			e.HangUp, e.LegAtHangUp = hangUp(-0.1), call.LegActive
		}), call.ReasonAgentHangup, call.PartyAgent, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := call.Classify(tc.evidence)
			require.Equal(t, call.Answered, got.CallStatus)
			require.Equal(t, tc.reason, got.Reason)
			require.Equal(t, sip(200), got.SIPCode)
			require.Equal(t, tc.by, got.HangupBy)
			require.Equal(t, tc.seconds, got.DurationSeconds)
			require.Equal(t, 12, got.RingSeconds)
		})
	}
}

func TestClassifyNotAnswered(t *testing.T) {
	t.Parallel()
	gaveUp := func(e *call.Evidence) { e.HangUp, e.LegAtHangUp = hangUp(-1), call.LegRinging }
	for name, tc := range map[string]struct {
		evidence call.Evidence
		status   call.CallStatus
		reason   call.Reason
		code     *int
	}{
		"rang out":                    {unanswered(call.Dial{State: call.DialRangOut, LastStatus: call.LegRinging}, nil), call.NotAnswered, call.ReasonNoAnswer, sip(408)},
		"rang out, nobody looked":     {unanswered(call.Dial{State: call.DialRangOut}, nil), call.NotAnswered, call.ReasonNoAnswer, sip(408)},
		"timed out and never rang":    {unanswered(call.Dial{State: call.DialRangOut, LastStatus: call.LegDialing}, nil), call.Failed, call.ReasonTrunkUnavailable, nil},
		"credentials refused":         {unanswered(call.Dial{State: call.DialRefused}, nil), call.Failed, call.ReasonTrunkRejected, nil},
		"no reply":                    {unanswered(call.Dial{State: call.DialNoReply}, nil), call.Failed, call.ReasonTrunkUnavailable, nil},
		"agent cancelled":             {unanswered(call.Dial{State: call.DialCancelled}, gaveUp), call.NotAnswered, call.ReasonAgentCancelled, sip(487)},
		"agent cancelled, 487 echoed": {unanswered(call.Dial{State: call.DialRefused, SIPCode: 487}, gaveUp), call.NotAnswered, call.ReasonAgentCancelled, sip(487)},
		"the carrier's own 487, and the snippet asked for a hang-up": {unanswered(call.Dial{State: call.DialRefused, SIPCode: 487}, func(e *call.Evidence) {
			e.HangUp, e.LegAtHangUp = hangUp(-0.01), call.LegGone
		}), call.NotAnswered, call.ReasonNoAnswer, sip(487)},
		"agent cancelled, reply lost": {unanswered(call.Dial{State: call.DialUnknown}, gaveUp), call.NotAnswered, call.ReasonAgentCancelled, sip(487)},
		"agent vanished while it rang": {unanswered(call.Dial{State: call.DialCancelled}, func(e *call.Evidence) {
			e.AgentLostAt = at(after(-1))
		}), call.NotAnswered, call.ReasonAgentCancelled, sip(487)},
		"busy, and the snippet asked for a hang-up": {unanswered(call.Dial{State: call.DialRefused, SIPCode: 486}, func(e *call.Evidence) {
			e.HangUp, e.LegAtHangUp = hangUp(-0.01), call.LegGone
		}), call.NotAnswered, call.ReasonBusy, sip(486)},
		"busy, and the browser lied": {unanswered(call.Dial{State: call.DialRefused, SIPCode: 486}, func(e *call.Evidence) {
			e.Report = at(after(-5))
		}), call.NotAnswered, call.ReasonBusy, sip(486)},
		"rang out, and the browser lied": {unanswered(call.Dial{State: call.DialRangOut}, func(e *call.Evidence) {
			e.Report = at(after(-5))
		}), call.NotAnswered, call.ReasonNoAnswer, sip(408)},
		"agent gave up, and the dial then found no room": {unanswered(call.Dial{State: call.DialNotSent}, gaveUp), call.Failed, call.ReasonCancelledBeforeDial, nil},
		"LiveKit refused, and the snippet asked for a hang-up": {unanswered(call.Dial{State: call.DialNotSent}, func(e *call.Evidence) {
			e.HangUp, e.LegAtHangUp = hangUp(0.1), call.LegGone
		}), call.Failed, call.ReasonLiveKitUnavailable, nil},
		"LiveKit refused":                  {unanswered(call.Dial{State: call.DialNotSent}, nil), call.Failed, call.ReasonLiveKitUnavailable, nil},
		"leg taken away by nobody we know": {unanswered(call.Dial{State: call.DialCancelled}, nil), call.Failed, call.ReasonLiveKitUnavailable, nil},
		"the rules forbade the dial":       {unanswered(call.Dial{State: call.DialNotPermitted}, nil), call.Failed, call.ReasonCancelledBeforeDial, nil},
		"agent had gone before the dial":   {unanswered(call.Dial{State: call.DialNoAgent}, nil), call.Failed, call.ReasonCancelledBeforeDial, nil},
		"reply lost, no leg":               {unanswered(call.Dial{State: call.DialUnknown}, nil), call.Failed, call.ReasonDialStateUnknown, nil},
		"reply lost, it had rung":          {unanswered(call.Dial{State: call.DialUnknown, LastStatus: call.LegRinging}, nil), call.NotAnswered, call.ReasonNoAnswer, sip(408)},
		"reply lost, it had rung and the snippet asked for a hang-up": {unanswered(call.Dial{State: call.DialUnknown, LastStatus: call.LegRinging}, func(e *call.Evidence) {
			e.HangUp, e.LegAtHangUp = hangUp(-0.1), call.LegGone
		}), call.NotAnswered, call.ReasonNoAnswer, sip(408)},
		"reply lost, SIP service lost while it rang, and the snippet asked for a hang-up": {unanswered(call.Dial{State: call.DialUnknown}, func(e *call.Evidence) {
			e.HangUp, e.LegAtHangUp = hangUp(-0.1), call.LegGone
			e.Left = left(-0.2, call.LeaveLost, call.LegRinging, call.SourceWebhook)
		}), call.Failed, call.ReasonLiveKitUnavailable, nil},
		"agent cancelled while no worker was there, and it rang out": {unanswered(call.Dial{State: call.DialRangOut, LastStatus: call.LegRinging, Source: call.SourceRoom}, func(e *call.Evidence) {
			e.HangUp, e.LegAtHangUp = hangUp(-9), call.LegRinging
		}), call.NotAnswered, call.ReasonAgentCancelled, sip(487)},
		"reply lost, LiveKit says rejected":  {unanswered(call.Dial{State: call.DialUnknown}, func(e *call.Evidence) { e.Left = left(-1, call.LeaveRejected, call.LegRinging, call.SourceWebhook) }), call.NotAnswered, call.ReasonDeclined, nil},
		"reply lost, LiveKit says no answer": {unanswered(call.Dial{State: call.DialUnknown}, func(e *call.Evidence) { e.Left = left(-1, call.LeaveUnavailable, call.LegRinging, call.SourceWebhook) }), call.NotAnswered, call.ReasonNoAnswer, sip(408)},
		"reply lost, nothing rang until the ring timeout, and the snippet asked for a hang-up": {unanswered(call.Dial{State: call.DialUnknown}, func(e *call.Evidence) {
			e.RingTimeout = after(-1).Sub(dialed)
			e.HangUp, e.LegAtHangUp = hangUp(-1), call.LegGone
			e.Left = left(-1, call.LeaveUnavailable, call.LegDialing, call.SourceWebhook)
		}), call.Failed, call.ReasonTrunkUnavailable, nil},
		"reply lost, refused before it rang": {unanswered(call.Dial{State: call.DialUnknown}, func(e *call.Evidence) {
			e.RingTimeout = time.Hour
			e.Left = left(-1, call.LeaveUnavailable, call.LegDialing, call.SourceWebhook)
		}), call.NotAnswered, call.ReasonNoAnswer, sip(408)},
		"reply lost, LiveKit says trunk": {unanswered(call.Dial{State: call.DialUnknown}, func(e *call.Evidence) { e.Left = left(-1, call.LeaveOrdinary, call.LegDialing, call.SourceWebhook) }), call.Failed, call.ReasonTrunkUnavailable, nil},
		"reply lost, a fork of LiveKit knows the code": {unanswered(call.Dial{State: call.DialUnknown}, func(e *call.Evidence) {
			e.Left = left(-1, call.LeaveRejected, call.LegRinging, call.SourceWebhook)
			e.Left.SIPCode = 486
		}), call.NotAnswered, call.ReasonBusy, sip(486)},
		"reply lost, report against LiveKit": {unanswered(call.Dial{State: call.DialUnknown}, func(e *call.Evidence) {
			e.Report = at(after(-2))
			e.Left = left(-1, call.LeaveRejected, call.LegRinging, call.SourceWebhook)
		}), call.NotAnswered, call.ReasonDeclined, nil},
		"never connected":         {call.Evidence{ClosedAt: connected}, call.Failed, call.ReasonNeverConnected, nil},
		"hung up before /connect": {call.Evidence{ClosedAt: connected, HangUp: hangUp(-20)}, call.Failed, call.ReasonCancelledBeforeDial, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := call.Classify(tc.evidence)
			require.Equal(t, tc.status, got.CallStatus)
			require.Equal(t, tc.reason, got.Reason)
			require.Equal(t, tc.code, got.SIPCode)
			require.Zero(t, got.DurationSeconds)
			require.Nil(t, got.AnsweredAt)
		})
	}
}

func TestClassifyWithLostReply(t *testing.T) {
	t.Parallel()
	found := call.Dial{State: call.DialAnswered, StartedAt: dialed, EndedAt: after(8), Source: call.SourceRoom}
	t.Run("the leg was found talking and the browser knows since when", func(t *testing.T) {
		t.Parallel()
		got := call.Classify(call.Evidence{ConnectedAt: &connected, Dial: found, Report: at(after(0.1)),
			Left: left(60, call.LeaveOrdinary, call.LegHangup, call.SourceWebhook)})
		require.Equal(t, after(0.1), *got.AnsweredAt)
		require.Equal(t, 59, got.DurationSeconds)
	})
	t.Run("the leg was found talking and nobody knows since when", func(t *testing.T) {
		t.Parallel()
		got := call.Classify(call.Evidence{ConnectedAt: &connected, Dial: found,
			Left: left(60, call.LeaveOrdinary, call.LegHangup, call.SourceWebhook)})
		require.Equal(t, 52, got.DurationSeconds)
	})
	t.Run("answered and gone before anyone looked", func(t *testing.T) {
		t.Parallel()
		lost := call.Dial{State: call.DialUnknown, StartedAt: dialed, EndedAt: after(10)}
		got := call.Classify(call.Evidence{ConnectedAt: &connected, Dial: lost, Report: at(after(0)),
			Left: left(4, call.LeaveOrdinary, call.LegHangup, call.SourceWebhook)})
		require.Equal(t, call.Answered, got.CallStatus)
		require.Equal(t, call.ReasonCustomerHangup, got.Reason)
		require.Equal(t, 4, got.DurationSeconds)
	})
	t.Run("only the browser saw it", func(t *testing.T) {
		t.Parallel()
		lost := call.Dial{State: call.DialUnknown, StartedAt: dialed, EndedAt: after(10)}
		got := call.Classify(call.Evidence{ConnectedAt: &connected, Dial: lost, Report: at(after(0)),
			HangUp: hangUp(4), LegAtHangUp: call.LegGone})
		require.Equal(t, call.Answered, got.CallStatus)
		require.Equal(t, call.ReasonCustomerHangup, got.Reason)
		require.Equal(t, 4, got.DurationSeconds)
	})
}

func TestRingingEndsWhenItEnded(t *testing.T) {
	t.Parallel()
	lost := call.Dial{State: call.DialUnknown, StartedAt: dialed, EndedAt: dialed.Add(40 * time.Second)}
	cancelled := call.Classify(call.Evidence{ConnectedAt: &connected, Dial: lost, LegAtHangUp: call.LegRinging,
		HangUp: &call.Request{At: dialed.Add(5500 * time.Millisecond)}})
	require.Equal(t, call.ReasonAgentCancelled, cancelled.Reason)
	require.Equal(t, 5, cancelled.RingSeconds, "not until the recovery had looked")
	refused := call.Classify(call.Evidence{ConnectedAt: &connected, Dial: lost,
		Left: &call.LegLeft{At: dialed.Add(7500 * time.Millisecond), Reason: call.LeaveRejected, Status: call.LegRinging}})
	require.Equal(t, call.ReasonDeclined, refused.Reason)
	require.Equal(t, 7, refused.RingSeconds)
}

func TestFromSIPCode(t *testing.T) {
	t.Parallel()
	for reason, codes := range map[call.Reason][]int{
		call.ReasonBusy:             {486, 600},
		call.ReasonDeclined:         {603, 607, 608},
		call.ReasonNoAnswer:         {408, 480, 487},
		call.ReasonInvalidNumber:    {404, 410, 484, 604},
		call.ReasonTrunkRejected:    {300, 301, 302, 305, 380, 400, 401, 402, 403, 405, 407, 415, 420, 481, 482, 483, 485, 488, 491, 493, 606},
		call.ReasonTrunkUnavailable: {500, 501, 502, 503, 504, 505, 513, 580},
	} {
		for _, c := range codes {
			got := call.FromSIPCode(c)
			require.Equal(t, reason, got.Reason, "SIP %d", c)
			require.Equal(t, c, *got.SIPCode)
		}
	}
}

// statusOf is the table of the contract: which call status goes with which reason.
var statusOf = map[call.Reason]call.CallStatus{
	call.ReasonCustomerHangup: call.Answered, call.ReasonAgentHangup: call.Answered, call.ReasonAgentLost: call.Answered,
	call.ReasonMaxDuration: call.Answered, call.ReasonMediaTimeout: call.Answered, call.ReasonConnectionLost: call.Answered,
	call.ReasonBusy: call.NotAnswered, call.ReasonDeclined: call.NotAnswered, call.ReasonNoAnswer: call.NotAnswered,
	call.ReasonAgentCancelled: call.NotAnswered,
	call.ReasonInvalidNumber:  call.Failed, call.ReasonTrunkRejected: call.Failed, call.ReasonTrunkUnavailable: call.Failed,
	call.ReasonNeverConnected: call.Failed, call.ReasonCancelledBeforeDial: call.Failed,
	call.ReasonLiveKitUnavailable: call.Failed, call.ReasonDialStateUnknown: call.Failed,
}

// TestClassifyIsTotal throws any evidence at the classifier: every one gives an outcome that agrees with itself.
func TestClassifyIsTotal(t *testing.T) {
	t.Parallel()
	dials := []call.DialState{call.DialNone, call.DialAnswered, call.DialRefused, call.DialRangOut, call.DialNoReply,
		call.DialCancelled, call.DialNotSent, call.DialNoAgent, call.DialNotPermitted, call.DialUnknown}
	legs := []call.LegStatus{call.LegUnknown, call.LegDialing, call.LegRinging, call.LegActive, call.LegHangup, call.LegGone, call.LegNoRoom}
	leaves := []call.LeaveReason{call.LeaveUnknown, call.LeaveOrdinary, call.LeaveRejected, call.LeaveUnavailable,
		call.LeaveTrunk, call.LeaveMedia, call.LeaveLost, call.LeaveRemoved}
	moment := func(v uint16) time.Time { return connected.Add(time.Duration(v) * 10 * time.Millisecond) }
	check := func(has uint8, dial, code, leg, leave, legStatus, t1, t2, t3, t4, t5 uint16) error {
		e := call.Evidence{ClosedAt: moment(t5), LegAtHangUp: legs[int(leg)%len(legs)]}
		if has&1 != 0 {
			e.ConnectedAt = &connected
			e.Dial = call.Dial{State: dials[int(dial)%len(dials)], StartedAt: dialed, EndedAt: moment(t1), SIPCode: 300 + int(code)%400}
		}
		if has&2 != 0 {
			e.HangUp = &call.Request{At: moment(t2)}
		}
		if has&4 != 0 {
			e.Left = &call.LegLeft{At: moment(t3), Reason: leaves[int(leave)%len(leaves)], Status: legs[int(legStatus)%len(legs)]}
		}
		if has&8 != 0 {
			e.Report = at(moment(t4))
		}
		o := call.Classify(e)
		switch {
		case statusOf[o.Reason] != o.CallStatus:
			return fmt.Errorf("%s goes with %s: %+v", o.Reason, o.CallStatus, e)
		case o.DurationSeconds < 0 || o.RingSeconds < 0 || o.EndedAt.IsZero() || o.HangupBy == "":
			return fmt.Errorf("%+v from %+v", o, e)
		case (o.CallStatus == call.Answered) != (o.AnsweredAt != nil):
			return fmt.Errorf("answered_at is wrong: %+v from %+v", o, e)
		case o.AnsweredAt != nil && o.EndedAt.Before(*o.AnsweredAt):
			return fmt.Errorf("ended before it was answered: %+v from %+v", o, e)
		case e.Dial.State == call.DialRefused && o.CallStatus == call.Answered:
			return fmt.Errorf("a refused dial was answered: %+v", e)
		}
		return nil
	}
	require.NoError(t, quick.Check(func(has uint8, dial, code, leg, leave, legStatus, t1, t2, t3, t4, t5 uint16) bool {
		err := check(has, dial, code, leg, leave, legStatus, t1, t2, t3, t4, t5)
		if err != nil {
			t.Log(err)
		}
		return err == nil
	}, &quick.Config{MaxCount: 20_000}))
}
