package activities

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
)

// Types of application errors that activities return and that workflows and callers tell apart.
const (
	ErrTypeLiveKitUnavailable = "livekit_unavailable" // LiveKit could not be reached or could not do it
	ErrTypeAgentBusy          = "agent_busy"          // the agent has another live call; nothing of this one is left
	ErrTypeRefused            = "refused"             // /click2call has given the call up; nothing of it is left
	ErrTypeInterrupted        = "interrupted"         // the worker stops; somebody else must go on
	ErrTypeNotDelivered       = "not_delivered"       // the webhook attempt failed; there will be another
	ErrTypeDead               = "delivery_dead"       // the last webhook attempt failed
	ErrTypeNoEndpoint         = "no_endpoint"         // no webhook URL is set yet
	ErrTypeEndpointRemoved    = "endpoint_removed"    // the delivery's endpoint was taken away for good
	ErrTypeUnknownCall        = "unknown_call"        // the database has no such call: it was restored from an older backup
	ErrTypeNotWritten         = "not_written"         // a webhook attempt was made and could not be written down
	ErrTypeInvalidReplay      = "invalid_replay"      // the id of a replay cannot be used
	ErrTypeUnknownEvent       = "unknown_event"       // there is no such delivery
	ErrTypeUnknownReplay      = "unknown_replay"      // there is no such bulk replay
)

// Rooms is what activities need of LiveKit.
type Rooms interface {
	OpenRoom(ctx context.Context, id call.ID, k call.Knobs) error
	CloseRoom(ctx context.Context, id call.ID) error
	Look(ctx context.Context, id call.ID) (livekit.Room, error)
	Dial(ctx context.Context, r livekit.DialRequest) (call.Dial, error)
	RestoreLeg(ctx context.Context, id call.ID, heard bool) error
	SetHold(ctx context.Context, id call.ID, on bool, known string) (applied string, err error)
	// Listen hears whether a phone rings, from before a dial until its end.
	Listen(ctx context.Context, id call.ID) (Listener, error)
}

// Listener hears whether a phone rings in a dial; *livekit.Listener is one.
type Listener interface {
	// Rang says so of a dial that has ended.
	Rang(ctx context.Context) call.Rang
	// Gone is closed when nothing can be heard any more, as when the room was deleted.
	Gone() <-chan struct{}
	Close()
}

// Calls is what activities need of the store's calls.
type Calls interface {
	AcceptCall(ctx context.Context, id call.ID, at time.Time) error
	// DialPlan says through which trunks a call is tried, as things stand.
	DialPlan(ctx context.Context, id call.ID, at time.Time) (store.DialPlan, error)
	// ClaimAttempt gives an attempt of the call's dial away once, with a line of its trunk; store.ErrNotFound when there is nothing to dial
	// any more.
	ClaimAttempt(ctx context.Context, c store.Claim) (store.Admission, error)
	// Enqueue has a call wait for a line; store.ErrNotFound when there is nothing to dial any more.
	Enqueue(ctx context.Context, w store.Waiting) (until time.Time, err error)
	// QueuedUntil returns store.ErrNotFound for a call that does not wait for a line.
	QueuedUntil(ctx context.Context, id call.ID, at time.Time) (time.Time, error)
	OnHold(ctx context.Context, id call.ID) (bool, error)
	// EndAttempt writes down how an attempt ended, and gives its line back unless it was answered.
	EndAttempt(ctx context.Context, id call.ID, n int, d call.Dial) error
	DialAttempts(ctx context.Context, id call.ID) ([]call.Attempt, error)
	// PermitDial decides whether the customer may be called, in the moment of the dial, and counts the dial.
	PermitDial(ctx context.Context, c call.Call, at time.Time) (call.Permission, error)
	MarkRinging(ctx context.Context, id call.ID, at time.Time) error
	MarkAnswered(ctx context.Context, id call.ID, at time.Time, rang time.Duration) error
}

// Outcomes is what activities need to end a call.
type Outcomes interface {
	Call(ctx context.Context, id call.ID) (call.Call, error)
	// RefuseCall deletes the call unless it was accepted, and reports whether there is none now.
	RefuseCall(ctx context.Context, id call.ID) (refused bool, err error)
	KeepLegAtHangUp(ctx context.Context, id call.ID, s call.LegStatus) (call.LegStatus, error)
	RecordOutcome(ctx context.Context, id call.ID, o call.Outcome, connectedAt *time.Time, timeline []call.Entry,
		body []byte) (recorded bool, err error)
}

// Replies keeps how dials ended, for recoveries.
type Replies interface {
	KeepDialReply(ctx context.Context, id call.ID, d call.Dial) error
	// DialReply returns nil when none was kept.
	DialReply(ctx context.Context, id call.ID) (*call.Dial, error)
}

// Temporal is what activities ask of Temporal; package workflows implements it.
type Temporal interface {
	// StartDelivery starts the Deliver workflow of an event, or does nothing when it was started before.
	StartDelivery(ctx context.Context, eventID string, id call.ID) error
}

// Calling holds the activities of a call. Register it once on a worker of the calls task queue.
type Calling struct {
	Rooms    Rooms
	Calls    Calls
	Outcomes Outcomes
	Replies  Replies
	Temporal Temporal
	Faults   *Faults // what dials say of trunks; nil: nobody gathers it
	Outbox   Outbox
	Observer CallObserver // nil: nobody counts
	Log      zerolog.Logger
	LegGrace time.Duration // how long FindLeg waits for a leg that rang; 0: 15 s
}

// projectFor is how long a projection is tried.
const projectFor = 5 * time.Minute

// beside runs a projection next to the call, whose failure never disturbs it: the outcome writes the same facts again.
func (a *Calling) beside(ctx context.Context, id call.ID, what string, write func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), projectFor)
	go func() {
		defer cancel()
		for {
			err := write(ctx)
			if err == nil {
				return
			}
			select {
			case <-ctx.Done():
				a.Log.Warn().Err(err).Str("call_id", string(id)).Msgf("gave up to project that the call is %s", what)
				return
			case <-time.After(time.Second):
			}
		}
	}()
}
