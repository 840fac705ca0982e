package call_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

func TestOutcomeWords(t *testing.T) {
	t.Parallel()
	sip := func(n int) *int { return &n }
	for want, o := range map[string]call.Outcome{
		"ANSWERED, customer_hangup: the customer hung up after 1m4s of talk (SIP 200)": {
			CallStatus: call.Answered, Reason: call.ReasonCustomerHangup, SIPCode: sip(200), DurationSeconds: 64, RingSeconds: 5,
		},
		"ANSWERED, agent_hangup: an operator ended it after 0s of talk (SIP 200)": {
			CallStatus: call.Answered, Reason: call.ReasonAgentHangup, SIPCode: sip(200), HangupBy: call.PartyOperator,
		},
		"NOT_ANSWERED, busy: the customer was busy, 2s after the INVITE (SIP 486)": {
			CallStatus: call.NotAnswered, Reason: call.ReasonBusy, SIPCode: sip(486), RingSeconds: 2,
		},
		"FAILED, never_connected: the agent's page never asked to dial": {
			CallStatus: call.Failed, Reason: call.ReasonNeverConnected,
		},
	} {
		require.Equal(t, want, o.Words())
	}
}

func TestEveryReasonHasWords(t *testing.T) {
	t.Parallel()
	reasons := slices.Concat(call.Answered.Reasons(), call.NotAnswered.Reasons(), call.Failed.Reasons())
	require.Len(t, reasons, 18)
	for _, r := range reasons {
		require.Regexp(t, string(r)+`: \w`, call.Outcome{CallStatus: call.Failed, Reason: r}.Words())
	}
}
