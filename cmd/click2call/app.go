package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/api"
	"github.com/click2call/click2call/api/address"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/telemetry"
	"github.com/click2call/click2call/webhook"
	"github.com/click2call/click2call/workflows"
)

const (
	// settingsAge is how old the settings may be that a call is started with.
	settingsAge = 2 * time.Second
	// readHeaderTimeout is how long a client may take for the headers of a request.
	readHeaderTimeout = 5 * time.Second
	// drainTimeout is how long a stopping api lets requests finish.
	drainTimeout = 10 * time.Second
	// tracesTimeout is how long a stopping process sends what traces are left.
	tracesTimeout = 3 * time.Second
)

// roles says which parts of the product a process runs.
type roles struct{ api, worker bool }

// app is the program: its configuration and the parts that every command shares.
type app struct {
	cfg       Config
	log       zerolog.Logger
	store     *store.Store
	settings  *store.SettingsCache
	livekit   *livekit.Client
	temporal  client.Client
	namespace string
	guard     webhook.Guard
	metrics   *telemetry.Metrics
	tracing   *telemetry.Tracing // nil: off
	polling   atomic.Bool        // both Temporal workers take work
	draining  atomic.Bool        // no new calls: this process stops
	fenced    atomic.Bool        // Temporal was seen to be the one of this database
}

// newApp opens the store (which it migrates, or finds migrated, and seeds on its first start) and prepares the rest without connecting.
func newApp(ctx context.Context, cfg Config) (*app, error) {
	level, err := zerolog.ParseLevel(cfg.LogLevel)
	if err != nil {
		return nil, fmt.Errorf("parse log level: %w", err)
	}
	a := &app{cfg: cfg, log: zerolog.New(os.Stderr).Level(level).With().Timestamp().Logger()}
	if err := a.measure(ctx); err != nil {
		return nil, err
	}
	if err := a.openStore(ctx); err != nil {
		return nil, err
	}
	a.metrics.Watch(a.store, a.log)
	a.settings = store.NewSettingsCache(a.store, settingsAge)
	options, err := cfg.liveKitOptions()
	if err != nil {
		return nil, err
	}
	if cfg.HoldMusic != "" {
		sound, err := livekit.ReadHoldMusic(cfg.HoldMusic)
		if err != nil {
			return nil, &configError{"HOLD_MUSIC", err.Error()}
		}
		options = append(options, livekit.WithHoldMusic(sound))
	}
	a.livekit = livekit.New(a.liveKitCredentials, append(options, livekit.WithObserver(a.metrics))...)
	if a.guard, err = cfg.guard(); err != nil {
		return nil, err
	}
	a.temporal, a.namespace, err = dialTemporal(a.log, a.instrument)
	return a, err
}

func (a *app) openStore(ctx context.Context) error {
	key, err := a.cfg.key()
	if err != nil {
		return err
	}
	a.store, err = store.Open(ctx, a.cfg.DatabaseURL, key, store.WithObserver(a.metrics), store.WithPool(a.cfg.pool()))
	if err != nil {
		return &configError{"DATABASE_URL", err.Error()}
	}
	if err := a.prepareStore(ctx); errors.Is(err, store.ErrWrongKey) {
		return &configError{"CLICK2CALL_SECRET_KEY", err.Error()}
	} else if err != nil {
		return err
	}
	f, knobs, httpsOnly := a.cfg.First, a.cfg.First.knobs(), true
	err = a.store.Seed(ctx, store.Seed{
		LiveKitURL: f.LiveKitURL, LiveKitAPIKey: f.LiveKitAPIKey, LiveKitAPISecret: f.LiveKitAPISecret,
		Knobs: &knobs, DeliverySchedule: f.DeliverySchedule, WebhookHTTPSOnly: &httpsOnly,
		WebhookURL: f.CRMWebhookURL, WebhookAPIKey: f.CRMWebhookAPIKey, WebhookSecret: f.CRMWebhookSecret,
		InboundAPIKey: f.CRMInboundAPIKey,
		TrunkID:       f.SIPTrunkID, TrunkPrefix: f.SIPTrunkPrefix, TrunkDID: f.SIPTrunkDID,
	})
	if err != nil {
		return fmt.Errorf("seed the first settings: %w", err)
	}
	return a.firstUser(ctx)
}

// prepareStore migrates, or makes sure that somebody did, and that the secret key is the right one.
func (a *app) prepareStore(ctx context.Context) error {
	if !a.cfg.Migrate {
		if err := a.store.CheckSchema(ctx); err != nil {
			return err
		}
		return a.store.CheckKey(ctx)
	}
	if err := a.store.Migrate(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

func (a *app) liveKitCredentials(ctx context.Context) (livekit.Credentials, error) {
	s, err := a.settings.Get(ctx)
	return livekit.Credentials{URL: s.LiveKit.URL, APIKey: s.LiveKit.APIKey, APISecret: s.LiveKit.APISecret}, err
}

// Run runs the roles until ctx ends or one of them fails. Every process listens on CLICK2CALL_LISTEN: with the api, or
// with no more than its health.
//
// A process that is told to stop takes no new calls, and says so on /readyz; then the api ends, then the worker, without which
// requests under way could not end well, and at last what lets others look.
func (a *app) Run(ctx context.Context, r roles) error {
	if err := a.checkFence(ctx); foreign(err) {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	context.AfterFunc(ctx, func() { a.draining.Store(true) })
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	beside, stopBeside := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBeside()
	var roles sync.WaitGroup
	proxies, err := a.cfg.trustedProxies()
	if err != nil {
		return err
	}
	own := listening{what: "health", variable: "CLICK2CALL_LISTEN", address: a.cfg.Listen, handler: a.workerHealth()}
	if a.cfg.ProxyProtocol {
		own.proxies = &proxies
	}
	if r.api {
		handler, err := a.handler(ctx)
		if err != nil {
			return err
		}
		own.what, own.handler, own.notice = "api", a.traced(handler), a.cfg.DrainNotice
		roles.Add(1)
		group.Go(func() error {
			defer roles.Done()
			defer stopWork()
			return a.listen(ctx, own)
		})
	} else {
		context.AfterFunc(ctx, stopWork)
		group.Go(func() error { return a.listen(beside, own) })
	}
	if r.worker {
		roles.Add(1)
		group.Go(func() error {
			defer roles.Done()
			return a.runWorkers(working)
		})
	}
	group.Go(func() error { return a.serveMetrics(beside) })
	group.Go(func() error { return a.keepFence(ctx, fenceEvery, fenceAgain) })
	go func() {
		roles.Wait()
		stopBeside()
	}()
	return group.Wait()
}

// calls is what it takes to open and steer calls.
func (a *app) calls() api.Deps {
	return api.Deps{
		Workflows: fencedWorkflows{workflows.NewClient(a.temporal), a.fenced.Load}, LiveKit: a.livekit, Store: a.store, Settings: a.settings,
		Logger: a.log, Version: version, Observer: a.metrics, Draining: a.draining.Load,
		Limits: api.Limits{Key: a.cfg.APIKeyRate, WrongKeys: a.cfg.APIWrongKeys, Call: a.cfg.APICallRate, Report: a.cfg.APIReportRate,
			Strangers: a.cfg.APIStrangerRate, Openings: a.cfg.APIOpenings},
	}
}

// listening is an address and who answers there.
type listening struct {
	what     string // for the log
	variable string // that names the address
	address  string
	handler  http.Handler
	proxies  *address.Proxies // whose PROXY protocol is taken; nil: nobody's
	notice   time.Duration    // how long it goes on answering when it is told to stop, so that balancers hear of it first
}

// listen serves HTTP until ctx ends; then it lets requests under way finish.
func (a *app) listen(ctx context.Context, l listening) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", l.address)
	if err != nil {
		return &configError{l.variable, err.Error()}
	}
	if l.proxies != nil {
		listener = behindProxies(listener, *l.proxies)
	}
	server := newServer(l.handler, a.cfg.KeepAlive)
	drained := make(chan struct{})
	context.AfterFunc(ctx, func() {
		defer close(drained)
		time.Sleep(l.notice)
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
		defer cancel()
		if err := server.Shutdown(drain); err != nil {
			a.log.Warn().Err(err).Msg("some requests did not finish in time")
		}
	})
	a.log.Info().Str("address", listener.Addr().String()).Str("version", version).Msg(l.what + " is listening")
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	<-drained
	return nil
}

// newServer bounds what a slow or strange client can hold: seconds for its headers and its body, and 32 KiB of headers. A connection that
// nobody uses is kept for keepAlive.
func newServer(handler http.Handler, keepAlive time.Duration) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       keepAlive,
		MaxHeaderBytes:    32 << 10,
	}
}

func (a *app) calling(delivering *activities.Delivering) *activities.Calling {
	return &activities.Calling{
		Rooms: rooms{a.livekit}, Calls: a.store, Outcomes: a.store, Replies: a.store, Temporal: workflows.NewClient(a.temporal),
		Outbox: activities.NewOutbox(delivering), Faults: a.faults(), Observer: a.metrics, Log: a.log,
	}
}

func (a *app) faults() *activities.Faults {
	return &activities.Faults{Store: a.store, Alerts: a.alerts(), Log: a.log}
}

func (a *app) watching() *activities.Watching {
	return &activities.Watching{
		Rooms: a.livekit, Calls: a.store, Temporal: workflows.NewClient(a.temporal), Observer: a.metrics, Log: a.log,
		Rate: a.cfg.WatchRate, Concurrency: a.cfg.WatchConcurrency, Heartbeat: a.cfg.WatchHeartbeat, Budget: a.livekit.Budget,
		Trunks: a.store, LiveKitTrunks: a.livekit, Faults: a.faults(),
	}
}

func (a *app) delivering() *activities.Delivering {
	return &activities.Delivering{
		Deliveries: a.store, Endpoints: a.store, Workflows: workflows.NewClient(a.temporal), Settings: a.settings,
		Sender: webhook.NewSender(a.guard, version), Alerts: a.alerts(), Observer: a.metrics, Log: a.log,
		ProbeWaits: a.cfg.DeliveryProbeWaits, DrainRate: a.cfg.DeliveryDrainRate,
	}
}

// announcing posts the events of calls that are under way.
func (a *app) announcing() *activities.Announcing {
	return &activities.Announcing{
		Outbox: a.store, Settings: a.settings, Sender: webhook.NewSender(a.guard, version), Observer: a.metrics, Log: a.log, By: rand.Text(),
	}
}

// replays begins and steers bulk replays.
func (a *app) replays() *api.Replays {
	return &api.Replays{Store: a.store, Workflows: workflows.NewClient(a.temporal)}
}

func (a *app) ledgering(delivering *activities.Delivering) *activities.Ledgering {
	return &activities.Ledgering{
		Store: a.store, Temporal: workflows.NewClient(a.temporal), Calling: a.calling(delivering), Delivering: delivering, Alerts: a.alerts(), Log: a.log,
	}
}

func (a *app) alerts() activities.Alerter {
	alerters := activities.Alerters{activities.LogAlerter{Log: a.log}, activities.NewCountAlerter(a.metrics)}
	if url := a.cfg.OperatorWebhookURL; url != "" {
		alerters = append(alerters, activities.NewPostAlerter(url, a.log))
	}
	return alerters
}

// Close releases what newApp opened.
func (a *app) Close() {
	a.livekit.Close()
	a.temporal.Close()
	a.closeTracing()
	if err := a.store.Close(); err != nil {
		a.log.Warn().Err(err).Msg("close the store")
	}
}
