package call

import (
	"errors"
	"time"
)

// ErrOver says that a signal came too late: the call is over, or never was.
var ErrOver = errors.New("the call is over, or never was")

// Status is where a call stands. It only ever moves forward.
type Status string

// The statuses of a call, in their order.
const (
	StatusCreated  Status = "created"  // the room is open, nobody was dialed
	StatusQueued   Status = "queued"   // /connect came, and no line is free; only where an operator has set a wait
	StatusRinging  Status = "ringing"  // /connect came, the customer is being dialed
	StatusAnswered Status = "answered" // the customer's leg is live
	StatusEnded    Status = "ended"    // the outcome is known
)

// Call is one click-to-call attempt: one agent, one customer, one LiveKit room, one workflow. Pointers are
// nil until the moment they stand for has come. Times are UTC.
type Call struct {
	ID             ID
	CaseID         string
	CustomerCRMID  string
	AgentID        string
	CustomerNumber string      // ten digits; never logged, never in Temporal
	DID            string      // E.164, shown to the customer
	TrunkID        string      // our trunk's id, not LiveKit's
	TrunkFixed     bool        // the call is tried through no other trunk
	SoleOfAgent    bool        // it is not accepted while another such call of its agent lives
	Purpose        Purpose     // empty: of a version that had none
	Permission     *Permission // why the customer might be called, as decided when the call was placed; nil: of a version that did not ask
	Status         Status
	CreatedAt      time.Time
	ConnectedAt    *time.Time // /connect was accepted
	AnsweredAt     *time.Time
	RingSeconds    int // whole seconds from the INVITE to the answer or the end of ringing; 0 until then
	EndedAt        *time.Time
	HeldAt         *time.Time // since when it is on hold; nil when it is not
	Outcome        *Outcome   // nil until the call ended
}

// Trunk is a SIP trunk that we dial through.
type Trunk struct {
	ID             string
	Label          string
	LiveKitTrunkID string
	Prefix         string // dialed before the number; internal
	DefaultDID     string // E.164
	Default        bool
	Enabled        bool
	Limits         Limits
}

// Limits bound the calls that are dialed at once. 0 is no limit.
type Limits struct {
	Concurrent int // lines: calls from the INVITE to the outcome
	PerSecond  int // INVITEs in any second
}
