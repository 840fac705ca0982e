package call

import "time"

// Rang is what is known of whether a phone rang in a dial.
type Rang string

// What may be known. Not known counts as rung, wherever another phone would ring.
const (
	RangUnknown Rang = ""
	RangNo      Rang = "no" // no 180 to 199 came, seen without a gap
	RangYes     Rang = "yes"
)

// Attempt is one trunk that a call was tried through.
type Attempt struct {
	Trunk     string    `json:"trunk"` // label
	TrunkID   string    `json:"trunk_id"`
	State     DialState `json:"state"`
	SIPCode   int       `json:"sip_code,omitempty"`
	Rang      Rang      `json:"rang,omitempty"`
	StartedAt time.Time `json:"started_at"`
	EndedAt   time.Time `json:"ended_at"`
	Detail    string    `json:"detail,omitempty"` // for operators, without numbers
}

// FailsOver reports whether a call whose dial ended like this may be tried through another trunk, and why. It is true only where it
// is certain that no phone rang: the reply says that the trunk failed and not the customer, and no 18x was seen without a gap. A second
// try must never ring a phone twice.
func (d Dial) FailsOver() (ok bool, why string) {
	switch {
	case d.State == DialNoLine:
		return true, "the trunk has no free line"
	case d.State == DialNotSent:
		return d.TrunkFault, "LiveKit sent no INVITE"
	case d.State != DialRefused && d.State != DialNoReply:
		return false, "the reply does not say that the trunk failed"
	case !d.TrunkFault && !trunkFaults(d.SIPCode):
		return false, "the reply may be the customer's"
	case d.Rang == RangYes:
		return false, "a phone had rung"
	case d.Rang != RangNo:
		return false, "nobody knows whether a phone rang"
	default:
		return true, "the trunk failed before any phone rang"
	}
}

// trunkFaults reports whether a final reply of a carrier tells of the trunk and not of the customer: its login, its timeout before
// anything rang, its servers (RFC 3261 section 21).
func trunkFaults(sip int) bool {
	return sip == 401 || sip == 403 || sip == 407 || sip == 408 || sip >= 500 && sip < 600
}
