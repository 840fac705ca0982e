package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/api"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/webhook"
	"github.com/click2call/click2call/workflows"
)

const (
	// settingsAge is how old the settings may be that a call is started with.
	settingsAge = 2 * time.Second
	// drainTimeout is how long a stopping api lets requests finish.
	drainTimeout = 10 * time.Second
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
	polling   atomic.Bool // both Temporal workers take work
}

// newApp opens the store (migrated, and seeded on its first start) and prepares the rest without connecting.
func newApp(ctx context.Context, cfg Config) (*app, error) {
	level, err := zerolog.ParseLevel(cfg.LogLevel)
	if err != nil {
		return nil, fmt.Errorf("parse log level: %w", err)
	}
	a := &app{cfg: cfg, log: zerolog.New(os.Stderr).Level(level).With().Timestamp().Logger()}
	if err := a.openStore(ctx); err != nil {
		return nil, err
	}
	a.settings = store.NewSettingsCache(a.store, settingsAge)
	a.livekit = livekit.New(a.liveKitCredentials)
	if a.guard.Allowed, err = cfg.allowedRanges(); err != nil {
		return nil, err
	}
	a.temporal, a.namespace, err = dialTemporal(a.log)
	return a, err
}

func (a *app) openStore(ctx context.Context) error {
	key, err := a.cfg.key()
	if err != nil {
		return err
	}
	a.store, err = store.Open(ctx, a.cfg.DatabaseURL, key)
	if err != nil {
		return &configError{"DATABASE_URL", err.Error()}
	}
	if err := a.store.Migrate(ctx); errors.Is(err, store.ErrWrongKey) {
		return &configError{"CLICK2CALL_SECRET_KEY", err.Error()}
	} else if err != nil {
		return fmt.Errorf("migrate the database: %w", err)
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

func (a *app) liveKitCredentials(ctx context.Context) (livekit.Credentials, error) {
	s, err := a.settings.Get(ctx)
	return livekit.Credentials{URL: s.LiveKit.URL, APIKey: s.LiveKit.APIKey, APISecret: s.LiveKit.APISecret}, err
}

// Run runs the roles until ctx ends or one of them fails. Every process listens on CLICK2CALL_LISTEN: with the api, or
// with no more than its health.
func (a *app) Run(ctx context.Context, r roles) error {
	group, ctx := errgroup.WithContext(ctx)
	if r.api {
		handler, err := a.handler(ctx)
		if err != nil {
			return err
		}
		group.Go(func() error { return a.listen(ctx, "api", handler) })
	} else {
		group.Go(func() error { return a.listen(ctx, "health", a.workerHealth()) })
	}
	if r.worker {
		group.Go(func() error { return a.runWorkers(ctx) })
	}
	return group.Wait()
}

// calls is what it takes to open and steer calls.
func (a *app) calls() api.Deps {
	return api.Deps{
		Workflows: workflows.NewClient(a.temporal), LiveKit: a.livekit, Store: a.store, Settings: a.settings,
		Logger: a.log, Version: version,
	}
}

// listen serves HTTP until ctx ends; then it lets requests under way finish.
func (a *app) listen(ctx context.Context, what string, handler http.Handler) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", a.cfg.Listen)
	if err != nil {
		return &configError{"CLICK2CALL_LISTEN", err.Error()}
	}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
	drained := make(chan struct{})
	context.AfterFunc(ctx, func() {
		defer close(drained)
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
		defer cancel()
		if err := server.Shutdown(drain); err != nil {
			a.log.Warn().Err(err).Msg("some requests did not finish in time")
		}
	})
	a.log.Info().Str("address", listener.Addr().String()).Str("version", version).Msg(what + " is listening")
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	<-drained
	return nil
}

func (a *app) calling() *activities.Calling {
	return &activities.Calling{
		Rooms: a.livekit, Calls: a.store, Outcomes: a.store, Replies: a.store, Temporal: workflows.NewClient(a.temporal), Log: a.log,
	}
}

func (a *app) watching() *activities.Watching {
	return &activities.Watching{
		Rooms: a.livekit, Calls: a.store, Temporal: workflows.NewClient(a.temporal), Log: a.log,
	}
}

func (a *app) delivering() *activities.Delivering {
	return &activities.Delivering{
		Deliveries: a.store, Endpoints: a.store, Workflows: workflows.NewClient(a.temporal), Settings: a.settings,
		Sender: webhook.NewSender(a.guard, version), Alerts: a.alerts(), Log: a.log,
		ProbeWaits: a.cfg.DeliveryProbeWaits, DrainRate: a.cfg.DeliveryDrainRate,
	}
}

func (a *app) ledgering() *activities.Ledgering {
	return &activities.Ledgering{
		Store: a.store, Temporal: workflows.NewClient(a.temporal), Calling: a.calling(), Delivering: a.delivering(), Alerts: a.alerts(), Log: a.log,
	}
}

func (a *app) alerts() activities.Alerter {
	alerters := activities.Alerters{activities.LogAlerter{Log: a.log}}
	if url := a.cfg.OperatorWebhookURL; url != "" {
		alerters = append(alerters, activities.NewPostAlerter(url, a.log))
	}
	return alerters
}

// Close releases what newApp opened.
func (a *app) Close() {
	a.temporal.Close()
	if err := a.store.Close(); err != nil {
		a.log.Warn().Err(err).Msg("close the store")
	}
}
