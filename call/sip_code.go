package call

// FromSIPCode is the outcome of a carrier's final reply to our INVITE (RFC 3261 section 21; 607 is RFC
// 8197, 608 is RFC 8688).
func FromSIPCode(sip int) Outcome {
	o := Outcome{SIPCode: code(sip), HangupBy: PartySystem}
	switch {
	case sip == 486 || sip == 600:
		o.CallStatus, o.Reason, o.HangupBy = NotAnswered, ReasonBusy, PartyCustomer
	case sip == 404 || sip == 410 || sip == 484 || sip == 604:
		o.CallStatus, o.Reason = Failed, ReasonInvalidNumber
	case sip == 408 || sip == 480 || sip == 487:
		o.CallStatus, o.Reason = NotAnswered, ReasonNoAnswer
	case sip == 606:
		o.CallStatus, o.Reason = Failed, ReasonTrunkRejected
	case sip >= 600:
		o.CallStatus, o.Reason, o.HangupBy = NotAnswered, ReasonDeclined, PartyCustomer
	case sip >= 500:
		o.CallStatus, o.Reason = Failed, ReasonTrunkUnavailable
	default:
		o.CallStatus, o.Reason = Failed, ReasonTrunkRejected
	}
	return o
}
