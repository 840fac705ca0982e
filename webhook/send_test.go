package webhook_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/webhook"
)

const (
	secretA = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	secretB = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
)

// loopback lets the tests reach their servers.
func loopback() webhook.Guard {
	return webhook.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
}

func newSender() *webhook.Sender { return webhook.NewSender(loopback(), "test") }

func request(url string) webhook.Request {
	return webhook.Request{
		URL: url, APIKey: "the outbound key", Secrets: []string{secretA}, EventID: "evt_1", Body: []byte(`{"call_id":"c2c_1"}`), Attempt: 1,
	}
}

// received is one request as a receiver saw it.
type received struct {
	header http.Header
	body   string
}

// receiver answers with handler and tells what it received.
func receiver(t *testing.T, handler http.HandlerFunc) (url string, got <-chan received) {
	t.Helper()
	requests := make(chan received, 16)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		requests <- received{r.Header.Clone(), string(body)}
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, requests
}

func answer(status int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
	}
}

func TestSigned(t *testing.T) {
	t.Parallel()
	url, got := receiver(t, answer(http.StatusNoContent))
	r := request(url)
	r.Secrets = []string{secretA, secretB}
	r.Attempt, r.Replay = 3, true
	res := newSender().Send(t.Context(), r)
	require.Empty(t, res.Class, res.Error)
	require.Equal(t, http.StatusNoContent, res.Status)

	in := <-got
	require.Equal(t, string(r.Body), in.body)
	for _, secret := range r.Secrets {
		verifier, err := standardwebhooks.NewWebhook(secret)
		require.NoError(t, err)
		require.NoError(t, verifier.Verify([]byte(in.body), in.header))
		require.Error(t, verifier.Verify([]byte(in.body+" "), in.header))
	}
	require.Equal(t, "evt_1", in.header.Get("webhook-id"))
	require.Equal(t, "the outbound key", in.header.Get("X-api-key"))
	require.Equal(t, "application/json", in.header.Get("Content-Type"))
	require.Equal(t, "click2call/test", in.header.Get("User-Agent"))
	require.Equal(t, "3", in.header.Get("X-Click2call-Attempt"))
	require.Equal(t, "manual", in.header.Get("X-Click2call-Replay"))
	require.Empty(t, in.header.Get("Accept-Encoding"), "a compressed bomb must not be asked for")
	require.NotContains(t, in.header, "Idempotency-Key")
	require.Positive(t, res.Connect)
	require.Positive(t, res.FirstByte)
	require.GreaterOrEqual(t, res.Total, res.FirstByte)
	require.Equal(t, strings.TrimPrefix(url, "http://"), res.RemoteAddr)
}

func TestEachAttemptIsFresh(t *testing.T) {
	t.Parallel()
	url, got := receiver(t, answer(http.StatusOK))
	sender, first := newSender(), ""
	require.Empty(t, sender.Send(t.Context(), request(url)).Class)
	first = (<-got).header.Get("webhook-timestamp")
	require.Eventually(t, func() bool {
		require.Empty(t, sender.Send(t.Context(), request(url)).Class)
		in := <-got
		return in.header.Get("webhook-timestamp") != first && in.header.Get("webhook-id") == "evt_1" && in.body == `{"call_id":"c2c_1"}`
	}, 5*time.Second, 100*time.Millisecond)
}

func TestStaticHeaders(t *testing.T) {
	t.Parallel()
	url, got := receiver(t, answer(http.StatusOK))
	r := request(strings.Replace(url, "http://", "http://user:hunter2@", 1) + "/hook?token=hunter3&x=1")
	r.Headers = map[string]string{
		"X-Tenant": "hunter4", "webhook-id": "evt_forged", "Webhook-Signature": "v1,forged", "X-API-Key": "forged",
		"User-Agent": "forged", "X-Click2call-Replay": "forged", "Content-Type": "forged",
	}
	res := newSender().Send(t.Context(), r)
	require.Empty(t, res.Class, res.Error)
	in := <-got
	require.Equal(t, "hunter4", in.header.Get("X-Tenant"))
	require.Equal(t, "Basic dXNlcjpodW50ZXIy", in.header.Get("Authorization"))
	for _, values := range in.header {
		require.NotContains(t, strings.Join(values, " "), "forged")
	}
	verifier, err := standardwebhooks.NewWebhook(secretA)
	require.NoError(t, err)
	require.NoError(t, verifier.Verify([]byte(in.body), in.header))

	require.Equal(t, "[redacted]", res.RequestHeaders.Get("X-Tenant"))
	require.Equal(t, "[redacted]", res.RequestHeaders.Get("X-api-key"))
	require.Equal(t, "evt_1", res.RequestHeaders.Get("webhook-id"))
	require.Equal(t, url+"/hook?token=[redacted]&x=[redacted]", res.URL)
	for _, values := range res.RequestHeaders {
		require.NotContains(t, strings.Join(values, " "), "hunter")
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	elsewhere, redirected := receiver(t, answer(http.StatusOK))
	inAMinute := time.Now().Add(time.Minute).UTC().Format(http.TimeFormat)
	for name, c := range map[string]struct {
		handler    http.HandlerFunc
		class      webhook.Class
		retryAfter time.Duration
		abort      bool
	}{
		"200":                     {handler: answer(200)},
		"204":                     {handler: answer(204)},
		"299":                     {handler: answer(299)},
		"301 to another host":     {handler: answer(301, "Location", elsewhere), class: webhook.ClassRedirect},
		"307 to another host":     {handler: answer(307, "Location", elsewhere), class: webhook.ClassRedirect},
		"304":                     {handler: answer(304), class: webhook.ClassRedirect},
		"400":                     {handler: answer(400), class: webhook.ClassStatus},
		"410":                     {handler: answer(410), class: webhook.ClassStatus},
		"429, seconds":            {handler: answer(429, "Retry-After", " 90 "), class: webhook.ClassStatus, retryAfter: 90 * time.Second},
		"429, a date":             {handler: answer(429, "Retry-After", inAMinute), class: webhook.ClassStatus, retryAfter: time.Minute},
		"429, a date in the past": {handler: answer(429, "Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"), class: webhook.ClassStatus},
		"429, nonsense":           {handler: answer(429, "Retry-After", "-5"), class: webhook.ClassStatus},
		"503, for ever":           {handler: answer(503, "Retry-After", "2000000000"), class: webhook.ClassStatus, retryAfter: 365 * 24 * time.Hour},
		"500, which may not ask":  {handler: answer(500, "Retry-After", "90"), class: webhook.ClassStatus},
		"400 and no more":         {handler: answer(400, "Webhook-Delivery", "abort-message"), class: webhook.ClassStatus, abort: true},
		"200 and no more":         {handler: answer(200, "Webhook-Delivery", "abort-message")},
		"599":                     {handler: answer(599), class: webhook.ClassStatus},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, _ := receiver(t, c.handler)
			res := newSender().Send(t.Context(), request(url))
			require.Equal(t, c.class, res.Class, res.Error)
			require.InDelta(t, c.retryAfter.Seconds(), res.RetryAfter.Seconds(), 2)
			require.Equal(t, c.abort, res.Abort)
			require.Equal(t, c.class == "", res.Error == "")
		})
	}
	t.Cleanup(func() { require.Empty(t, redirected, "a redirect was followed") })
}
