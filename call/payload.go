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
	CreatedAt         time.Time  `json:"created_at"`
	AnsweredAt        *time.Time `json:"answered_at"`
	EndedAt           time.Time  `json:"ended_at"`
	EventID           string     `json:"event_id"`
	SchemaVersion     string     `json:"schema_version"`
}

// precision is how finely times are told. Both databases keep microseconds, so that the webhook and the call's record
// say the same.
const precision = time.Microsecond

// NewPayload renders the webhook body of c's outcome o.
func NewPayload(c Call, o Outcome) ([]byte, error) {
	body, err := json.Marshal(Payload{
		CallID: c.ID, CaseID: c.CaseID, CustomerCRMID: c.CustomerCRMID,
		PhoneTo: c.CustomerNumber, PhoneFrom: c.DID,
		CallStatus: o.CallStatus, DurationSeconds: o.DurationSeconds, AgentID: c.AgentID,
		SIPDisconnectCode: o.SIPCode, DisconnectReason: o.Reason, HangupBy: o.HangupBy, RingSeconds: o.RingSeconds,
		CreatedAt: told(c.CreatedAt), AnsweredAt: toldIfAny(o.AnsweredAt), EndedAt: told(o.EndedAt),
		EventID: c.ID.EventID(), SchemaVersion: SchemaVersion,
	})
	if err != nil {
		return nil, fmt.Errorf("render payload of %s: %w", c.ID, err)
	}
	return body, nil
}

func told(t time.Time) time.Time { return t.UTC().Truncate(precision) }

func toldIfAny(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := told(*t)
	return &u
}
