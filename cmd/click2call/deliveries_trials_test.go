package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

const outboundKey = "the key that the CRM asks of us"

// crmReceiver verifies as the guide says. It has no memory: to it a duplicate is as good as the first.
func crmReceiver(t *testing.T, secret string) string {
	t.Helper()
	wh, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
		if err != nil || r.Header.Get("X-api-key") != outboundKey || wh.Verify(body, r.Header) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestDeliveriesTest(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	require.Contains(t, o.fails("test"), "no webhook URL is set")
	secret := store.NewSigningSecret()
	url := crmReceiver(t, secret.Secret)
	e := store.Endpoint{ID: "ep_crm", URL: url, APIKey: outboundKey, Secrets: []store.SigningSecret{secret}, State: store.EndpointActive}
	require.NoError(t, o.store.SaveEndpoint(t.Context(), e))

	require.Contains(t, o.fails("test", "--trial", "outcome-busy"), "passed 0 of 1", "loopback is refused unless the installation allows it")
	o.environment = append(o.environment, "WEBHOOK_ALLOWED_RANGES=127.0.0.0/8")
	require.Contains(t, o.ok("test"), "32 of 32 passed: "+url)
	require.Contains(t, o.ok("test", "--endpoint", "ep_crm", "--trial", "late"), "1 of 1 passed")
	require.Contains(t, o.fails("test", "--endpoint", "ep_x"), "no endpoint has the id")
	require.Contains(t, o.fails("test", "--trial", "nothing"), "no such trial")
}

// TestDeliveriesTestOfAnyReceiver needs no database, and may reach what listens beside it.
func TestDeliveriesTestOfAnyReceiver(t *testing.T) {
	t.Parallel()
	secret, other := store.NewSigningSecret().Secret, store.NewSigningSecret().Secret
	url := crmReceiver(t, secret)
	run := func(environment []string, args ...string) (int, scorecard, string) {
		environment = append(environment, "DATABASE_URL=sqlite:/nowhere/click2call.db", "TEMPORAL_ADDRESS=127.0.0.1:1")
		code, stdout, stderr := exitCode(t, program(t, environment, append([]string{"deliveries", "test", "--json", "--url", url}, args...)...))
		for _, hidden := range []string{secret, other, outboundKey} {
			require.NotContains(t, stdout+stderr, hidden)
		}
		var card scorecard
		if stdout != "" {
			require.NoError(t, json.Unmarshal([]byte(stdout), &card))
		}
		return code, card, stderr
	}
	code, card, stderr := run([]string{receiverSecret + "=" + secret, receiverKey + "=" + outboundKey}, "--trial", "duplicate,bad-signature")
	require.Zero(t, code, stderr)
	require.Equal(t, 2, card.Passed)
	require.Equal(t, [][]int{{204, 204}, {401}}, [][]int{card.Trials[0].Statuses, card.Trials[1].Statuses})

	code, card, stderr = run(nil, "--secret", other, "--api-key", outboundKey, "--trial", "duplicate,bad-signature")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "passed 1 of 2")
	require.Contains(t, card.Trials[0].Advice, "secret and key")
	code, _, stderr = run(nil)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, receiverSecret)
}
