package call_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

func TestAbandoned(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 3, 4, 5, 6, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return created.Add(time.Duration(seconds) * time.Second) }
	moment := func(seconds int) *time.Time { m := at(seconds); return &m }
	sip := func(code int) *int { return &code }
	noted, closed := at(60), at(300) // the workflow ended; the ledger deleted the room
	type want struct {
		status   call.CallStatus
		reason   call.Reason
		sip      *int
		by       call.Party
		duration int
		ended    time.Time
	}
	for name, tc := range map[string]struct {
		a    call.Abandoned
		want want
	}{
		"talking, terminated": {
			call.Abandoned{Call: call.Call{ConnectedAt: moment(5), AnsweredAt: moment(10)}, Leg: call.LegActive, Terminated: true},
			want{call.Answered, call.ReasonAgentHangup, sip(200), call.PartyOperator, 290, closed},
		},
		"the customer has left by now, terminated": {
			call.Abandoned{Call: call.Call{ConnectedAt: moment(5), AnsweredAt: moment(10)}, Leg: call.LegGone, Terminated: true},
			want{call.Answered, call.ReasonCustomerHangup, sip(200), call.PartyCustomer, 50, noted},
		},
		"talking, workflow lost": {
			call.Abandoned{Call: call.Call{ConnectedAt: moment(5), AnsweredAt: moment(10)}, Leg: call.LegActive},
			want{call.Answered, call.ReasonConnectionLost, sip(200), call.PartySystem, 290, closed},
		},
		"ringing, terminated": {
			call.Abandoned{Call: call.Call{ConnectedAt: moment(5)}, Leg: call.LegRinging, Terminated: true},
			want{call.NotAnswered, call.ReasonAgentCancelled, sip(487), call.PartyOperator, 0, closed},
		},
		"dialed, and nobody knows more, terminated": {
			call.Abandoned{Call: call.Call{ConnectedAt: moment(5)}, Leg: call.LegGone, Terminated: true},
			want{call.Failed, call.ReasonDialStateUnknown, nil, call.PartySystem, 0, noted},
		},
		"dialed, and nobody knows more, workflow lost": {
			call.Abandoned{Call: call.Call{ConnectedAt: moment(5)}, Leg: call.LegNoRoom},
			want{call.Failed, call.ReasonDialStateUnknown, nil, call.PartySystem, 0, noted},
		},
		"busy, and only the reply was written down": {
			call.Abandoned{Call: call.Call{ConnectedAt: moment(5)}, Leg: call.LegGone, Terminated: true,
				Reply: &call.Dial{State: call.DialRefused, SIPCode: 486, StartedAt: at(5), EndedAt: at(8), Source: call.SourceDial}},
			want{call.NotAnswered, call.ReasonBusy, sip(486), call.PartyCustomer, 0, at(8)},
		},
		"talking, though no projection was written": {
			call.Abandoned{Leg: call.LegActive, Terminated: true},
			want{call.Answered, call.ReasonAgentHangup, sip(200), call.PartyOperator, 0, closed},
		},
		"nobody was dialed, terminated": {
			call.Abandoned{Leg: call.LegGone, Terminated: true},
			want{call.Failed, call.ReasonCancelledBeforeDial, nil, call.PartyOperator, 0, noted},
		},
		"nobody was dialed, workflow lost": {
			call.Abandoned{Leg: call.LegNoRoom},
			want{call.Failed, call.ReasonNeverConnected, nil, call.PartySystem, 0, noted},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.a.Call.CreatedAt, tc.a.GoneAt, tc.a.ClosedAt = created, noted, closed
			o := call.Classify(tc.a.Evidence())
			require.Equal(t, tc.want, want{o.CallStatus, o.Reason, o.SIPCode, o.HangupBy, o.DurationSeconds, o.EndedAt})
			last := tc.a.Timeline("terminated by an operator")
			require.Equal(t, "workflow_gone", last[len(last)-1].Name)
		})
	}
}

// Nobody knows when the workflow ended.
func TestAbandonedWithoutAnEnd(t *testing.T) {
	t.Parallel()
	closed := time.Now()
	answered := closed.Add(-time.Minute)
	a := call.Abandoned{Call: call.Call{ConnectedAt: &answered, AnsweredAt: &answered}, Leg: call.LegGone, ClosedAt: closed}
	o := call.Classify(a.Evidence())
	require.Equal(t, call.Answered, o.CallStatus)
	require.Equal(t, closed, o.EndedAt)
}
