package health

import (
	"time"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// Facts is what is known of every part.
type Facts struct {
	At time.Time

	LiveKit, Temporal, Store Answer

	Trunks    []Trunk           // by position
	Faults    []store.DialFault // what keeps calls from being dialed
	Endpoints []Endpoint
	Waiting   int // outcomes that have not arrived and are tried on, or are held back
	Dead      int // outcomes whose schedule is exhausted
	Ledger    Ledger
	Workers   Workers
}

// Answer is whether a server answers.
type Answer struct {
	Failed bool
	Since  time.Time // when it began to fail
}

// Trunk is a trunk and how its latest dials ended.
type Trunk struct {
	call.Trunk
	store.TrunkRecord
}

// Endpoint is a URL that outcomes are posted to.
type Endpoint struct {
	ID     string
	Host   string // of its URL; empty: none is set
	Paused bool
	Health store.EndpointHealth
}

// Ledger is whether all that was accepted is accounted for.
type Ledger struct {
	Known      bool // false: its sums cannot be read now
	Balanced   bool
	Overdue    int       // deliveries whose attempt nobody makes
	Unresolved int       // what the latest check could not repair
	CheckedAt  time.Time // zero: never yet
	Held       int       // calls that seem to have lost their workflow, and are too many to be ended without an operator's word
	HeldSince  time.Time
}

// Workers is whether somebody works.
type Workers struct {
	Known        bool // false: Temporal does not tell
	Polling      int  // how many pollers ask for work, of the least served kind
	WatchStopped bool
	WatchLate    time.Duration // how much later than it should be the periodic room check looks into a room
	Backlog      time.Duration // how long the oldest task waits for a worker
}
