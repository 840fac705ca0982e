package main

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/webhook"
)

// Config is everything that the environment says, read once. TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY,
// TEMPORAL_TLS_* and the rest of Temporal's own variables are read by its SDK (contrib/envconfig).
type Config struct {
	// Listen is where the api listens, host:port. A process that is only a worker answers /healthz and /readyz there.
	Listen string `env:"CLICK2CALL_LISTEN" envDefault:":8080"`
	// MetricsListen is where Prometheus finds /metrics, host:port, or "off". It has no password: keep it away from the public.
	MetricsListen string `env:"CLICK2CALL_METRICS_LISTEN" envDefault:"127.0.0.1:9464"`
	// DrainNotice is how long an api that is told to stop goes on answering, but takes no new calls: until the balancer before it
	// has read on /readyz that it goes.
	DrainNotice time.Duration `env:"CLICK2CALL_DRAIN_NOTICE" envDefault:"3s"`
	// DatabaseURL is "sqlite:<file>" on one machine, "postgres://…" beyond it.
	DatabaseURL string `env:"DATABASE_URL" envDefault:"sqlite:click2call.db"`
	// DatabaseMaxConnections is how many sessions of PostgreSQL this process may hold; all processes together must stay below the
	// server's max_connections.
	DatabaseMaxConnections int `env:"DATABASE_MAX_CONNECTIONS" envDefault:"20"`
	// DatabaseConnectionLifetime is after how long a session is not used again, and DatabaseIdleTimeout after how long one that nobody
	// uses is closed.
	DatabaseConnectionLifetime time.Duration `env:"DATABASE_CONNECTION_LIFETIME" envDefault:"30m"`
	DatabaseIdleTimeout        time.Duration `env:"DATABASE_IDLE_TIMEOUT" envDefault:"5m"`
	// DatabaseStatementTimeout bounds one statement or one transaction of PostgreSQL's.
	DatabaseStatementTimeout time.Duration `env:"DATABASE_STATEMENT_TIMEOUT" envDefault:"10s"`
	// Migrate has `serve` bring the database to this version's schema. Otherwise `migrate` must have done that.
	Migrate bool `env:"CLICK2CALL_MIGRATE" envDefault:"true"`
	// SecretKey encrypts secrets in the store: 32 bytes in base64 or hex. Made beside the SQLite file when empty;
	// required with PostgreSQL.
	SecretKey string `env:"CLICK2CALL_SECRET_KEY"`
	// AdminPassword is the console's first password. Read on the first start only.
	AdminPassword string `env:"CLICK2CALL_ADMIN_PASSWORD"`
	// PublicURL is how browsers and LiveKit reach this installation; for the console, nothing else reads it. When it is
	// https, the console's cookies travel over TLS only. It may have a path.
	PublicURL string `env:"CLICK2CALL_PUBLIC_URL"`
	// TrustedProxies are the networks of reverse proxies who are believed on who asks: requests and logins are limited, and operators'
	// deeds audited, by the address that they name. Comma-separated CIDRs.
	TrustedProxies []string `env:"CLICK2CALL_TRUSTED_PROXIES"`
	// ProxyHeader is the header in which they name it: X-Forwarded-For, or Forwarded (RFC 7239).
	ProxyHeader string `env:"CLICK2CALL_PROXY_HEADER" envDefault:"X-Forwarded-For"`
	// ProxyProtocol says that they may write the PROXY protocol, version 1 or 2, before a connection to Listen.
	ProxyProtocol bool `env:"CLICK2CALL_PROXY_PROTOCOL" envDefault:"false"`
	// KeepAlive is how long a connection that nobody uses is kept: longer than the proxies' own time, or they send a request into one
	// that is just being closed.
	KeepAlive time.Duration `env:"CLICK2CALL_KEEP_ALIVE" envDefault:"2m"`
	// TemporalUIURL is where operators' browsers find Temporal Web; the console links calls to it.
	TemporalUIURL string `env:"CLICK2CALL_TEMPORAL_UI_URL"`
	// BuildID turns Temporal's worker versioning on: calls stay with the workers of the build that they began on, and a new build
	// gets new calls once `click2call promote` names it. Empty: any worker takes any call.
	BuildID string `env:"CLICK2CALL_BUILD_ID"`
	// LogLevel is debug, info, warn or error.
	LogLevel string `env:"CLICK2CALL_LOG_LEVEL" envDefault:"info"`
	// WebhookAllowedRanges are the networks that webhooks may reach besides public https addresses, and there by
	// http too. Comma-separated CIDRs.
	WebhookAllowedRanges []string `env:"WEBHOOK_ALLOWED_RANGES"`
	// WebhookNAT64Prefixes are the prefixes under which this network translates IPv6 to IPv4, besides 64:ff9b::/96: the guard judges the
	// address that is meant. Comma-separated CIDRs.
	WebhookNAT64Prefixes []string `env:"WEBHOOK_NAT64_PREFIXES"`
	// OperatorWebhookURL is where alerts about deliveries are posted as JSON, beside the log.
	OperatorWebhookURL string `env:"OPERATOR_WEBHOOK_URL"`
	// DeliveryProbeWaits are the waits before each probe of a webhook URL that keeps failing; the last one repeats. Empty:
	// 30s,1m,2m,5m,10m.
	DeliveryProbeWaits []time.Duration `env:"DELIVERY_PROBE_WAITS"`
	// DeliveryDrainRate is how many parked deliveries are posted a second when the URL is well again.
	DeliveryDrainRate int `env:"DELIVERY_DRAIN_RATE" envDefault:"50"`
	// WatchRate is how many rooms a second are looked into at most, and WatchConcurrency how many of those that answer quickly at once.
	WatchRate        int `env:"WATCH_RATE" envDefault:"200"`
	WatchConcurrency int `env:"WATCH_CONCURRENCY" envDefault:"16"`
	// WatchHeartbeat is without how long a sign of life from the process that looks into rooms another one does.
	WatchHeartbeat time.Duration `env:"WATCH_HEARTBEAT" envDefault:"15s"`
	// LiveKitAPIBudget is how many requests a minute LiveKit answers to this installation; 0: as its URL says.
	LiveKitAPIBudget int `env:"LIVEKIT_API_BUDGET" envDefault:"0"`
	// HoldMusic is a file with what customers on hold hear: bare G.711 μ-law, 8 kHz. Empty: a tune that is built in.
	HoldMusic string `env:"HOLD_MUSIC"`
	// APIKeyRate, APICallRate, APIReportRate, APIStrangerRate, APIWrongKeys and APIOpenings are api.Limits, of each process.
	APIKeyRate      int `env:"API_KEY_RATE" envDefault:"100"`
	APICallRate     int `env:"API_CALL_RATE" envDefault:"50"`
	APIReportRate   int `env:"API_REPORT_RATE" envDefault:"2"`
	APIStrangerRate int `env:"API_STRANGER_RATE" envDefault:"300"`
	APIWrongKeys    int `env:"API_WRONG_KEYS" envDefault:"10"`
	APIOpenings     int `env:"API_OPENINGS" envDefault:"16"`
	// LiveKitCAFile holds certificate authorities in PEM that LiveKit's certificate may come from, besides the system's.
	LiveKitCAFile string `env:"LIVEKIT_CA_FILE"`

	// Retain* are how many days each kind of data is kept, counted from when its call was placed; 0: for ever.
	RetainResponses int `env:"RETAIN_RESPONSES_DAYS" envDefault:"30"`  // what a CRM answered to webhooks
	RetainAttempts  int `env:"RETAIN_ATTEMPTS_DAYS" envDefault:"180"`  // each attempt to deliver
	RetainTimelines int `env:"RETAIN_TIMELINES_DAYS" envDefault:"365"` // the course of calls
	RetainNumbers   int `env:"RETAIN_NUMBERS_DAYS" envDefault:"365"`   // customers' numbers
	RetainCalls     int `env:"RETAIN_CALLS_DAYS" envDefault:"0"`       // calls with their outcomes: the statistics
	RetainAudit     int `env:"RETAIN_AUDIT_DAYS" envDefault:"730"`     // entries of the audit log

	First FirstStart
}

// FirstStart holds the values that a new installation's Settings begin with. Once the store has them, the store
// counts and these are ignored.
type FirstStart struct {
	LiveKitURL       string `env:"LIVEKIT_URL"`
	LiveKitAPIKey    string `env:"LIVEKIT_API_KEY"`
	LiveKitAPISecret string `env:"LIVEKIT_API_SECRET"`

	CRMWebhookURL    string `env:"CRM_WEBHOOK_URL"`
	CRMWebhookAPIKey string `env:"CRM_WEBHOOK_API_KEY"` // sent to the CRM as X-api-key
	CRMWebhookSecret string `env:"CRM_WEBHOOK_SECRET"`  // whsec_…, signs webhooks; made when empty
	CRMInboundAPIKey string `env:"CRM_INBOUND_API_KEY"` // asked of the CRM as X-api-key

	SIPTrunkID     string `env:"SIP_TRUNK_ID"` // LiveKit's, ST_…
	SIPTrunkPrefix string `env:"SIP_TRUNK_PREFIX"`
	SIPTrunkDID    string `env:"SIP_TRUNK_DID"`

	AnswerDetection   string        `env:"ANSWER_DETECTION" envDefault:"polling"`
	ConnectTimeout    time.Duration `env:"CONNECT_TIMEOUT" envDefault:"120s"`
	RingTimeout       time.Duration `env:"RING_TIMEOUT" envDefault:"45s"`
	MaxCallDuration   time.Duration `env:"MAX_CALL_DURATION" envDefault:"2h"`
	AgentRejoinGrace  time.Duration `env:"AGENT_REJOIN_GRACE" envDefault:"20s"`
	MediaTimeout      time.Duration `env:"MEDIA_TIMEOUT" envDefault:"10m"`
	PollInterval      time.Duration `env:"POLL_INTERVAL" envDefault:"1s"`
	ReconcileInterval time.Duration `env:"RECONCILE_INTERVAL" envDefault:"10s"`
	RequireAgent      bool          `env:"REQUIRE_AGENT" envDefault:"true"`
	// DeliverySchedule are the waits before each webhook attempt; the built-in schedule spans about 76 h.
	DeliverySchedule []time.Duration `env:"DELIVERY_SCHEDULE"`
}

func (c Config) postgres() bool {
	return strings.HasPrefix(c.DatabaseURL, "postgres://") || strings.HasPrefix(c.DatabaseURL, "postgresql://")
}

// guard is what webhooks may reach.
func (c Config) guard() (g webhook.Guard, err error) {
	if g.Allowed, err = networks("WEBHOOK_ALLOWED_RANGES", "10.0.0.0/8", c.WebhookAllowedRanges); err != nil {
		return g, err
	}
	if g.NAT64, err = networks("WEBHOOK_NAT64_PREFIXES", "64:ff9b:1::/48", c.WebhookNAT64Prefixes); err != nil {
		return g, err
	}
	for _, p := range g.NAT64 {
		if err := webhook.CheckNAT64(p); err != nil {
			return g, &configError{"WEBHOOK_NAT64_PREFIXES", err.Error()}
		}
	}
	return g, nil
}

func (c Config) retention() store.Retention {
	days := func(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }
	return store.Retention{
		Responses: days(c.RetainResponses), Attempts: days(c.RetainAttempts), Timelines: days(c.RetainTimelines),
		Numbers: days(c.RetainNumbers), Calls: days(c.RetainCalls), Audit: days(c.RetainAudit),
	}
}

// liveKitOptions are those of the client that an operator sets.
func (c Config) liveKitOptions() ([]livekit.Option, error) {
	options := []livekit.Option{livekit.WithBudget(c.LiveKitAPIBudget)}
	if c.LiveKitCAFile == "" {
		return options, nil
	}
	text, err := os.ReadFile(c.LiveKitCAFile)
	if err != nil {
		return nil, &configError{"LIVEKIT_CA_FILE", err.Error()}
	}
	pool, err := livekit.Authorities(text)
	if err != nil {
		return nil, &configError{"LIVEKIT_CA_FILE", err.Error()}
	}
	return append(options, livekit.WithAuthorities(pool)), nil
}

// networks reads the networks of a variable; example shows how one is written.
func networks(variable, example string, texts []string) ([]netip.Prefix, error) {
	all := make([]netip.Prefix, 0, len(texts))
	for _, s := range texts {
		p, err := netip.ParsePrefix(strings.TrimSpace(s))
		if err != nil {
			return nil, &configError{variable, fmt.Sprintf("%q is not a network such as %s", s, example)}
		}
		all = append(all, p)
	}
	return all, nil
}

func (c Config) pool() store.Pool {
	return store.Pool{
		Connections: c.DatabaseMaxConnections, Lifetime: c.DatabaseConnectionLifetime, Idle: c.DatabaseIdleTimeout, Statement: c.DatabaseStatementTimeout,
	}
}

// key is the key that encrypts the store's secrets.
func (c Config) key() (store.Key, error) {
	if c.SecretKey != "" {
		key, err := store.ParseKey(c.SecretKey)
		if err != nil {
			return store.Key{}, &configError{"CLICK2CALL_SECRET_KEY", err.Error()}
		}
		return key, nil
	}
	file := strings.TrimPrefix(strings.TrimPrefix(c.DatabaseURL, "sqlite:"), "//")
	key, err := store.LoadOrCreateKey(strings.TrimSuffix(file, filepath.Ext(file)) + ".key")
	if err != nil {
		return store.Key{}, &configError{"CLICK2CALL_SECRET_KEY", err.Error()}
	}
	return key, nil
}

func (f FirstStart) knobs() call.Knobs {
	return call.Knobs{
		ConnectTimeout: f.ConnectTimeout, RingTimeout: f.RingTimeout, MaxCallDuration: f.MaxCallDuration,
		AgentRejoinGrace: f.AgentRejoinGrace, MediaTimeout: f.MediaTimeout, PollInterval: f.PollInterval, ReconcileInterval: f.ReconcileInterval,
		AnswerDetection: call.Detection(f.AnswerDetection), RequireAgent: f.RequireAgent,
	}
}
