package call

import "time"

// Entry is one line of a call's timeline: what was learned, when, and from whom. Detail never holds a
// phone number.
type Entry struct {
	At     time.Time `json:"at"`
	Source Source    `json:"source"`
	Name   string    `json:"name"` // for example "connect", "dial", "leg_left", "status"
	Detail string    `json:"detail,omitempty"`
}
