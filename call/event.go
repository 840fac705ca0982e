package call

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// EventType names something that happens and that endpoints beside the default one can subscribe to.
type EventType string

// The event types. The default endpoint is told of the end of each call, as [Payload], and of nothing else.
const (
	EventCallCreated    EventType = "call.created"  // /click2call was answered with 200
	EventCallQueued     EventType = "call.queued"   // /connect came, and no line is free
	EventCallRinging    EventType = "call.ringing"  // the customer is being dialed
	EventCallAnswered   EventType = "call.answered" // the customer's leg is live
	EventCallEnded      EventType = "call.ended"    // the outcome is known
	EventTrunkDegraded  EventType = "trunk.degraded"
	EventTrunkRecovered EventType = "trunk.recovered"
)

// EventTypes are all of them.
func EventTypes() []EventType {
	return []EventType{EventCallCreated, EventCallQueued, EventCallRinging, EventCallAnswered, EventCallEnded, EventTrunkDegraded, EventTrunkRecovered}
}

// Matches reports whether a pattern names the type: "*", "call.*" or the type itself.
func (t EventType) Matches(pattern string) bool {
	if family, all := strings.CutSuffix(pattern, "*"); all {
		return family == "" || strings.HasSuffix(family, ".") && strings.HasPrefix(string(t), family)
	}
	return string(t) == pattern
}

// NamesEvents reports whether a pattern names any type.
func NamesEvents(pattern string) bool {
	return slices.ContainsFunc(EventTypes(), func(t EventType) bool { return t.Matches(pattern) })
}

// Event is the body of an event's webhook, as Standard Webhooks has it.
type Event struct {
	Type      EventType `json:"type"`
	Timestamp Told      `json:"timestamp"` // when it happened
	Data      any       `json:"data"`
}

// Progress is the data of the events of a call that is under way.
type Progress struct {
	CallID        ID     `json:"call_id"`
	Sequence      int    `json:"sequence"` // grows with each event of the call; the last one is call.ended's
	Status        Status `json:"status"`
	CaseID        string `json:"case_id"`
	CustomerCRMID string `json:"customer_crm_id"`
	AgentID       string `json:"agent_id"`
	PhoneTo       string `json:"phone_to"`
	PhoneFrom     string `json:"phone_from"`
	CreatedAt     Told   `json:"created_at"`
	ConnectedAt   *Told  `json:"connected_at"`
	AnsweredAt    *Told  `json:"answered_at"`
	SchemaVersion string `json:"schema_version"`
}

// Ending is the data of call.ended: the outcome's webhook, with the id of this event, and its place among the call's events.
type Ending struct {
	Payload

	Sequence int `json:"sequence"`
}

// TrunkChange is the data of a trunk's events.
type TrunkChange struct {
	TrunkID       string `json:"trunk_id"`
	Label         string `json:"label"`
	Reason        string `json:"reason"` // one sentence; empty when it has recovered
	SchemaVersion string `json:"schema_version"`
}

// NewProgressEvent renders an event of a call that is under way. sequence is the event's place among the call's.
func NewProgressEvent(t EventType, at time.Time, c Call, sequence int) ([]byte, error) {
	return render(Event{Type: t, Timestamp: Told(at), Data: Progress{
		CallID: c.ID, Sequence: sequence, Status: c.Status, CaseID: c.CaseID, CustomerCRMID: c.CustomerCRMID, AgentID: c.AgentID,
		PhoneTo: c.CustomerNumber, PhoneFrom: c.DID, CreatedAt: Told(c.CreatedAt), ConnectedAt: (*Told)(c.ConnectedAt),
		AnsweredAt: (*Told)(c.AnsweredAt), SchemaVersion: SchemaVersion,
	}})
}

// NewEndedEvent renders call.ended of c's outcome o, as the event with an id of its own.
func NewEndedEvent(c Call, o Outcome, eventID string, sequence int) ([]byte, error) {
	p := payloadOf(c, o)
	p.EventID = eventID
	return render(Event{Type: EventCallEnded, Timestamp: Told(o.EndedAt), Data: Ending{Payload: p, Sequence: sequence}})
}

// NewTrunkEvent renders a trunk's event.
func NewTrunkEvent(t EventType, at time.Time, trunkID, label, reason string) ([]byte, error) {
	return render(Event{Type: t, Timestamp: Told(at), Data: TrunkChange{TrunkID: trunkID, Label: label, Reason: reason, SchemaVersion: SchemaVersion}})
}

func render(e Event) ([]byte, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", e.Type, err)
	}
	return body, nil
}
