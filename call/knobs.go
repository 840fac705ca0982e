package call

import (
	"errors"
	"fmt"
	"time"
)

// Detection is where the end of a call is looked for first. Both modes listen to everything; they differ
// in how often rooms are looked at.
type Detection string

// The modes of answer detection.
const (
	DetectionPolling Detection = "polling" // needs no public URL: rooms are looked at every PollInterval
	DetectionWebhook Detection = "webhook" // LiveKit posts events; rooms are looked at every ReconcileInterval
)

// Knobs are the call settings that an operator turns. They are read once, when a call starts, and
// pinned in its workflow's input, so that a call is never half one setting and half another.
type Knobs struct {
	ConnectTimeout    time.Duration // from /click2call to /connect; 10 s to 1 h
	RingTimeout       time.Duration // from the INVITE to the answer; 5 s to 75 s (LiveKit's RPC gives up at 80 s)
	MaxCallDuration   time.Duration // talk time; 10 s to 24 h
	AgentRejoinGrace  time.Duration // how long an agent may be gone in mid-call; 0 to 5 min
	MediaTimeout      time.Duration // silence of the customer's line that ends a call; 5 s to 10 min, LiveKit's own limit
	PollInterval      time.Duration // 1 s, the watch's own tick, to 1 min
	ReconcileInterval time.Duration // 1 s to 1 h
	AnswerDetection   Detection
	RequireAgent      bool // /connect is refused while the agent is not in the room
}

// DefaultKnobs are the values that a new installation starts with.
func DefaultKnobs() Knobs {
	return Knobs{
		ConnectTimeout:    120 * time.Second,
		RingTimeout:       45 * time.Second,
		MaxCallDuration:   2 * time.Hour,
		AgentRejoinGrace:  20 * time.Second,
		MediaTimeout:      10 * time.Minute,
		PollInterval:      time.Second,
		ReconcileInterval: 10 * time.Second,
		AnswerDetection:   DetectionPolling,
		RequireAgent:      true,
	}
}

// WatchInterval is how often a live call's room is looked at.
func (k Knobs) WatchInterval() time.Duration {
	if k.AnswerDetection == DetectionWebhook {
		return k.ReconcileInterval
	}
	return k.PollInterval
}

// Validate returns one error that names every knob out of its range, or nil.
func (k Knobs) Validate() error {
	var errs []error
	within := func(name string, v, low, high time.Duration) {
		if v < low || v > high {
			errs = append(errs, fmt.Errorf("%s is %s, it must be between %s and %s", name, v, low, high))
		}
	}
	within("connect_timeout", k.ConnectTimeout, 10*time.Second, time.Hour)
	within("ring_timeout", k.RingTimeout, 5*time.Second, 75*time.Second)
	within("max_call_duration", k.MaxCallDuration, 10*time.Second, 24*time.Hour)
	within("agent_rejoin_grace", k.AgentRejoinGrace, 0, 5*time.Minute)
	within("media_timeout", k.MediaTimeout, 5*time.Second, 10*time.Minute)
	within("poll_interval", k.PollInterval, time.Second, time.Minute)
	within("reconcile_interval", k.ReconcileInterval, time.Second, time.Hour)
	if k.AnswerDetection != DetectionPolling && k.AnswerDetection != DetectionWebhook {
		errs = append(errs, fmt.Errorf("answer_detection is %q, it must be polling or webhook", k.AnswerDetection))
	}
	return errors.Join(errs...)
}
