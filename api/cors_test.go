package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func TestCORS(t *testing.T) {
	t.Parallel()
	const crm = "https://crm.example.com"
	one := "/api/c2c/calls/" + string(call.NewID())
	for name, tt := range map[string]struct {
		allowed []string
		origin  string
		path    string
		want    string // Access-Control-Allow-Origin
	}{
		"any origin":                {[]string{"*"}, crm, one + "/status", crm},
		"a page from a file":        {[]string{"*"}, "null", one + "/connect", "null"},
		"the CRM's own":             {[]string{"https://other.example", crm}, crm, one + "/connect", crm},
		"with a slash, in capitals": {[]string{"HTTPS://CRM.example.com/"}, crm, one, crm},
		"another":                   {[]string{crm}, "https://evil.example", one + "/hangup", ""},
		"longer":                    {[]string{crm}, crm + ".evil.example", one, ""},
		"another port":              {[]string{crm}, crm + ":8443", one, ""},
		"another scheme":            {[]string{crm}, "http://crm.example.com", one, ""},
		"none allowed":              {nil, crm, one + "/token", ""},
		"opening a call":            {[]string{"*"}, crm, "/api/c2c/click2call", ""},
		"the list":                  {[]string{"*"}, crm, "/api/c2c/calls", ""},
		"LiveKit's path":            {[]string{"*"}, crm, "/webhooks/livekit", ""},
		"probes":                    {[]string{"*"}, crm, "/readyz", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.settings.change(func(s *store.Settings) { s.AllowedOrigins = tt.allowed })
			preflight := b.do(http.MethodOptions, tt.path, "", "Origin", tt.origin,
				"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type")
			plain := b.do(http.MethodPost, tt.path, "", "Origin", tt.origin)
			for _, a := range []*answer{preflight, plain} {
				require.Equal(t, tt.want, a.header.Get("Access-Control-Allow-Origin"))
				require.Empty(t, a.header.Get("Access-Control-Allow-Credentials"))
			}
			if tt.want != "" {
				require.Equal(t, http.StatusNoContent, preflight.status)
				require.Equal(t, "POST", preflight.header.Get("Access-Control-Allow-Methods"))
				require.Equal(t, "content-type", preflight.header.Get("Access-Control-Allow-Headers"))
				require.Contains(t, plain.header.Values("Vary"), "Origin")
			}
		})
	}
}

func TestCORSRefusesMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	path := "/api/c2c/calls/" + string(b.open())
	for _, method := range []string{http.MethodDelete, http.MethodPut, http.MethodPatch} {
		a := b.do(http.MethodOptions, path, "", "Origin", "https://crm.example.com",
			"Access-Control-Request-Method", method, "Access-Control-Request-Headers", "content-type")
		require.Empty(t, a.header.Get("Access-Control-Allow-Origin"), method)
	}
}

// TestCORSTakesHeadersOfPages: monitoring and interceptors in a page add headers to every request.
func TestCORSTakesHeadersOfPages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	path := "/api/c2c/calls/" + string(b.open()) + "/connect"
	for _, headers := range []string{"baggage,sentry-trace", "traceparent", "authorization", "request-context,request-id", "content-type,x-requested-with"} {
		a := b.do(http.MethodOptions, path, "", "Origin", "https://crm.example.com",
			"Access-Control-Request-Method", http.MethodPost, "Access-Control-Request-Headers", headers)
		require.Equal(t, "https://crm.example.com", a.header.Get("Access-Control-Allow-Origin"), headers)
		require.Equal(t, headers, a.header.Get("Access-Control-Allow-Headers"))
		require.Empty(t, a.header.Get("Access-Control-Allow-Credentials"))
	}
}

// TestCORSFollowsSettings: operators narrow the origins while the program runs, and an outage never widens them.
func TestCORSFollowsSettings(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	path := "/api/c2c/calls/" + string(b.open())
	origin := func() string {
		return b.do(http.MethodGet, path, "", "Origin", "https://crm.example.com").ok().header.Get("Access-Control-Allow-Origin")
	}
	require.Equal(t, "https://crm.example.com", origin())
	b.settings.change(func(s *store.Settings) { s.AllowedOrigins = []string{"https://other.example"} })
	require.Empty(t, origin())
	b.settings.change(func(s *store.Settings) { s.AllowedOrigins = []string{"*"} })
	b.settings.down = errDown
	require.Empty(t, origin())
	require.Contains(t, b.log.String(), errDown.Error(), "the operator sees why browsers are shut out")
}
