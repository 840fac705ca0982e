package call

import "time"

// Source says who told us something. Sources are named in the order in which they are believed: a
// later one never overrules an earlier one that spoke of the same thing. See [Classify].
type Source string

// The sources of evidence.
const (
	SourceDial     Source = "dial"     // the reply to our own CreateSIPParticipant: the only one that holds a SIP code
	SourceRoom     Source = "room"     // a room check
	SourceWebhook  Source = "webhook"  // a signed LiveKit event
	SourcePoll     Source = "poll"     // the Watch workflow's round
	SourceBrowser  Source = "browser"  // anyone who knows the call id; believed last
	SourceOperator Source = "operator" // an operator of the console
	SourceTimer    Source = "timer"    // a deadline of ours
)

// DialState is what is known of the one dial of a call.
type DialState string

// The states of a dial.
const (
	DialNone         DialState = ""              // nobody was dialed
	DialRinging      DialState = "ringing"       // under way
	DialAnswered     DialState = "answered"      // 200 OK
	DialRefused      DialState = "refused"       // a final reply other than 200; SIPCode says which
	DialRangOut      DialState = "rang_out"      // RingTimeout passed while the phone rang
	DialNoReply      DialState = "no_reply"      // no final reply: timer B, DNS or network failure
	DialCancelled    DialState = "cancelled"     // the leg was taken from the room before an answer
	DialNotSent      DialState = "not_sent"      // LiveKit refused; it is certain that no INVITE left
	DialNoAgent      DialState = "no_agent"      // nobody was dialed because the agent had left by then
	DialNoLine       DialState = "no_line"       // nobody was dialed: the limits of the trunks allow no more calls now
	DialQueued       DialState = "queued"        // nobody was dialed yet: the call waits for a line, until QueuedUntil
	DialNotPermitted DialState = "not_permitted" // nobody was dialed because the rules of permission forbade it by then
	DialUnknown      DialState = "unknown"       // whoever dialed is gone and cannot say
)

// Dial is the result of dialing the customer.
type Dial struct {
	State      DialState
	SIPCode    int       // the carrier's final reply, 0 when there was none
	Detail     string    // for operators: the reason phrase or error, without numbers
	StartedAt  time.Time // zero when no INVITE was asked for
	EndedAt    time.Time // when the result was known; the answer moment for DialAnswered
	Source     Source
	LastStatus LegStatus // the last status of the leg that was seen, when somebody looked
	LegSID     string    // LiveKit's id of the leg's session, when it answered
	// ByeAt is set when the reply itself says that the customer had hung up again: the BYE overtook our ACK.
	ByeAt *time.Time `json:",omitempty"`
	// TrunkFault is set when the reply says that the trunk failed before the INVITE reached anybody: see [Dial.FailsOver].
	TrunkFault bool `json:",omitempty"`
	Rang       Rang `json:",omitempty"` // whether a phone rang, as far as somebody listened
	// Attempts are all that were made, the last one included; empty when there was one, or none.
	Attempts []Attempt `json:",omitempty"`
	// QueuedUntil is with DialQueued.
	QueuedUntil *time.Time `json:",omitempty"`
	// Unlisted is the code of a reply that no rule knows, for a metric; "" as a rule.
	Unlisted string `json:",omitempty"`
}

// LegStatus is LiveKit's sip.callStatus, or what stands for it when the leg is not there.
type LegStatus string

// The statuses of the customer's leg.
const (
	LegUnknown    LegStatus = ""           // nobody could look
	LegDialing    LegStatus = "dialing"    // INVITE sent, no provisional reply
	LegRinging    LegStatus = "ringing"    // 180 to 199
	LegAutomation LegStatus = "automation" // answered, DTMF being sent
	LegActive     LegStatus = "active"     // answered
	LegHangup     LegStatus = "hangup"     // the customer sent BYE
	LegGone       LegStatus = "gone"       // no such participant in a room that is there
	LegNoRoom     LegStatus = "no_room"    // the room itself is gone
)

// Answered reports whether a leg in this status has been answered.
func (s LegStatus) Answered() bool {
	return s == LegActive || s == LegAutomation || s == LegHangup
}

// Absent reports whether somebody looked and the leg was not there any more, or had said BYE.
func (s LegStatus) Absent() bool { return s == LegGone || s == LegNoRoom || s == LegHangup }

// LeaveReason is why a participant left, in our words; livekit maps LiveKit's DisconnectReason to it.
type LeaveReason string

// The reasons for leaving a room.
const (
	LeaveUnknown     LeaveReason = ""            // not said, for example by a poll
	LeaveOrdinary    LeaveReason = "left"        // LiveKit's CLIENT_INITIATED: a BYE, a 5xx and a media timeout alike
	LeaveRejected    LeaveReason = "rejected"    // USER_REJECTED: 486, 603, 4xx
	LeaveUnavailable LeaveReason = "unavailable" // USER_UNAVAILABLE: 404, 408, 480, no answer
	LeaveTrunk       LeaveReason = "trunk"       // SIP_TRUNK_FAILURE, in LiveKit versions after 2026-09
	LeaveMedia       LeaveReason = "media"       // MEDIA_FAILURE
	LeaveLost        LeaveReason = "lost"        // CONNECTION_TIMEOUT, SIGNAL_CLOSE, STATE_MISMATCH, SERVER_SHUTDOWN
	LeaveRemoved     LeaveReason = "removed"     // PARTICIPANT_REMOVED, ROOM_DELETED, ROOM_CLOSED
	LeaveReplaced    LeaveReason = "replaced"    // DUPLICATE_IDENTITY: not an end, a newer session took over
)

// LegLeft says that the customer's leg left the room.
type LegLeft struct {
	At     time.Time
	SID    string // LiveKit's id of the session that ended, "" when not said
	Reason LeaveReason
	Status LegStatus // sip.callStatus as it last stood
	// SIPCode is sip.disconnectCode, an attribute of one fork of LiveKit's SIP service; 0 where it is not given.
	SIPCode int
	Source  Source
}

// Request is somebody's wish to end the call. It does not say who ended it: the browser snippet asks
// for a hang-up also when the customer drops.
type Request struct {
	At     time.Time
	Source Source // SourceBrowser or SourceOperator
}

// Evidence is everything that a call learned, from every source. Nil means that it never happened.
type Evidence struct {
	ConnectedAt *time.Time // /connect was accepted
	Dial        Dial
	Report      *time.Time // the browser said ANSWERED
	Left        *LegLeft   // the best word on how the leg left
	HangUp      *Request
	LegAtHangUp LegStatus  // the leg just before we deleted the room
	AgentLostAt *time.Time // the rejoin grace ended and the agent was not back
	MaxedOutAt  *time.Time // MaxCallDuration was reached
	ClosedAt    time.Time  // when the workflow had done hanging up; the end when nothing better is known
	// MediaTimeout is how long LiveKit waits without media from the far end before it ends the call; 0: not known.
	MediaTimeout time.Duration
	// RingTimeout is after how long LiveKit gives up a dial that nobody answers; 0: not known.
	RingTimeout time.Duration
}

// Better reports whether l says more about the leg's end than old: LiveKit's event knows a reason, a poll
// sees only that the leg is gone.
func (l LegLeft) Better(old *LegLeft) bool {
	if old == nil {
		return true
	}
	return l.weight() > old.weight()
}

func (l LegLeft) weight() int {
	switch {
	case l.Reason == LeaveUnknown && l.Status != LegHangup:
		return 0
	case l.Reason == LeaveRemoved:
		return 1 // says only that somebody emptied the room
	default:
		return 2
	}
}

// Participant says whose presence a RoomEvent is about.
type Participant string

// The two participants of a call's room.
const (
	ParticipantAgent    Participant = "agent"
	ParticipantCustomer Participant = "customer"
)

// RoomEvent says that a participant left the call's room. It may come late, twice, or not at all.
type RoomEvent struct {
	At          time.Time   `json:"at"`
	Participant Participant `json:"participant"`
	SID         string      `json:"sid"` // LiveKit's id of the session that ended
	Reason      LeaveReason `json:"reason,omitempty"`
	Status      LegStatus   `json:"status,omitempty"` // the customer's last sip.callStatus
	SIPCode     int         `json:"sip_code,omitempty"`
	Source      Source      `json:"source"`
	EventID     string      `json:"event_id,omitempty"` // LiveKit's, for webhooks
}
