package call

import (
	"fmt"
	"time"
)

// words say for people why a call ended.
var words = map[Reason]string{
	ReasonCustomerHangup:      "the customer hung up",
	ReasonAgentHangup:         "the agent hung up",
	ReasonAgentLost:           "the agent vanished and did not come back in time",
	ReasonMaxDuration:         "the longest call time was reached",
	ReasonMediaTimeout:        "no sound came from the customer's side any more",
	ReasonConnectionLost:      "the media server lost the call",
	ReasonBusy:                "the customer was busy",
	ReasonDeclined:            "the customer declined",
	ReasonNoAnswer:            "nobody answered",
	ReasonAgentCancelled:      "the agent gave up before the answer",
	ReasonInvalidNumber:       "the number does not exist or is not complete",
	ReasonTrunkRejected:       "the trunk refused the call",
	ReasonTrunkUnavailable:    "the trunk failed or did not reply",
	ReasonTrunkCapacity:       "no line was free on any trunk",
	ReasonNeverConnected:      "the agent's page never asked to dial",
	ReasonCancelledBeforeDial: "the call was hung up before anybody was dialed",
	ReasonLiveKitUnavailable:  "LiveKit or its SIP service could not take the call",
	ReasonDialStateUnknown:    "a crash hid how the dial went, and the customer's leg was not found",
}

// Words is the outcome in one line for people: "ANSWERED, customer_hangup: the customer hung up after 4s of talk (SIP 200)".
func (o Outcome) Words() string {
	why := words[o.Reason]
	if o.Reason == ReasonAgentHangup && o.HangupBy == PartyOperator {
		why = "an operator ended it"
	}
	text := fmt.Sprintf("%s, %s: %s", o.CallStatus, o.Reason, why)
	switch {
	case o.CallStatus == Answered:
		text += fmt.Sprintf(" after %s of talk", inSeconds(o.DurationSeconds))
	case o.RingSeconds > 0:
		text += fmt.Sprintf(", %s after the INVITE", inSeconds(o.RingSeconds))
	}
	if o.SIPCode != nil {
		text += fmt.Sprintf(" (SIP %d)", *o.SIPCode)
	}
	return text
}

func inSeconds(n int) time.Duration { return time.Duration(n) * time.Second }
