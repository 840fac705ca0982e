package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

func TestDefaults(t *testing.T) {
	t.Parallel()
	cfg, err := parseConfig(nil)
	require.NoError(t, err)
	require.Equal(t, ":8080", cfg.Listen)
	require.Equal(t, "sqlite:click2call.db", cfg.DatabaseURL)
	require.Equal(t, "info", cfg.LogLevel)
	require.Equal(t, call.DefaultKnobs(), cfg.First.knobs(), "the environment and package call must agree on every knob's default")
}

func TestAnEmptyVariableIsAnAbsentOne(t *testing.T) {
	t.Parallel()
	environment := map[string]string{}
	for _, v := range variables(reflect.TypeFor[Config]()) {
		environment[v.name] = ""
	}
	empty, err := parseConfig(environment)
	require.NoError(t, err)
	absent, err := parseConfig(nil)
	require.NoError(t, err)
	require.Equal(t, absent, empty)
}

func TestGoodValues(t *testing.T) {
	t.Parallel()
	cfg, err := parseConfig(map[string]string{
		"CLICK2CALL_LISTEN": "[::1]:0", "DATABASE_URL": "postgres://c2c@db/c2c", "CLICK2CALL_SECRET_KEY": strings.Repeat("0f", 32),
		"CLICK2CALL_PUBLIC_URL": "https://calls.example.com", "CLICK2CALL_LOG_LEVEL": "debug",
		"WEBHOOK_ALLOWED_RANGES": "10.0.0.0/8, fd00::/8", "LIVEKIT_URL": "wss://livekit.example.com",
		"CRM_WEBHOOK_URL": "https://crm.example.com/hooks", "CRM_WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		"CRM_INBOUND_API_KEY": "12345678", "SIP_TRUNK_DID": "09999999999", "SIP_TRUNK_PREFIX": "+91",
		"ANSWER_DETECTION": "webhook", "RING_TIMEOUT": "30s", "DELIVERY_SCHEDULE": "0s,5s,1h",
	})
	require.NoError(t, err)
	require.Equal(t, []time.Duration{0, 5 * time.Second, time.Hour}, cfg.First.DeliverySchedule)
	guard, err := cfg.guard()
	require.NoError(t, err)
	require.Len(t, guard.Allowed, 2)
}

// wrongValues has at least one value that cannot be used for every variable that has such values.
func wrongValues() map[string][]string {
	long := strings.Repeat("k", 257)
	return map[string][]string{
		"CLICK2CALL_LISTEN":            {"8080", "localhost", ":http", ":70000", "::1:8080"},
		"CLICK2CALL_METRICS_LISTEN":    {"9464", "localhost", "none"},
		"CLICK2CALL_DRAIN_NOTICE":      {"soon", "-1s", "61s"},
		"DATABASE_URL":                 {"mysql://root:hunter2@db/c2c", "click2call.db", "postgres"},
		"DATABASE_MAX_CONNECTIONS":     {"many", "0", "1", "1001"},
		"DATABASE_CONNECTION_LIFETIME": {"long", "1s", "25h"},
		"DATABASE_IDLE_TIMEOUT":        {"short", "10ms", "2h"},
		"DATABASE_STATEMENT_TIMEOUT":   {"long", "500ms", "2m"},
		"CLICK2CALL_MIGRATE":           {"never", "2"},
		"CLICK2CALL_SECRET_KEY":        {"short", strings.Repeat("0f", 31), strings.Repeat("g", 64)},
		"CLICK2CALL_PUBLIC_URL":        {"calls.example.com", "ftp://calls.example.com", "https://", "https://[::1"},
		"CLICK2CALL_ADMIN_PASSWORD":    {"short", strings.Repeat("k", 201)},
		"CLICK2CALL_TRUSTED_PROXIES":   {"10.0.0.1", "10.0.0.0/33"},
		"CLICK2CALL_TEMPORAL_UI_URL":   {"temporal.example.com", "ftp://temporal.example.com"},
		"CLICK2CALL_PROXY_HEADER":      {"X-Real-IP", "for"},
		"CLICK2CALL_PROXY_PROTOCOL":    {"v2", "maybe"},
		"CLICK2CALL_KEEP_ALIVE":        {"long", "1s", "2h"},
		"CLICK2CALL_LOG_LEVEL":         {"loud", "trace", "3"},
		"WEBHOOK_ALLOWED_RANGES":       {"10.0.0.1", "10.0.0.0/8,", "10.0.0.0/33"},
		"WEBHOOK_NAT64_PREFIXES":       {"64:ff9b:1::", "64:ff9b:1::/47", "10.0.0.0/8"},
		"LIVEKIT_URL":                  {"livekit.example.com", "ftp://livekit.example.com", "wss:livekit"},
		"CRM_WEBHOOK_URL":              {"crm.example.com", "ws://crm.example.com", "https://user:hunter2@"},
		"CRM_WEBHOOK_API_KEY":          {"one\r\nX-Other: two", "nul\x00"},
		"CRM_WEBHOOK_SECRET":           {"secret", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
		"CRM_INBOUND_API_KEY":          {"1234567", long},
		"SIP_TRUNK_PREFIX":             {"nine", "12345678901234567", "9 1"},
		"SIP_TRUNK_DID":                {"911", "anonymous", "+0123456789"},
		"ANSWER_DETECTION":             {"magic", "Polling"},
		"CONNECT_TIMEOUT":              {"soon", "120", "9s", "61m"},
		"RING_TIMEOUT":                 {"soon", "45", "4s", "76s", "-45s"},
		"MAX_CALL_DURATION":            {"long", "9s", "25h"},
		"MEDIA_TIMEOUT":                {"long", "4s", "11m"},
		"AGENT_REJOIN_GRACE":           {"a bit", "-1s", "6m"},
		"POLL_INTERVAL":                {"often", "1ms", "2m"},
		"RECONCILE_INTERVAL":           {"seldom", "1ms", "2h"},
		"REQUIRE_AGENT":                {"maybe", "yes please"},
		"OPERATOR_WEBHOOK_URL":         {"ops.example.com", "ftp://ops.example.com"},
		"DELIVERY_PROBE_WAITS":         {"soon", "1ms", "2h", strings.Repeat("1s,", 20) + "1s"},
		"DELIVERY_DRAIN_RATE":          {"fast", "0", "-1", "1001"},
		"WATCH_RATE":                   {"fast", "0", "10001"},
		"WATCH_CONCURRENCY":            {"0", "49"},
		"WATCH_HEARTBEAT":              {"soon", "4s", "6m"},
		"LIVEKIT_API_BUDGET":           {"all", "-1", "59", "1000001"},
		"HOLD_MUSIC":                   {"/no/such/file.ulaw", "/dev/null"},
		"API_KEY_RATE":                 {"all", "0", "100001"},
		"API_CALL_RATE":                {"all", "4", "10001"},
		"API_REPORT_RATE":              {"all", "0", "1001"},
		"API_WRONG_KEYS":               {"all", "0", "10001"},
		"API_STRANGER_RATE":            {"all", "0", "100001"},
		"API_OPENINGS":                 {"all", "0", "1001"},
		"LIVEKIT_CA_FILE":              {"/nowhere/ca.pem", "config_test.go"},
		"RETAIN_RESPONSES_DAYS":        {"long", "-1", "36501"},
		"RETAIN_ATTEMPTS_DAYS":         {"30d", "6"},
		"RETAIN_TIMELINES_DAYS":        {"1y", "6"},
		"RETAIN_NUMBERS_DAYS":          {"1y", "29"},
		"RETAIN_CALLS_DAYS":            {"1y", "39"},
		"RETAIN_AUDIT_DAYS":            {"1y", "29"},
		"DELIVERY_SCHEDULE":            {"later", "0s,later", "0s,-1s", "0s,169h", "5s,1m", "0s" + strings.Repeat(",1s", 40)},
	}
}

// otherwise are the variables that are not in wrongValues, and why.
func otherwise() map[string]string {
	return map[string]string{
		"LIVEKIT_API_KEY": "any text", "LIVEKIT_API_SECRET": "any text",
		"SIP_TRUNK_ID": "LiveKit judges it", "CLICK2CALL_BUILD_ID": "any name",
	}
}

func TestAWrongVariableIsNamed(t *testing.T) {
	t.Parallel()
	wrong, otherwise := wrongValues(), otherwise()
	for _, v := range variables(reflect.TypeFor[Config]()) {
		require.NotEqual(t, len(wrong[v.name]) > 0, otherwise[v.name] != "", "%s must be either in wrongValues or in otherwise", v.name)
	}
	for name, values := range wrong {
		for _, value := range values {
			t.Run(name+"="+value, func(t *testing.T) {
				t.Parallel()
				_, err := parseConfig(map[string]string{name: value})
				var bad *configError
				require.ErrorAs(t, err, &bad)
				require.Equal(t, name, bad.variable)
				require.NotEmpty(t, bad.problem)
				require.NotContains(t, err.Error(), "\n")
				require.NotContains(t, err.Error(), "hunter2")
			})
		}
	}
}

func TestEveryWrongKnobIsNamedInOneLine(t *testing.T) {
	t.Parallel()
	_, err := parseConfig(map[string]string{"RING_TIMEOUT": "1s", "POLL_INTERVAL": "1h"})
	require.EqualError(t, err,
		"RING_TIMEOUT: is 1s, it must be between 5s and 1m15s; POLL_INTERVAL: is 1h0m0s, it must be between 1s and 1m0s")
}

func TestPostgresNeedsASecretKey(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"postgres", "postgresql"} {
		_, err := parseConfig(map[string]string{"DATABASE_URL": scheme + "://c2c:hunter2@db/c2c"})
		require.ErrorContains(t, err, "CLICK2CALL_SECRET_KEY: is required with PostgreSQL")
		require.NotContains(t, err.Error(), "hunter2")
	}
}

// environment is an envconfig.EnvLookup.
type environment map[string]string

func (e environment) LookupEnv(name string) (string, bool) { v, ok := e[name]; return v, ok }

func (e environment) Environ() []string {
	var all []string
	for name, value := range e {
		all = append(all, name+"="+value)
	}
	return all
}

func TestTemporalsVariables(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "temporal.toml")
	require.NoError(t, os.WriteFile(broken, []byte("[profile"), 0o600))
	fine := environment{"TEMPORAL_ADDRESS": "temporal:7233", "TEMPORAL_NAMESPACE": "calls", "TEMPORAL_API_KEY": "k", "OTHER": "x"}
	opts, err := temporalOptions(fine)
	require.NoError(t, err)
	require.Equal(t, "temporal:7233", opts.HostPort)
	require.Equal(t, "calls", opts.Namespace)

	opts, err = temporalOptions(environment{"TEMPORAL_ADDRESS": "dns:///temporal:7233"})
	require.NoError(t, err)
	require.Equal(t, "default", opts.Namespace)

	for name, tc := range map[string]struct {
		set  environment
		want string
	}{
		"no port":          {environment{"TEMPORAL_ADDRESS": "temporal"}, "TEMPORAL_ADDRESS"},
		"no such file":     {environment{"TEMPORAL_CONFIG_FILE": t.TempDir()}, "TEMPORAL_CONFIG_FILE"},
		"broken file":      {environment{"TEMPORAL_CONFIG_FILE": broken, "TEMPORAL_ADDRESS": "temporal:7233"}, "TEMPORAL_CONFIG_FILE"},
		"unknown profile":  {environment{"TEMPORAL_PROFILE": "nobody"}, "TEMPORAL_PROFILE"},
		"certificate only": {environment{"TEMPORAL_TLS_CLIENT_CERT_DATA": "x"}, "TEMPORAL_TLS_CLIENT_CERT_DATA"},
		"unreadable CA":    {environment{"TEMPORAL_TLS_SERVER_CA_CERT_PATH": "/nowhere/ca.pem"}, "TEMPORAL_TLS_SERVER_CA_CERT_PATH"},
		"no certificate":   {environment{"TEMPORAL_TLS_SERVER_CA_CERT_DATA": "no certificate"}, "TEMPORAL_TLS_SERVER_CA_CERT_DATA"},
		"two at fault": {environment{"TEMPORAL_PROFILE": "nobody", "TEMPORAL_TLS_SERVER_CA_CERT_DATA": "x"},
			"TEMPORAL_PROFILE, TEMPORAL_TLS_SERVER_CA_CERT_DATA"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := temporalOptions(tc.set)
			var bad *configError
			require.ErrorAs(t, err, &bad)
			require.Equal(t, tc.want, bad.variable)
		})
	}
}
