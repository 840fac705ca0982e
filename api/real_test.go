package api_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/workflows"
)

const (
	liveKitKey    = "devkey"
	liveKitSecret = "a-secret-of-at-least-32-characters"
)

// The real packages fit the interfaces of this one.
var (
	_ api.Workflows = (*workflows.Client)(nil)
	_ api.LiveKit   = (*livekit.Client)(nil)
	_ api.Store     = (*store.Store)(nil)
	_ api.Settings  = (*store.SettingsCache)(nil)
)

func newRealLiveKit() *livekit.Client {
	return livekit.New(func(context.Context) (livekit.Credentials, error) {
		return livekit.Credentials{URL: "ws://127.0.0.1:1", APIKey: liveKitKey, APISecret: liveKitSecret}, nil
	})
}

// withRealParts puts a database on disk and the real LiveKit client under the handler. Only Temporal stays a fake,
// which accepts calls in that database.
func withRealParts(t *testing.T) (*bench, *store.Store) {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "c2c.db"), store.Key{1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	require.NoError(t, s.Migrate(t.Context()))
	require.NoError(t, s.Seed(t.Context(), store.Seed{
		LiveKitURL: "ws://127.0.0.1:1", LiveKitAPIKey: liveKitKey, LiveKitAPISecret: liveKitSecret,
		InboundAPIKey: goodKey, TrunkID: "ST_1", TrunkPrefix: "77", TrunkDID: "9999999999",
	}))
	b := newBench(t)
	b.clock.at = time.Now()
	b.workflows.open = func(ctx context.Context, in workflows.CallInput) error {
		return s.AcceptCall(ctx, in.CallID, time.Now())
	}
	deps := b.deps()
	deps.Store, deps.LiveKit, deps.Settings = s, newRealLiveKit(), store.NewSettingsCache(s, time.Second)
	b.handler = api.New(deps)
	return b, s
}

func TestWithRealParts(t *testing.T) {
	t.Parallel()
	b, s := withRealParts(t)
	list := func(query string) []any {
		calls, ok := b.do(http.MethodGet, "/api/c2c/calls"+query, "", "X-api-key", goodKey).ok().json()["calls"].([]any)
		require.True(t, ok)
		return calls
	}

	first := b.place(goodBody, "Idempotency-Key", "k").ok()
	id := call.ID(first.str("call_id"))
	require.Equal(t, "ws://127.0.0.1:1", first.str("ws_url"))
	record := b.do(http.MethodGet, "/api/c2c/calls/"+string(id), "").ok()
	require.Equal(t, "+919999999999", record.str("did"))
	require.Equal(t, "created", record.str("status"))
	require.Nil(t, record.json()["call_status"])

	again := b.place(goodBody, "Idempotency-Key", "k").ok()
	require.Equal(t, string(id), again.str("call_id"))
	require.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
	b.place(with(t, "case_id", `"another"`), "Idempotency-Key", "k").isProblem(http.StatusConflict, "idempotency_conflict")
	require.Len(t, list(""), 1)

	// Accepted, and the word of it lost; then refused, and the key free again.
	accept := b.workflows.open
	b.workflows.open = func(ctx context.Context, in workflows.CallInput) error {
		require.NoError(t, accept(ctx, in))
		return errTrouble
	}
	b.place(goodBody).ok()
	require.Len(t, list(""), 2)
	b.workflows.open = func(context.Context, workflows.CallInput) error { return workflows.ErrLiveKitUnavailable }
	b.place(goodBody, "Idempotency-Key", "later").isProblem(503, "livekit_unavailable")
	require.Len(t, list(""), 2)
	b.workflows.open = accept
	require.Empty(t, b.place(goodBody, "Idempotency-Key", "later").ok().header.Get("Idempotent-Replayed"))

	b.post("/api/c2c/calls/"+string(id)+"/status", `{"status":"MIC_ON"}`).ok()
	timeline, err := s.Timeline(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, timeline, 1)
	require.Equal(t, "MIC_ON", timeline[0].Detail)

	page := b.do(http.MethodGet, "/api/c2c/calls?limit=2&agent_id=agent-42", "", "X-api-key", goodKey).ok()
	require.Len(t, list("?limit=2&agent_id=agent-42&cursor="+page.str("next_cursor")), 1)
	require.Empty(t, list("?agent_id=nobody"))
	b.do(http.MethodGet, "/api/c2c/calls?cursor=made-up", "", "X-api-key", goodKey).isProblem(http.StatusBadRequest, "invalid_request").names("cursor")
	b.do(http.MethodGet, "/api/c2c/calls", "", "X-api-key", goodKey+"x").isProblem(http.StatusUnauthorized, "unauthorized")
}

// TestRealPartsAtOnce: many requests with one key race through a real database, and one call comes out.
func TestRealPartsAtOnce(t *testing.T) {
	t.Parallel()
	b, _ := withRealParts(t)
	const many = 12
	ids := make(chan string, many)
	var all sync.WaitGroup
	for range many {
		all.Go(func() { ids <- b.place(goodBody, "Idempotency-Key", "k").ok().str("call_id") })
	}
	all.Wait()
	close(ids)
	distinct := map[string]bool{}
	for id := range ids {
		distinct[id] = true
	}
	require.Len(t, distinct, 1)
	calls := b.do(http.MethodGet, "/api/c2c/calls", "", "X-api-key", goodKey).ok().json()["calls"]
	require.Len(t, calls, 1)
}

// sign makes the Authorization header that LiveKit sends: an HS256 token over the body's hash (LiveKit's
// webhook/resource_url_notifier.go).
func sign(body []byte, key, secret string, expires time.Time) string {
	hash := sha256.Sum256(body)
	claims, _ := json.Marshal(map[string]any{"iss": key, "nbf": 0, "exp": expires.Unix(), "sha256": base64.StdEncoding.EncodeToString(hash[:])})
	encode := base64.RawURLEncoding.EncodeToString
	token := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(claims)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(token))
	return token + "." + encode(mac.Sum(nil))
}

func withRealVerifier(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	deps := b.deps()
	deps.LiveKit = newRealLiveKit()
	b.handler = api.New(deps)
	return b
}

func leftBody(id call.ID, eventID string) string {
	return fmt.Sprintf(`{"event":"participant_left","room":{"name":%q},"participant":{"sid":"PA_1","identity":%q,"disconnectReason":"CLIENT_INITIATED","attributes":{"sip.callStatus":"hangup"}},"id":%q,"createdAt":"1771351907"}`,
		id.Room(), id.CustomerIdentity(), eventID)
}

func TestRealSignature(t *testing.T) {
	t.Parallel()
	b := withRealVerifier(t)
	id := accepted(b)
	body := leftBody(id, "EV_1")
	later, before := time.Now().Add(time.Minute), time.Now().Add(-time.Hour)
	for name, header := range map[string]string{
		"none": "", "nonsense": "a.b.c", "wrong secret": sign([]byte(body), liveKitKey, liveKitSecret+"x", later), "wrong key": sign([]byte(body), "other", liveKitSecret, later),
		"expired": sign([]byte(body), liveKitKey, liveKitSecret, before), "another body": sign([]byte(body+" "), liveKitKey, liveKitSecret, later),
	} {
		b.do(http.MethodPost, "/webhooks/livekit", body, "Authorization", header).isProblem(http.StatusUnauthorized, "unauthorized")
		require.Empty(t, b.workflows.sent(), name)
	}
	b.do(http.MethodPost, "/webhooks/livekit", body, "Authorization", sign([]byte(body), liveKitKey, liveKitSecret, later), "Content-Type", "application/webhook+json").ok()
	require.Len(t, b.workflows.sent(), 1)
	require.Equal(t, call.LegHangup, b.workflows.sent()[0].room.Status)
}

// accepted puts a running call into the fake store.
func accepted(b *bench) call.ID { return acceptedAs(b, call.NewID()) }

func acceptedAs(b *bench, id call.ID) call.ID {
	b.store.set(id, func(c *call.Call) { c.ID = id })
	b.store.accept(id)
	return id
}

// FuzzLiveKitWebhook: a body that is not signed changes nothing, and a signed one never breaks anything. Id and expiry
// are fixed, so that the fuzzer sees the same path for the same input.
func FuzzLiveKitWebhook(f *testing.F) {
	const id call.ID = "c2c_aaaaaaaaaaaaaaaaaaaaaaaaaa"
	expires := time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Add([]byte(leftBody(id, "EV_1")), "")
	f.Add([]byte(leftBody(id, "EV_1")), sign([]byte(leftBody(id, "EV_1")), liveKitKey, "not the secret", expires))
	f.Add([]byte(`{"event":"room_finished","room":{"name":"c2c-x"}}`), "a.b.c")
	f.Add([]byte(`null`), "..")
	f.Add([]byte(``), "Bearer x")
	f.Fuzz(func(t *testing.T, body []byte, authorization string) {
		b := withRealVerifier(t)
		running := acceptedAs(b, id)
		unsigned := b.do(http.MethodPost, "/webhooks/livekit", string(body), "Authorization", authorization)
		require.Contains(t, []int{http.StatusUnauthorized, http.StatusRequestEntityTooLarge}, unsigned.status)
		require.Empty(t, b.workflows.sent())

		signed := b.do(http.MethodPost, "/webhooks/livekit", string(body), "Authorization", sign(body, liveKitKey, liveKitSecret, expires))
		require.Contains(t, []int{http.StatusOK, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable}, signed.status)
		require.LessOrEqual(t, len(b.workflows.sent()), 1)
		for _, s := range b.workflows.sent() {
			require.Equal(t, running, s.id)
		}
	})
}
