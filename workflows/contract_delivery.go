package workflows

import (
	"strconv"

	"github.com/click2call/click2call/call"
)

// Deliveries

// EndpointWorkflowID is the id of the workflow that watches over an endpoint while its deliveries are held back for the
// hold-th time.
func EndpointWorkflowID(endpointID string, hold int) string {
	return "endpoint-" + endpointID + "-" + strconv.Itoa(hold)
}

// DeliverInput starts a Deliver. An operator may start one by hand, in Temporal Web or on its command line, with the
// same id for a delivery that is dead: it goes through the whole schedule once more, with the same event id and bytes.
type DeliverInput struct {
	EventID string  `json:"event_id"`
	CallID  call.ID `json:"call_id,omitempty"`
	// ReplayOnly makes no automatic attempt for a delivery that is dead or delivered: the run exists for the replays that
	// it is signalled.
	ReplayOnly bool `json:"replay_only,omitempty"`
	// Tried: the call's workflow, or the drain of an endpoint, has made the attempts until now, and the next one waits for its time.
	Tried bool `json:"tried,omitempty"`
}

// ReplayOrder is the payload of SignalReplay: make one attempt now, whatever the schedule says.
type ReplayOrder struct {
	// ID names the replay, in at most 128 bytes. The same id makes no second attempt for the same event, whatever crashes in
	// between. Without one, each order is a replay of its own.
	ID string `json:"id"`
}

// Resume is the payload of SignalResume: go on. It counts only for a run of an older version, which waits while it is parked.
type Resume struct{}

// EndpointWell is the payload of SignalEndpointWell: look at once. Somebody's attempt went well, or the endpoint was changed.
type EndpointWell struct{}

// Signals of a Deliver.
var (
	SignalReplay = Signal[ReplayOrder]{"replay"}
	SignalResume = Signal[Resume]{"resume"}
)

// SignalEndpointWell tells a WatchEndpoint not to wait for its next probe.
var SignalEndpointWell = Signal[EndpointWell]{"endpoint-well"}
