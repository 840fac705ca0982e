package call

import (
	"encoding/json"
	"fmt"
	"time"
)

// SchemaVersion is the version of [Payload]. It changes only when a field's meaning does.
const SchemaVersion = "1"

// Payload is the body of the outcome webhook. Its bytes are made once, when the call ends.
type Payload struct {
	CallID            ID         `json:"call_id"`
	CaseID            string     `json:"case_id"`
	CustomerCRMID     string     `json:"customer_crm_id"`
	PhoneTo           string     `json:"phone_to"`   // the clean ten digits, never the dialed string
	PhoneFrom         string     `json:"phone_from"` // the DID that the customer saw
	CallStatus        CallStatus `json:"call_status"`
	DurationSeconds   int        `json:"duration_seconds"`
	AgentID           string     `json:"agent_id"`
	SIPDisconnectCode *int       `json:"sip_disconnect_code"`
	DisconnectReason  Reason     `json:"disconnect_reason"`
	HangupBy          Party      `json:"hangup_by"`
	RingSeconds       int        `json:"ring_seconds"`
	CreatedAt         Told       `json:"created_at"`
	AnsweredAt        *Told      `json:"answered_at"`
	EndedAt           Told       `json:"ended_at"`
	EventID           string     `json:"event_id"`
	SchemaVersion     string     `json:"schema_version"`
}

// Told is a moment as the webhook tells it: UTC, always with exactly three fraction digits, whatever the moment. A receiver
// that reads times with a fixed layout reads all of them.
type Told time.Time

const toldLayout = "2006-01-02T15:04:05.000Z"

// MarshalText implements encoding.TextMarshaler. What is finer than a millisecond is cut.
func (t Told) MarshalText() ([]byte, error) {
	return []byte(time.Time(t).UTC().Format(toldLayout)), nil
}

// UnmarshalText implements encoding.TextUnmarshaler for any RFC 3339 time: stored bodies have up to six digits.
func (t *Told) UnmarshalText(text []byte) error {
	at, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return fmt.Errorf("read a time: %w", err)
	}
	*t = Told(at.UTC())
	return nil
}

// NewPayload renders the webhook body of c's outcome o.
func NewPayload(c Call, o Outcome) ([]byte, error) {
	body, err := json.Marshal(payloadOf(c, o))
	if err != nil {
		return nil, fmt.Errorf("render payload of %s: %w", c.ID, err)
	}
	return body, nil
}

func payloadOf(c Call, o Outcome) Payload {
	return Payload{
		CallID: c.ID, CaseID: c.CaseID, CustomerCRMID: c.CustomerCRMID,
		PhoneTo: c.CustomerNumber, PhoneFrom: c.DID,
		CallStatus: o.CallStatus, DurationSeconds: o.DurationSeconds, AgentID: c.AgentID,
		SIPDisconnectCode: o.SIPCode, DisconnectReason: o.Reason, HangupBy: o.HangupBy, RingSeconds: o.RingSeconds,
		CreatedAt: Told(c.CreatedAt), AnsweredAt: (*Told)(o.AnsweredAt), EndedAt: Told(o.EndedAt),
		EventID: c.ID.EventID(), SchemaVersion: SchemaVersion,
	}
}
