package admin_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

// verifies reports whether the official library accepts a webhook under a secret.
func verifies(t *testing.T, secret string, r *http.Request, body []byte) bool {
	t.Helper()
	wh, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	return wh.Verify(body, r.Header) == nil
}

// secretsReceiver answers 204 to what one of its secrets verifies and the key admits, and 401 to all else.
func secretsReceiver(t *testing.T, secrets ...string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
		status := http.StatusUnauthorized
		for _, secret := range secrets {
			if err == nil && verifies(t, secret, r, body) && r.Header.Get("X-api-key") == outboundKey {
				status = http.StatusNoContent
			}
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleViewer)
	require.Zero(t, w.get("/endpoints").is(http.StatusOK).count("endpoints"))

	e := b.endpoint("https://user:hunter2@crm.example.com/hook?token=hunter2")
	e.Headers, e.State = map[string]string{"X-Tenant": "hunter2", "Authorization": "Bearer hunter2"}, store.EndpointActive
	require.NoError(t, b.store.SaveEndpoint(t.Context(), e))
	got := w.get("/endpoints").is(http.StatusOK)
	require.NotContains(t, string(got.body), "hunter2")
	require.Equal(t, "https://crm.example.com/hook?token=[redacted]", got.str("endpoints.0.url"))
	require.Equal(t, []any{"Authorization", "X-Tenant"}, got.at("endpoints.0.header_names"))
	require.Equal(t, "well", got.str("endpoints.0.health.state"))
	require.Equal(t, e.Secrets[0].Secret[len(e.Secrets[0].Secret)-4:], got.str("endpoints.0.secrets.0.last_four"))
	require.Equal(t, e.Secrets[0].ID(), got.str("endpoints.0.secrets.0.secret_id"))

	result := store.EndpointResult{At: time.Now(), EventID: "evt_1", Error: "answered 500 Internal Server Error"}
	_, _, err := b.store.RecordResult(t.Context(), e.ID, result)
	require.NoError(t, err)
	got = w.get("/endpoints").is(http.StatusOK)
	require.Equal(t, "failing", got.str("endpoints.0.health.state"))
	require.Equal(t, result.Error, got.str("endpoints.0.health.reason"))
	result.Gone = true
	_, _, err = b.store.RecordResult(t.Context(), e.ID, result)
	require.NoError(t, err)
	require.Equal(t, "open", w.get("/endpoints").is(http.StatusOK).str("endpoints.0.health.state"))
}

// TestRotateSecret has a receiver that was told the new secret and one that was not: both must go on to verify during
// the overlap, and only the one that was after the old secret is revoked.
func TestRotateSecret(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleAdmin)
	e := b.endpoint(nowhere)
	rotated := w.do(http.MethodPost, "/endpoints/"+e.ID+"/secrets", nil).is(http.StatusCreated)
	fresh := rotated.str("secret")
	require.True(t, strings.HasPrefix(fresh, "whsec_"))

	listed := w.get("/endpoints").is(http.StatusOK)
	require.NotContains(t, string(listed.body), fresh)
	require.Equal(t, 2, listed.count("endpoints.0.secrets"))
	require.Equal(t, rotated.at("signing_secret"), listed.at("endpoints.0.secrets.1"))
	expires, err := time.Parse(time.RFC3339, listed.str("endpoints.0.secrets.0.expires_at"))
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(24*time.Hour), expires, time.Minute)
	require.Nil(t, listed.at("endpoints.0.secrets.1.expires_at"))

	takes := func(secrets ...string) bool {
		e.URL = secretsReceiver(t, secrets...)
		now, err := b.store.Endpoint(t.Context(), e.ID)
		require.NoError(t, err)
		now.URL = e.URL
		require.NoError(t, b.store.SaveEndpoint(t.Context(), now))
		got := w.post("/endpoints/"+e.ID+"/trials/outcome-busy", nil).is(http.StatusOK)
		return got.at("passed").(bool)
	}
	old := e.Secrets[0]
	require.True(t, takes(old.Secret), "a receiver that knows only the old secret")
	require.True(t, takes(fresh), "a receiver that knows only the new secret")
	w.do(http.MethodDelete, "/endpoints/"+e.ID+"/secrets/"+old.ID(), nil).is(http.StatusNoContent)
	require.False(t, takes(old.Secret), "revoked at once")
	require.True(t, takes(fresh))

	last := rotated.str("signing_secret.secret_id")
	refused := w.do(http.MethodDelete, "/endpoints/"+e.ID+"/secrets/"+last, nil).isProblem(http.StatusConflict, "conflict")
	require.Contains(t, refused.problem.Detail, "only one that goes on to sign")
	require.True(t, takes(fresh), "nothing was changed")
	require.Contains(t, b.audited(), "admin1 secret_rotated "+e.ID)
	require.Contains(t, b.audited(), "admin1 secret_revoked "+e.ID)

	w.post("/endpoints/"+e.ID+"/secrets", map[string]int{"overlap_seconds": 0}).is(http.StatusCreated)
	require.Equal(t, 1, w.get("/endpoints").is(http.StatusOK).count("endpoints.0.secrets"), "no overlap was wanted")
	w.post("/endpoints/"+e.ID+"/secrets", map[string]int{"overlap_seconds": 2592001}).isProblem(http.StatusBadRequest, "invalid_request").names("overlap_seconds")
	for range 9 {
		w.post("/endpoints/"+e.ID+"/secrets", nil).is(http.StatusCreated)
	}
	require.Contains(t, w.post("/endpoints/"+e.ID+"/secrets", nil).isProblem(http.StatusConflict, "conflict").problem.Detail, "Revoke one")
	for _, entry := range b.audited() {
		require.NotContains(t, entry, "whsec_")
	}
	require.NotContains(t, b.log.String(), "whsec_")
}

func TestTrials(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleOperator)
	e := b.endpoint(nowhere)
	require.NoError(t, b.store.SaveEndpoint(t.Context(), e))
	e.URL = secretsReceiver(t, e.Secrets[0].Secret)
	require.NoError(t, b.store.SaveEndpoint(t.Context(), e))
	path := "/endpoints/" + e.ID + "/trials"
	require.Equal(t, "outcome-customer_hangup", w.get(path).is(http.StatusOK).str("trials.0.name"))

	got := w.post(path+"/bad-signature", nil).is(http.StatusOK)
	require.Equal(t, true, got.at("passed"), string(got.body))
	require.Nil(t, got.at("advice"))
	require.EqualValues(t, 401, got.at("exchanges.0.status"))
	require.NotContains(t, string(got.body), outboundKey)
	require.Contains(t, got.str("exchanges.0.event_id"), "evt_test_")
	require.Contains(t, b.audited(), "operator1 receiver_tested "+e.ID)

	e.URL = nowhere
	require.NoError(t, b.store.SaveEndpoint(t.Context(), e))
	got = w.post(path+"/duplicate", nil).is(http.StatusOK)
	require.Equal(t, false, got.at("passed"))
	require.Contains(t, got.str("advice"), "Nobody takes connections")
	require.Equal(t, 1, got.count("exchanges"), "the second was not sent")
	healthy, err := b.store.Endpoint(t.Context(), e.ID)
	require.NoError(t, err)
	require.Zero(t, healthy.Health.Failures, "a trial says nothing about the endpoint's health")

	e.APIKey = ""
	require.NoError(t, b.store.SaveEndpoint(t.Context(), e))
	require.NotContains(t, string(w.get(path).is(http.StatusOK).body), "wrong-api-key")
	w.post(path+"/wrong-api-key", nil).isProblem(http.StatusNotFound, "not_found")
}

func TestEndpointTarget(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleAdmin)
	w.post("/endpoints", map[string]string{"url": "not a url"}).isProblem(http.StatusBadRequest, "invalid_request").names("url")
	added := w.post("/endpoints", map[string]string{"url": "https://crm.example.com/hook?token=hunter2", "api_key": outboundKey}).is(http.StatusCreated)
	require.Contains(t, added.str("secret"), "whsec_")
	require.NotContains(t, string(added.body), outboundKey)
	id := added.str("endpoint.endpoint_id")
	e, err := b.store.DefaultEndpoint(t.Context())
	require.NoError(t, err)
	require.Equal(t, id, e.ID)
	require.Equal(t, added.str("secret"), e.Secrets[0].Secret)
	refused := w.post("/endpoints", map[string]string{"url": "https://other.example.com/hook"}).isProblem(http.StatusConflict, "conflict")
	require.Contains(t, refused.problem.Detail, "Change it instead")
	require.Equal(t, 1, w.get("/endpoints").is(http.StatusOK).count("endpoints"))

	wider := map[string]any{"event_types": []string{"call.*"}}
	require.Contains(t, w.do(http.MethodPatch, "/endpoints/"+id, wider).isProblem(http.StatusBadRequest, "invalid_request").names("event_types").problem.Errors[0].Message, "add another one")
	w.do(http.MethodDelete, "/endpoints/"+id, nil).isProblem(http.StatusConflict, "conflict")

	w.do(http.MethodPatch, "/endpoints/"+id, map[string]string{}).isProblem(http.StatusBadRequest, "invalid_request")
	w.do(http.MethodPatch, "/endpoints/"+id, map[string]string{"url": "ftp://x"}).isProblem(http.StatusBadRequest, "invalid_request").names("url")
	w.do(http.MethodPatch, "/endpoints/none", map[string]string{"api_key": ""}).isProblem(http.StatusNotFound, "not_found")
	w.do(http.MethodPatch, "/endpoints/"+id, map[string]string{"api_key": "another key"}).is(http.StatusOK)
	e, err = b.store.DefaultEndpoint(t.Context())
	require.NoError(t, err)
	require.Equal(t, "another key", e.APIKey)
	require.Equal(t, "https://crm.example.com/hook?token=hunter2", e.URL, "what is not named stays, with its hidden part")
	require.NotContains(t, b.log.String(), "hunter2")
}
