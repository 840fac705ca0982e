package health

import "time"

// State is how the whole installation does.
type State string

// The states of the whole.
const (
	OK       State = "ok"
	Degraded State = "degraded" // calls can be placed, and something is wrong
	Down     State = "down"     // no call can be placed
)

// Kind is what a part is.
type Kind string

// The kinds of part, in the order in which parts of equal state are listed.
const (
	KindLiveKit  Kind = "livekit"
	KindSIP      Kind = "sip"
	KindTemporal Kind = "temporal"
	KindStore    Kind = "store"
	KindTrunk    Kind = "trunk"
	KindEndpoint Kind = "endpoint"
	KindLedger   Kind = "ledger"
	KindWorker   Kind = "worker"
)

// PartState is how a part does.
type PartState string

// The states of a part, worst first.
const (
	Failing  PartState = "failing"
	Open     PartState = "open"     // an endpoint whose breaker holds its deliveries
	Paused   PartState = "paused"   // an endpoint that an operator paused
	Unknown  PartState = "unknown"  // nobody can tell now
	Working  PartState = "ok"       //
	Idle     PartState = "idle"     // a trunk that nothing was dialed through lately
	Disabled PartState = "disabled" // switched off, or not set up
)

// ActionKind is what an operator can do about a part.
type ActionKind string

// The actions. Target is the id of the trunk or the endpoint, or, of the two that show a list, its filters as a query string.
const (
	MakeDefault    ActionKind = "make_default"
	PauseEndpoint  ActionKind = "pause_endpoint"
	ResumeEndpoint ActionKind = "resume_endpoint"
	SeeCalls       ActionKind = "see_calls"
	SeeDeliveries  ActionKind = "see_deliveries"
	ReplayDead     ActionKind = "replay_dead"
	OpenSettings   ActionKind = "open_settings"
	OpenTrunk      ActionKind = "open_trunk"
)

// Action is what an operator can do about a part; the label says it on a button.
type Action struct {
	Kind   ActionKind
	Target string
	Label  string
}

// Part is one thing that calls stand on. A part that is well has no words.
type Part struct {
	Kind   Kind
	ID     string // of the trunk or the endpoint; else empty
	Name   string
	State  PartState
	Since  *time.Time // when that began; nil: not known, or nothing is wrong
	What   string     // what is wrong, a sentence
	Means  string     // what it means for calls
	Action *Action    // nil: there is none in the console

	stops bool // no call can be placed meanwhile
}

// Report is how the installation does: the parts with the worst first.
type Report struct {
	State State
	Parts []Part
}
