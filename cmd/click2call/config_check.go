package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"github.com/click2call/click2call/api/address"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
)

// configError is a mistake in the environment; the program ends with exit code 2.
type configError struct {
	variable string
	problem  string
}

// Error is one line that begins with the variable.
func (e *configError) Error() string {
	return e.variable + ": " + strings.ReplaceAll(e.problem, "\n", "; ")
}

// readConfig reads the environment. Its error is a *configError.
func readConfig() (Config, error) { return parseConfig(env.ToMap(os.Environ())) }

func parseConfig(environment map[string]string) (Config, error) {
	cfg, err := env.ParseAsWithOptions[Config](env.Options{Environment: environment})
	if err != nil {
		return Config{}, parseFault(err)
	}
	return cfg, cfg.check()
}

// parseFault names the first variable that could not be parsed: env's own error names the field of the struct.
func parseFault(err error) error {
	var parse env.ParseError
	if !errors.As(err, &parse) {
		return &configError{"environment", err.Error()}
	}
	for _, v := range variables(reflect.TypeFor[Config]()) {
		if v.field == parse.Name {
			return &configError{v.name, parse.Err.Error() + ": write it like " + example(parse.Type)}
		}
	}
	return &configError{"environment", err.Error()}
}

func example(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[bool]():
		return "true"
	case reflect.TypeFor[[]time.Duration]():
		return "0s,5s,10m"
	case reflect.TypeFor[int]():
		return "50"
	default:
		return "45s"
	}
}

// variable is one that Config reads.
type variable struct{ name, field, fallback string }

// variables are all variables that t, Config or a part of it, reads, in the order of its fields.
func variables(t reflect.Type) []variable {
	var all []variable
	for f := range t.Fields() {
		if name, ok := f.Tag.Lookup("env"); ok {
			all = append(all, variable{name: name, field: f.Name, fallback: f.Tag.Get("envDefault")})
		} else if f.Type.Kind() == reflect.Struct {
			all = append(all, variables(f.Type)...)
		}
	}
	return all
}

// check returns a *configError for the first variable that cannot be used.
func (c Config) check() error {
	for _, v := range []struct {
		name string
		err  error
	}{
		{"CLICK2CALL_LISTEN", checkListen(c.Listen)},
		{"CLICK2CALL_METRICS_LISTEN", checkMetricsListen(c.MetricsListen)},
		{"CLICK2CALL_DRAIN_NOTICE", checkDrainNotice(c.DrainNotice)},
		{"CLICK2CALL_PROXY_HEADER", checkProxyHeader(c.ProxyHeader)},
		{"CLICK2CALL_KEEP_ALIVE", checkWithin(c.KeepAlive, 5*time.Second, time.Hour)},
		{"CLICK2CALL_LOG_LEVEL", checkLogLevel(c.LogLevel)},
		{"DATABASE_URL", c.checkDatabase()},
		{"DATABASE_MAX_CONNECTIONS", checkBetween(c.DatabaseMaxConnections, 2, 1000)}, // migrations take two
		{"DATABASE_CONNECTION_LIFETIME", checkWithin(c.DatabaseConnectionLifetime, time.Minute, 24*time.Hour)},
		{"DATABASE_IDLE_TIMEOUT", checkWithin(c.DatabaseIdleTimeout, time.Second, time.Hour)},
		{"DATABASE_STATEMENT_TIMEOUT", checkWithin(c.DatabaseStatementTimeout, time.Second, time.Minute)},
		{"CLICK2CALL_SECRET_KEY", c.checkSecretKey()},
		{"CLICK2CALL_PUBLIC_URL", checkPublicURL(c.PublicURL)},
		{"CLICK2CALL_TEMPORAL_UI_URL", checkURL(c.TemporalUIURL, "https", "http")},
		{"CLICK2CALL_ADMIN_PASSWORD", checkAdminPassword(c.AdminPassword)},
		{"LIVEKIT_URL", checkURL(c.First.LiveKitURL, "wss", "ws", "https", "http")},
		{"CRM_WEBHOOK_URL", checkURL(c.First.CRMWebhookURL, "https", "http")},
		{"CRM_WEBHOOK_API_KEY", checkHeaderValue(c.First.CRMWebhookAPIKey)},
		{"CRM_WEBHOOK_SECRET", checkSigningSecret(c.First.CRMWebhookSecret)},
		{"CRM_INBOUND_API_KEY", checkInboundKey(c.First.CRMInboundAPIKey)},
		{"SIP_TRUNK_DID", checkDID(c.First.SIPTrunkDID, c.First.SIPTrunkID)},
		{"SIP_TRUNK_PREFIX", call.CheckPrefix(c.First.SIPTrunkPrefix)},
		{"DELIVERY_SCHEDULE", checkSchedule(c.First.DeliverySchedule)},
		{"OPERATOR_WEBHOOK_URL", checkURL(c.OperatorWebhookURL, "https", "http")},
		{"DELIVERY_PROBE_WAITS", checkProbeWaits(c.DeliveryProbeWaits)},
		{"DELIVERY_DRAIN_RATE", checkDrainRate(c.DeliveryDrainRate)},
		{"WATCH_RATE", checkBetween(c.WatchRate, 1, 10_000)},
		{"WATCH_CONCURRENCY", checkBetween(c.WatchConcurrency, 1, 48)}, // with its slow lane it stays below the connections to LiveKit
		{"WATCH_HEARTBEAT", checkWatchHeartbeat(c.WatchHeartbeat)},
		{"RETAIN_RESPONSES_DAYS", checkDays(c.RetainResponses, 1)},
		{"RETAIN_ATTEMPTS_DAYS", checkDays(c.RetainAttempts, 7)}, // deliveries are tried for 76 h
		{"RETAIN_TIMELINES_DAYS", checkDays(c.RetainTimelines, 7)},
		{"RETAIN_NUMBERS_DAYS", checkDays(c.RetainNumbers, 30)},
		{"RETAIN_CALLS_DAYS", checkDays(c.RetainCalls, 40)}, // the ledger looks back a month
		{"RETAIN_AUDIT_DAYS", checkDays(c.RetainAudit, 30)},
		{"LIVEKIT_API_BUDGET", checkBudget(c.LiveKitAPIBudget)},
		{"HOLD_MUSIC", checkHoldMusic(c.HoldMusic)},
		{"API_KEY_RATE", checkBetween(c.APIKeyRate, 1, 100_000)},
		{"API_CALL_RATE", checkBetween(c.APICallRate, 5, 10_000)},
		{"API_REPORT_RATE", checkBetween(c.APIReportRate, 1, 1000)},
		{"API_WRONG_KEYS", checkBetween(c.APIWrongKeys, 1, 10_000)},
		{"API_STRANGER_RATE", checkBetween(c.APIStrangerRate, 1, 100_000)},
		{"API_OPENINGS", checkBetween(c.APIOpenings, 1, 1000)},
	} {
		if v.err != nil {
			return &configError{v.name, v.err.Error()}
		}
	}
	if _, err := c.guard(); err != nil {
		return err
	}
	if _, err := c.liveKitOptions(); err != nil {
		return err
	}
	if _, err := c.trustedProxies(); err != nil {
		return err
	}
	return knobFault(c.First.knobs().Validate())
}

// knobFault names the variable of each knob that is out of range: a knob is called like its variable, in small
// letters.
func knobFault(err error) error {
	if err == nil {
		return nil
	}
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		name, problem, _ := strings.Cut(line, " ")
		lines[i] = strings.ToUpper(name) + ": " + problem
	}
	first, problem, _ := strings.Cut(strings.Join(lines, "; "), ": ")
	return &configError{first, problem}
}

func checkListen(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return errors.New("must be host:port or :port, for example :8080")
	}
	return nil
}

func checkMetricsListen(address string) error {
	if address == metricsOff || checkListen(address) == nil {
		return nil
	}
	return errors.New("must be host:port, for example 127.0.0.1:9464, or off")
}

func checkDrainNotice(notice time.Duration) error {
	if notice < 0 || notice > time.Minute {
		return errors.New("must be between 0s and 1m")
	}
	return nil
}

// checkWatchHeartbeat: below that a busy machine looks dead, and above it calls stay open for long when one is.
func checkWatchHeartbeat(d time.Duration) error {
	if d < 5*time.Second || d > 5*time.Minute {
		return errors.New("must be between 5s and 5m")
	}
	return nil
}

// checkBudget: with less than that the check of the trunks alone would take what the watch may have.
func checkBudget(perMinute int) error {
	if perMinute != 0 && (perMinute < 60 || perMinute > 1_000_000) {
		return errors.New("must be 0 or between 60 and 1000000")
	}
	return nil
}

func checkProxyHeader(name string) error {
	if !strings.EqualFold(name, string(address.XForwardedFor)) && !strings.EqualFold(name, string(address.Forwarded)) {
		return errors.New("must be X-Forwarded-For or Forwarded")
	}
	return nil
}

func checkHoldMusic(path string) error {
	if path == "" {
		return nil
	}
	_, err := livekit.ReadHoldMusic(path)
	return err
}

func checkLogLevel(level string) error {
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, level) {
		return errors.New("must be debug, info, warn or error")
	}
	return nil
}

// checkDatabase comes before a key file is made beside what may be no file at all. The rest is judged by opening it.
func (c Config) checkDatabase() error {
	if !c.postgres() && !strings.HasPrefix(c.DatabaseURL, "sqlite:") {
		return errors.New("must begin with sqlite: or postgres://, for example sqlite:click2call.db")
	}
	return nil
}

func (c Config) checkSecretKey() error {
	if c.SecretKey != "" {
		_, err := store.ParseKey(c.SecretKey)
		return err
	}
	if c.postgres() {
		return errors.New("is required with PostgreSQL; make one with: openssl rand -base64 32")
	}
	return nil
}

// checkURL never repeats the URL: it may hold a password.
func checkURL(text string, schemes ...string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || !slices.Contains(schemes, u.Scheme) {
		return fmt.Errorf("must be a URL such as %s://host.example.com", schemes[0])
	}
	return nil
}

func checkProbeWaits(waits []time.Duration) error {
	const most = 20
	if len(waits) > most {
		return fmt.Errorf("must have at most %d waits", most)
	}
	for _, w := range waits {
		if w < 100*time.Millisecond || w > time.Hour {
			return fmt.Errorf("has a wait of %s, it must be between 100ms and 1h", w)
		}
	}
	return nil
}

func checkBetween(n, least, most int) error {
	if n < least || n > most {
		return fmt.Errorf("%d is not between %d and %d", n, least, most)
	}
	return nil
}

// checkDays wants 0, which keeps for ever, or at least so many days.
func checkDays(n, least int) error {
	if n != 0 && (n < least || n > 36_500) {
		return fmt.Errorf("%d is neither 0, for ever, nor between %d and 36500", n, least)
	}
	return nil
}

func checkWithin(d, least, most time.Duration) error {
	if d < least || d > most {
		return fmt.Errorf("%s is not between %s and %s", d, least, most)
	}
	return nil
}

func checkDrainRate(perSecond int) error {
	if perSecond < 1 || perSecond > 1000 {
		return errors.New("must be a whole number between 1 and 1000")
	}
	return nil
}

func checkHeaderValue(key string) error {
	if strings.ContainsAny(key, "\r\n\x00") {
		return errors.New("must be on one line")
	}
	return nil
}

// checkSigningSecret wants what Standard Webhooks asks of a symmetric secret: whsec_ and base64 of 24 to 64 bytes.
func checkSigningSecret(secret string) error {
	if secret == "" {
		return nil
	}
	text, ok := strings.CutPrefix(secret, "whsec_")
	raw, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(raw) < 24 || len(raw) > 64 {
		return errors.New("must be whsec_ followed by base64 of 24 to 64 bytes; make one with: echo whsec_$(openssl rand -base64 32)")
	}
	return nil
}

// checkAdminPassword is as strict as the console is with any password.
func checkAdminPassword(password string) error {
	if password != "" && (len(password) < 10 || len(password) > 200) {
		return errors.New("must have 10 to 200 characters; it has to be changed at the first login anyway")
	}
	return nil
}

// checkInboundKey is as strict as the api, which answers 401 to longer keys.
func checkInboundKey(key string) error {
	if key != "" && (len(key) < 8 || len(key) > 256) {
		return errors.New("must have 8 to 256 characters; make one with: openssl rand -hex 32")
	}
	return nil
}

// checkDID wants a caller ID with a trunk: without one LiveKit would show a random number of the trunk's.
func checkDID(did, trunk string) error {
	switch {
	case did == "" && trunk != "":
		return errors.New("is required with SIP_TRUNK_ID: it is the caller ID that customers see")
	case did == "":
		return nil
	}
	_, err := call.NormalizeDID(did)
	return err
}

func checkSchedule(waits []time.Duration) error {
	const most, longest = 40, 7 * 24 * time.Hour
	if len(waits) > most {
		return fmt.Errorf("has %d waits, it may have at most %d", len(waits), most)
	}
	if len(waits) > 0 && waits[0] != 0 {
		return fmt.Errorf("begins with a wait of %s, it must begin with 0s: the first attempt is made when the call ends", waits[0])
	}
	for _, wait := range waits {
		if wait < 0 || wait > longest {
			return fmt.Errorf("has a wait of %s, each must be between 0s and %s", wait, longest)
		}
	}
	return nil
}
