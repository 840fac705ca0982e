package api

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/gorilla/mux"
	"github.com/rs/zerolog"
	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"

	"github.com/click2call/click2call/api/address"
	"github.com/click2call/click2call/api/internal/oapi"
	"github.com/click2call/click2call/api/listen"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/workflows"
)

// Workflows is what the api needs of Temporal; *workflows.Client is one.
type Workflows interface {
	Opener
	Signals
	Pinger
}

// Opener starts calls.
type Opener interface {
	// Open returns when the room is open and the call accepted. Idempotent by call id: a second Open joins the
	// first. After an error only the store's row says whether the call was accepted.
	Open(ctx context.Context, in workflows.CallInput) error
}

// Signals tells running calls what happened. Each method returns workflows.ErrOver when the call is over or never
// was, and is harmless when repeated.
type Signals interface {
	Connect(ctx context.Context, id call.ID, at time.Time) error
	HangUp(ctx context.Context, id call.ID, source call.Source, at time.Time) error
	Report(ctx context.Context, id call.ID, at time.Time) error
	RoomEvent(ctx context.Context, id call.ID, e call.RoomEvent) error
}

// LiveKit is what the api needs of LiveKit; *livekit.Client is one.
type LiveKit interface {
	// AgentToken returns the agent's token for the call's room and the address that it is good for.
	AgentToken(ctx context.Context, id call.ID) (wsURL, token string, err error)
	// Look says who is in the call's room.
	Look(ctx context.Context, id call.ID) (livekit.Room, error)
	// SendKeys has the customer's end hear digits; livekit.ErrNotConnected when nobody is connected.
	SendKeys(ctx context.Context, id call.ID, digits string) error
	// SetHold keeps the two sides from hearing each other, or lets them again; livekit.ErrNotConnected when nobody is connected.
	SetHold(ctx context.Context, id call.ID, on bool, known string) (applied string, err error)
	// ReceiveEvent verifies and reads a webhook; livekit.ErrForged when it is not LiveKit's.
	ReceiveEvent(r *http.Request) (livekit.Event, error)
	Pinger
}

// Store is what the api needs of the database; *store.Store is one.
type Store interface {
	Rows
	IdempotencyKeys
	Access
	Outcomes
	Pinger
}

// Outcomes are what is delivered, for those who listen.
type Outcomes interface {
	listen.Source
	// Endpoint returns store.ErrNotFound when there is no such endpoint.
	Endpoint(ctx context.Context, id string) (store.Endpoint, error)
}

// Rows are the calls. Until a call was accepted its row is invisible to Call and ListCalls.
type Rows interface {
	InsertCall(ctx context.Context, c call.Call, k call.Knobs) error
	// RefuseCall deletes the row unless the call was accepted, and says whether there is none now. It and the
	// acceptance exclude each other.
	RefuseCall(ctx context.Context, id call.ID) (refused bool, err error)
	// Call returns store.ErrNotFound when there is no such call.
	Call(ctx context.Context, id call.ID) (call.Call, error)
	// LiveCallOfAgent returns store.ErrNotFound when no call of the agent lives.
	LiveCallOfAgent(ctx context.Context, agentID string) (call.ID, error)
	// RequiresAgent reports whether /connect is refused while the call's agent is not in the room.
	RequiresAgent(ctx context.Context, id call.ID) (bool, error)
	// LineFree reports whether the call would find a free line if it were dialed now.
	LineFree(ctx context.Context, id call.ID, at time.Time) (bool, error)
	// QueuePosition is the place of a call that waits for a line, 1 for the first; 0 when it does not wait any more.
	QueuePosition(ctx context.Context, id call.ID, at time.Time) (int, error)
	// LinesFreed counts the lines of the trunks that a waiting call may be dialed through that got free since a moment.
	LinesFreed(ctx context.Context, id call.ID, since time.Time) (int, error)
	// Ending reports whether a call is being hung up or has ended.
	Ending(ctx context.Context, id call.ID) (bool, error)
	// Hold and Unhold return store.ErrNotFound when no such call lives, and report whether they changed anything.
	Hold(ctx context.Context, id call.ID, at time.Time) (begun bool, err error)
	Unhold(ctx context.Context, id call.ID) (ended bool, err error)
	// ListCalls returns store.ErrBadCursor for a cursor that it did not make.
	ListCalls(ctx context.Context, f store.CallFilter) (store.CallPage, error)
}

// IdempotencyKeys remember for 24 hours which call a key opened.
type IdempotencyKeys interface {
	// ClaimIdempotencyKey returns the call that owns the key: id itself when the key was free. store.ErrConflict when
	// the key was used with another body.
	ClaimIdempotencyKey(ctx context.Context, owner, key string, bodyHash [32]byte, id call.ID, now time.Time) (claimed call.ID, fresh bool, err error)
	// CallOfIdempotencyKey returns the call that owns the key; store.ErrNotFound when it is free, store.ErrConflict when it
	// was used with another body.
	CallOfIdempotencyKey(ctx context.Context, owner, key string, bodyHash [32]byte, now time.Time) (call.ID, error)
	// ReleaseIdempotencyKey frees the key if id owns it.
	ReleaseIdempotencyKey(ctx context.Context, owner, key string, id call.ID) error
}

// Access is who may call, through which trunk, and what operators see of it.
type Access interface {
	// CheckAPIKey returns store.ErrNotFound for a key that is unknown or revoked.
	CheckAPIKey(ctx context.Context, key string) (store.APIKey, error)
	// Trunk returns store.ErrNotFound when there is no such trunk.
	Trunk(ctx context.Context, id string) (call.Trunk, error)
	// DialFaults returns what may keep calls from being dialed.
	DialFaults(ctx context.Context) ([]store.DialFault, error)
	// PlaceRoute says through which trunk a call is placed, and the caller ID where the CRM chooses none; store.ErrNotFound when no trunk
	// is enabled.
	PlaceRoute(ctx context.Context, q call.RouteQuestion) (trunk call.Trunk, did string, err error)
	AppendEntry(ctx context.Context, id call.ID, e call.Entry) error
	AppendAudit(ctx context.Context, e store.AuditEntry) error
	// Permission says whether a number may be called for a purpose at a moment; an empty purpose is the rules' default.
	Permission(ctx context.Context, number string, p call.Purpose, at time.Time) (call.Permission, error)
}

// Settings is what operators set, read for each request.
type Settings interface {
	Get(ctx context.Context) (store.Settings, error)
}

// Pinger reports whether a dependency answers.
type Pinger interface {
	Ping(ctx context.Context) error
}

// Observer counts requests. It must be quick and safe for concurrent use.
type Observer interface {
	// HTTPRequest was answered. route is its pattern, empty when none matched; took is 0 for a stream.
	HTTPRequest(route string, status int, took time.Duration)
}

// Deps is everything that the api stands on. All interfaces are required but the Observer.
type Deps struct {
	Workflows Workflows
	LiveKit   LiveKit
	Store     Store
	Settings  Settings
	Logger    zerolog.Logger
	Observer  Observer         // nil: nobody counts
	Now       func() time.Time // time.Now when nil
	Version   string

	TrustedProxies address.Proxies
	// PublicPath is that of the public URL, without a slash at its end: the contract names it.
	PublicPath string
	Limits     Limits

	// Draining reports whether this process stops and takes no new calls. Nil: never.
	Draining func() bool

	// AgentWait is how long /connect looks for the agent in the room: 2 s when zero.
	AgentWait time.Duration
	// AnswerWait is how long a browser's report of an answer waits for the dial's own word: 500 ms when zero.
	AnswerWait time.Duration
	// Closing is closed when the server stops, so that streams end. Nil: never.
	Closing <-chan struct{}
	// Heartbeat is how often a stream shows that it lives, and looks whether its API key still does: 15 s when zero.
	Heartbeat time.Duration
	// ResendEvery is how often a signal that Temporal did not take is tried again: 2 s when zero.
	ResendEvery time.Duration
}

// API answers requests. Make one with [New].
type API struct {
	Deps
	limits   limits
	openings *semaphore.Weighted
	told     told
	resends  *resends
	leaves   *leaves
	sending  singleflight.Group
	dialable dialable
	hub      *listen.Hub
}

// Limits of a request. Nothing that the api reads is larger, and nothing that it does takes longer.
const (
	maxBody          = 64 << 10
	requestTimeout   = 30 * time.Second
	openTimeout      = 10 * time.Second
	signalTimeout    = 5 * time.Second
	cleanUpTimeout   = 3 * time.Second
	defaultAgentWait = 2 * time.Second

	defaultAnswerWait = 500 * time.Millisecond
	defaultHeartbeat  = 15 * time.Second
)

// newAPI fills in what was left out.
func newAPI(d Deps) *API {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.AgentWait == 0 {
		d.AgentWait = defaultAgentWait
	}
	d.AnswerWait = cmp.Or(d.AnswerWait, defaultAnswerWait)
	d.Heartbeat = cmp.Or(d.Heartbeat, defaultHeartbeat)
	if d.ResendEvery == 0 {
		d.ResendEvery = defaultResendEvery
	}
	return &API{
		Deps: d, limits: newLimits(d.Limits), openings: semaphore.NewWeighted(int64(cmp.Or(d.Limits.Openings, DefaultOpenings))),
		told: newTold(), resends: &resends{under: map[resend]bool{}}, leaves: &leaves{pages: map[call.ID]leaving{}},
		hub: listen.NewHub(d.Store, d.Logger, d.Now),
	}
}

// New returns the handler of all paths in openapi.yaml. It answers everything else with a 404 problem document.
func New(d Deps) http.Handler {
	a := newAPI(d)
	router := mux.NewRouter().SkipClean(true)
	router.Use(a.noteRoute, a.admit)
	router.NotFoundHandler = http.HandlerFunc(a.noRoute)
	router.MethodNotAllowedHandler = a.wrongMethod(router)
	oapi.HandlerWithOptions(a, oapi.GorillaServerOptions{BaseRouter: router, ErrorHandlerFunc: a.badParameter})

	var h http.Handler = router
	h = a.allowBrowsers(h)
	h = a.recoverPanics(h)
	h = a.record(h)
	return h
}
