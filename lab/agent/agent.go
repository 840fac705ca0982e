package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/livekit/protocol/logger"
	"github.com/livekit/server-sdk-go/v2"
)

// requestTimeout bounds each request to the product, which takes up to ten seconds to refuse a call.
const requestTimeout = 20 * time.Second

// ErrNotJoined: the agent is in no room.
var ErrNotJoined = errors.New("the agent is in no room; call Join first")

// Agent is one agent with one call at a time. It is safe for concurrent use.
type Agent struct {
	// ReportAnswer tells whether the agent posts ANSWERED when the customer answers, as the snippet does. Set it
	// before joining.
	ReportAnswer bool
	// HangUpOnDrop tells whether the agent posts a hang-up when the customer drops, as the snippet does. Set it before
	// joining.
	HangUpOnDrop bool
	// Silent has the agent publish no microphone: hundreds of agents on one machine would do nothing else. Set it before joining.
	Silent bool
	// IdempotencyKey goes with Place, so that asking again after a lost answer opens no second call. Set it before placing.
	IdempotencyKey string

	base   string
	client *http.Client
	diary  diary

	mu   sync.Mutex
	call Response
	seat *seat
}

// seat is the agent's place in a room, from a join to the next parting.
type seat struct {
	callID string
	room   *lksdk.Room
	mic    *lksdk.LocalTrackPublication
	ear    *ear
}

// silenceSDK: the SDK's WebRTC stack logs every change of state through a global of the SDK, which no room option reaches.
var silenceSDK = sync.OnceFunc(func() { lksdk.SetLogger(logger.GetDiscardLogger()) })

// New returns an agent that uses the product at baseURL, for example http://127.0.0.1:8080.
func New(baseURL string) *Agent {
	silenceSDK()
	return &Agent{
		ReportAnswer: true,
		HangUpOnDrop: true,
		base:         strings.TrimSuffix(baseURL, "/"),
		client:       &http.Client{Timeout: requestTimeout},
	}
}

// Join does what the snippet's startCall does: joins the call's room, publishes the microphone, and then has the customer
// dialed. It returns when /connect was answered.
func (a *Agent) Join(ctx context.Context, r Response) error {
	if err := a.Enter(ctx, r); err != nil {
		return err
	}
	return a.Connect(ctx)
}

// Adopt makes r the agent's call without joining its room.
func (a *Agent) Adopt(r Response) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.call = r
}

// Enter joins the call's room and publishes the microphone, and dials nobody.
func (a *Agent) Enter(ctx context.Context, r Response) error {
	s, err := a.sit(ctx, r)
	if err != nil {
		return fmt.Errorf("join room of %s: %w", r.CallID, err)
	}
	a.mu.Lock()
	old := a.seat
	a.call, a.seat = r, s
	a.mu.Unlock()
	if old != nil {
		old.room.Disconnect()
	}
	a.diary.note("joined", r.Room)
	return nil
}

// Rejoin comes back to the call with a fresh token, as a page does after a refresh. It dials nobody.
func (a *Agent) Rejoin(ctx context.Context) error {
	r, err := a.Token(ctx)
	if err != nil {
		return err
	}
	return a.Enter(ctx, r)
}

// HangUp does what the snippet's endCall does: asks the product to end the call, then leaves the room.
func (a *Agent) HangUp(ctx context.Context) error {
	err := a.PostHangUp(ctx)
	a.Leave()
	return err
}

// CloseTab does what a closing browser tab does: sends the hang-up beacon and is gone.
func (a *Agent) CloseTab(ctx context.Context) error {
	err := a.PostHangUp(ctx)
	a.Vanish()
	return err
}

// Leave leaves the room properly and tells the product nothing.
func (a *Agent) Leave() { a.leave(a.mine()) }

// Vanish drops all connections without a word to anybody, as a crashed browser does. LiveKit notices after some 20 s.
func (a *Agent) Vanish() {
	if s := a.mine(); a.stand(s) {
		s.vanish()
		a.diary.note("vanished", "")
	}
}

func (a *Agent) leave(s *seat) {
	if a.stand(s) {
		s.room.Disconnect()
		a.diary.note("left", "")
	}
}

// Mute silences the microphone, or lets it hum again.
func (a *Agent) Mute(muted bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.seat == nil || a.seat.mic == nil {
		return ErrNotJoined
	}
	a.seat.mic.SetMuted(muted)
	return nil
}

// Heard says what the customer's track sounded like so far. It is zero before the customer's track came.
func (a *Agent) Heard() Heard {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.seat == nil {
		return Heard{}
	}
	return a.seat.ear.heard()
}

// Events returns what happened to the agent so far, oldest first.
func (a *Agent) Events() []Event { return a.diary.all() }

// Await returns the first event of that name, waiting for it until ctx ends.
func (a *Agent) Await(ctx context.Context, name string) (Event, error) {
	return a.diary.await(ctx, name)
}

func (a *Agent) mine() *seat {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.seat
}

// stand takes the agent off seat s, and reports false when it does not sit there any more.
func (a *Agent) stand(s *seat) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s == nil || a.seat != s {
		return false
	}
	a.seat = nil
	return true
}

// Call is the agent's call.
func (a *Agent) Call() Response { return a.current() }

func (a *Agent) current() Response {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.call
}
