package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/click2call/click2call/call"
)

// Task queues. Deliveries have their own, so that a slow CRM never holds up a call; so have the watches over endpoints, so that
// a flood of deliveries never holds up a probe.
const (
	TaskQueueCalls      = "click2call-calls"
	TaskQueueDeliveries = "click2call-deliveries"
	TaskQueueEndpoints  = "click2call-endpoints"
)

// WatchID is the id of the installation's one Watch workflow.
const WatchID = "click2call-watch"

// LedgerID is the id of the schedule that checks the ledger, and the beginning of the ids of its checks.
const LedgerID = "click2call-ledger"

// CallWorkflowID is the id of a call's workflow: the call id itself, so that operators find it.
func CallWorkflowID(id call.ID) string { return string(id) }

// DeliverWorkflowID is the id of the workflow that delivers an outcome.
func DeliverWorkflowID(eventID string) string { return "delivery-" + eventID }

// Search attributes of a call. EnsureSearchAttributes registers them.
var (
	KeyCallStatus = temporal.NewSearchAttributeKeyKeyword("CallStatus")
	KeyCaseID     = temporal.NewSearchAttributeKeyKeyword("CaseId")
	KeyAgentID    = temporal.NewSearchAttributeKeyKeyword("AgentId")
	KeyTrunk      = temporal.NewSearchAttributeKeyKeyword("Trunk")
)

// CallInput starts a Call. It holds no phone number: activities read that from the store.
type CallInput struct {
	CallID       call.ID    `json:"call_id"`
	MaskedNumber string     `json:"masked_number"`
	Trunk        string     `json:"trunk"` // label
	AgentID      string     `json:"agent_id"`
	CaseID       string     `json:"case_id"`
	Knobs        call.Knobs `json:"knobs"`
}

// UpdateOpen is the update that /click2call starts a call with. It returns when the room is open and the
// call is accepted, or fails with an application error of type [activities.ErrTypeLiveKitUnavailable],
// [activities.ErrTypeAgentBusy] or [activities.ErrTypeRefused], after which the workflow has failed and left nothing behind.
const UpdateOpen = "open"

// Connect is the payload of SignalConnect: the agent is in the room, dial now.
type Connect struct {
	At time.Time `json:"at"`
}

// HangUp is the payload of SignalHangUp: the call should end. It does not say who ended it.
type HangUp struct {
	At     time.Time   `json:"at"`
	Source call.Source `json:"source"` // call.SourceBrowser or call.SourceOperator
}

// BrowserReport is the payload of SignalBrowserReport: the browser saw the customer answer.
type BrowserReport struct {
	At time.Time `json:"at"`
}

// LineFree is the payload of SignalLineFree: a call that waits for a line may be dialed now.
type LineFree struct {
	At time.Time `json:"at"`
}

// RoomEvent is the payload of SignalRoomEvent: somebody left the call's room. LiveKit's webhooks and the
// Watch round send the same.
type RoomEvent = call.RoomEvent

// Signals of a Call, each declared once for sender and receiver. They are sent with SignalWorkflow only, never
// signal-with-start: a late signal must not begin a second call.
var (
	SignalConnect       = Signal[Connect]{"connect"}
	SignalHangUp        = Signal[HangUp]{"hangup"}
	SignalBrowserReport = Signal[BrowserReport]{"browser-report"}
	SignalRoomEvent     = Signal[RoomEvent]{"livekit-event"}
	SignalLineFree      = Signal[LineFree]{"line-free"}
)
