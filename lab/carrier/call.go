package carrier

import "time"

// State is where a call stands at the carrier.
type State string

// The states of a call. A line is in use while its call is ringing or up.
const (
	StateRinging State = "ringing" // INVITE seen, no final reply yet
	StateUp      State = "up"      // 200 sent
	StateDown    State = "down"
)

// Who said BYE.
const (
	Caller = "caller" // LiveKit's side
	Callee = "callee" // the carrier's
)

// Call is the carrier's record of one SIP call (one Call-ID). Moments that have not come are zero. Times are UTC.
type Call struct {
	ID              string    `json:"id"`     // Call-ID
	Number          string    `json:"number"` // the whole user part that was dialed, prefix included
	From            string    `json:"from"`   // user part of From: the caller ID
	Source          string    `json:"source"` // host:port that the INVITE came from
	Scenario        string    `json:"scenario"`
	State           State     `json:"state"`
	FinalCode       int       `json:"final_code"`      // our final reply to the INVITE, 0 when there was none
	Invites         int       `json:"invites"`         // INVITE transactions; above 1 only when credentials were tried
	Retransmissions int       `json:"retransmissions"` // further copies of an INVITE that was seen already
	Reinvites       int       `json:"reinvites"`       // our INVITEs inside the call that the caller accepted: hold, resume, refresh
	InvitedAt       time.Time `json:"invited_at,omitzero"`
	RingingAt       time.Time `json:"ringing_at,omitzero"`  // first 180 or 183
	AnsweredAt      time.Time `json:"answered_at,omitzero"` // first 200 to the INVITE
	AckedAt         time.Time `json:"acked_at,omitzero"`    // first ACK, whatever the final reply was
	CancelledAt     time.Time `json:"cancelled_at,omitzero"`
	ByeAt           time.Time `json:"bye_at,omitzero"` // first BYE, sent or received
	DownAt          time.Time `json:"down_at,omitzero"`
	ByeBy           string    `json:"bye_by,omitempty"` // Caller or Callee
	Why             string    `json:"why,omitempty"`    // why the call went down, one of the Why constants
	Media           Media     `json:"media"`
}

// Why a call went down.
const (
	WhySwallowed    = "swallowed"     // the scenario lost the INVITE
	WhyRefused      = "refused"       // a final reply other than 200
	WhyFull         = "full"          // likewise, because all lines were taken
	WhyCancelled    = "cancelled"     // CANCEL came in time
	WhyBye          = "bye"           // either side hung up
	WhyNoAck        = "no_ack"        // our 200 was never acknowledged (RFC 3261 section 13.3.1.4)
	WhyMediaTimeout = "media_timeout" // no RTP from the caller for Config.MediaTimeout
	WhyTransport    = "transport"     // the reply could not be sent
	WhyDead         = "dead"          // the scenario's phone is gone without a word
	WhyExpired      = "expired"       // nobody refreshed the session (RFC 4028)
)

// Media is what the carrier sent and heard. Levels are root mean squares of 16-bit samples (0 to 32768), frequencies
// are the strongest one between 100 and 3,600 Hz, to about 2 Hz; 0 stands for silence. A window is half a second.
type Media struct {
	PacketsSent     int       `json:"packets_sent"`
	PacketsReceived int       `json:"packets_received"` // audio, DTMF not counted
	PacketsLost     int       `json:"packets_lost"`     // gaps in the sequence numbers
	FirstPacketAt   time.Time `json:"first_packet_at,omitzero"`
	LastPacketAt    time.Time `json:"last_packet_at,omitzero"`
	RMS             float64   `json:"rms"`        // over the whole call
	RecentRMS       float64   `json:"recent_rms"` // last full window; 0 when nothing came for a second while the call is up
	RecentHz        float64   `json:"recent_hz"`
	PeakRMS         float64   `json:"peak_rms"` // loudest window
	PeakHz          float64   `json:"peak_hz"`
	DTMF            string    `json:"dtmf,omitempty"` // digits heard (RFC 4733), at most 64
}

// NumberBook is what the carrier knows of one number.
type NumberBook struct {
	Number          string `json:"number"`
	Calls           int    `json:"calls"`   // distinct Call-IDs
	Invites         int    `json:"invites"` // INVITE transactions: what a phone would ring for
	Retransmissions int    `json:"retransmissions"`
	Up              int    `json:"up"`   // lines in use, ringing or up
	List            []Call `json:"list"` // oldest first, at most the last 1,000
}
