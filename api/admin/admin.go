package admin

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gorilla/mux"
	"github.com/rs/zerolog"

	"github.com/click2call/click2call/api"
	"github.com/click2call/click2call/api/address"
	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/webhook/trial"
	"github.com/click2call/click2call/workflows"
)

// Limits of a request. Nothing that is read is larger, and nothing that is not a stream takes longer.
const (
	maxBody        = 64 << 10
	requestTimeout = 30 * time.Second
	auditTimeout   = 5 * time.Second

	defaultHeartbeat = 15 * time.Second
)

// Deps is everything that the operators' API stands on. All interfaces are required but the
// Observer.
type Deps struct {
	Store     *store.Store
	Workflows Workflows
	LiveKit   LiveKit
	TestCalls TestCalls
	Webhooks  trial.Sender // for trials of receivers
	Replays   Replays
	Logger    zerolog.Logger
	Observer  api.Observer // nil: nobody counts
	Version   string

	// PublicURL is where browsers find this installation; empty when it is not known. Cookies are Secure when it is https.
	PublicURL string
	// TemporalURL is where Temporal Web is, and TemporalNamespace the namespace of our workflows; empty: no links.
	TemporalURL       string
	TemporalNamespace string
	TrustedProxies    address.Proxies
	// Closing is closed when the server stops, so that streams end. Nil: never.
	Closing <-chan struct{}
	// Heartbeat is how often a stream shows that it lives, and looks whether its session still does: 15 s when zero.
	Heartbeat time.Duration
}

// Workflows is what operators do to running calls and deliveries; *workflows.Client is one.
type Workflows interface {
	// HangUp returns call.ErrOver when the call is over. Idempotent.
	HangUp(ctx context.Context, id call.ID, source call.Source, at time.Time) error
	// EndpointWell makes the watch over an endpoint's hold look at once, and starts one when none runs. Idempotent.
	EndpointWell(ctx context.Context, endpointID string, hold int) error
	// Work says how the workers of a namespace do.
	Work(ctx context.Context, namespace string) (workflows.Work, error)
	Pinger
}

// LiveKit is what operators ask of LiveKit; *livekit.Client is one.
type LiveKit interface {
	Trunks(ctx context.Context) ([]livekit.TrunkInfo, error)
	// CheckCredentials returns nil or an error that wraps one of livekit's sentences for operators.
	CheckCredentials(ctx context.Context, c livekit.Credentials) error
	Pinger
}

// TestCalls opens calls as /click2call does; *api.TestCalls is one.
type TestCalls interface {
	// Place opens a call from agentID's browser to number. Its error is a *problem.Error.
	Place(ctx context.Context, number, did, trunkID, agentID string) (api.TestCall, error)
}

// Replays begins and steers bulk replays; *api.Replays does.
type Replays interface {
	// Begin freezes a selection and starts to send it. store.ErrInvalid, store.ErrConflict while too many are under way, and
	// workflows.ErrTemporalUnavailable, after which nothing is sent.
	Begin(ctx context.Context, n store.NewReplay) (store.Replay, error)
	// Steer pauses, resumes or cancels. Idempotent. store.ErrNotFound, store.ErrConflict when the replay is over, and
	// workflows.ErrTemporalUnavailable.
	Steer(ctx context.Context, id string, to store.ReplayState) (store.Replay, error)
}

// Pinger reports whether a dependency answers.
type Pinger interface {
	Ping(ctx context.Context) error
}

// API answers requests. Make one with [New].
type API struct {
	Deps
	operations operations
	sessions   *scs.SessionManager
	gate       *gate
	hub        *hub
	watched    *watched
	ledgers    ledgers
	setUp      atomic.Bool   // the installation's setup was seen done; from then on, what breaks is for the health to say
	sheets     chan struct{} // holds one for each workbook that is being made
	acts       *receiverActs
}

var _ oapi.ServerInterface = (*API)(nil)

// New returns the handler of all paths in openapi.yaml. It answers everything else with a 404 problem document.
func New(d Deps) (http.Handler, error) {
	if d.Heartbeat == 0 {
		d.Heartbeat = defaultHeartbeat
	}
	operations, err := readOperations()
	if err != nil {
		return nil, err
	}
	gate, err := newGate()
	if err != nil {
		return nil, err
	}
	a := &API{Deps: d, operations: operations, gate: gate, watched: &watched{}, sheets: make(chan struct{}, sheetsAtOnce), acts: newReceiverActs()}
	a.hub = newHub(a.observe, a.withoutStore)
	a.sessions = a.newSessions()
	crossOrigin, err := a.newCrossOriginProtection()
	if err != nil {
		return nil, err
	}

	router := mux.NewRouter().SkipClean(true)
	router.Use(a.admit, a.validate)
	router.NotFoundHandler = a.refuse(problem.NotFound)
	router.MethodNotAllowedHandler = a.wrongMethod(router)
	oapi.HandlerWithOptions(a, oapi.GorillaServerOptions{BaseRouter: router, ErrorHandlerFunc: a.badParameter})

	var h http.Handler = router
	h = a.sessions.LoadAndSave(h)
	h = crossOrigin.Handler(h)
	h = a.recoverPanics(h)
	h = a.record(h)
	return h, nil
}

func (a *API) refuse(code problem.Code) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.problem(w, r, problem.Refuse(code)) })
}

// wrongMethod names the methods that the path has, as RFC 9110 section 15.5.6 asks.
func (a *API) wrongMethod(router *mux.Router) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			other := r.Clone(r.Context())
			other.Method = method
			if match := (mux.RouteMatch{}); router.Match(other, &match) && match.MatchErr == nil {
				w.Header().Add("Allow", method)
			}
		}
		a.problem(w, r, problem.Refuse(problem.MethodNotAllowed))
	})
}
