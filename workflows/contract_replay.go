package workflows

import "github.com/click2call/click2call/activities"

// Bulk replays

// ReplayWorkflowID is the id of the workflow that works through a bulk replay.
func ReplayWorkflowID(replayID string) string { return "replay-" + replayID }

// ReplayInput starts a Replay, whose selection the store has frozen under the id.
type ReplayInput struct {
	ReplayID string `json:"replay_id"`
}

// Steer is the payload of the signals that steer a Replay. Whoever signals from Temporal may send none.
type Steer struct {
	// Stored says that the store has it already; the signal is only to be heard at once.
	Stored bool `json:"stored,omitempty"`
}

// Signals of a Replay.
var (
	SignalReplayPause  = Signal[Steer]{"pause"}
	SignalReplayResume = Signal[Steer]{"resume"}
	SignalReplayCancel = Signal[Steer]{"cancel"}
)

// steers are the signals of a Replay in the order in which they are looked at, and what they make of it.
func steers() []steer {
	return []steer{
		{SignalReplayPause, activities.ReplayPaused}, {SignalReplayResume, activities.ReplayRunning}, {SignalReplayCancel, activities.ReplayCancelled},
	}
}

type steer struct {
	Signal[Steer]
	to activities.ReplayState
}
