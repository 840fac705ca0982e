package call

// Reasons returns the reasons that go with a call status, as the contract's table has them.
func (s CallStatus) Reasons() []Reason {
	switch s {
	case Answered:
		return []Reason{ReasonCustomerHangup, ReasonAgentHangup, ReasonAgentLost, ReasonMaxDuration, ReasonMediaTimeout, ReasonConnectionLost}
	case NotAnswered:
		return []Reason{ReasonBusy, ReasonDeclined, ReasonNoAnswer, ReasonAgentCancelled}
	case Failed:
		return []Reason{ReasonInvalidNumber, ReasonTrunkRejected, ReasonTrunkUnavailable, ReasonTrunkCapacity, ReasonNeverConnected, ReasonCancelledBeforeDial,
			ReasonLiveKitUnavailable, ReasonDialStateUnknown}
	default:
		return nil
	}
}
