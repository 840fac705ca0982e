package admin_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api/admin"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
)

// settingsInput is a change of the settings as they are: another ring timeout.
func (b *bench) settingsInput() map[string]any {
	b.t.Helper()
	s, err := b.store.Settings(b.t.Context())
	require.NoError(b.t, err)
	return map[string]any{
		"version": s.Version,
		"livekit": map[string]any{"url": s.LiveKit.URL, "api_key": s.LiveKit.APIKey},
		"call": map[string]any{
			"connect_timeout_seconds": 120, "ring_timeout_seconds": 30, "max_call_duration_seconds": 7200, "agent_rejoin_grace_seconds": 20,
			"media_timeout_seconds": 120, "poll_interval_ms": 1500, "reconcile_interval_seconds": 60, "answer_detection": "webhook", "require_agent": false,
		},
		"allowed_origins": []string{"https://crm.example.com"},
		"delivery":        map[string]any{"schedule_seconds": []int{0, 5}, "https_only": false},
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(d *admin.Deps) { d.PublicURL = "http://console.example.com/telephony/" })
	w := b.as(store.RoleAdmin)
	got := w.get("/settings").is(http.StatusOK)
	require.Equal(t, `"1"`, got.header.Get("ETag"))
	require.Equal(t, map[string]any{"set": true, "last_four": secret[len(secret)-4:]}, got.at("livekit.api_secret"))
	require.Equal(t, "http://console.example.com/telephony/webhooks/livekit", got.str("livekit_webhook_url"))

	in := b.settingsInput()
	saved := w.do(http.MethodPut, "/settings", in).is(http.StatusOK)
	require.Equal(t, `"2"`, saved.header.Get("ETag"))
	require.JSONEq(t, string(saved.body), string(w.get("/settings").body))
	s, err := b.store.Settings(t.Context())
	require.NoError(t, err)
	require.Equal(t, store.Settings{
		LiveKit: store.LiveKitSettings{URL: "wss://livekit.example.com", APIKey: "the-key", APISecret: secret},
		Knobs: call.Knobs{
			ConnectTimeout: 2 * time.Minute, RingTimeout: 30 * time.Second, MaxCallDuration: 2 * time.Hour, AgentRejoinGrace: 20 * time.Second,
			MediaTimeout: 2 * time.Minute, PollInterval: 1500 * time.Millisecond, ReconcileInterval: time.Minute, AnswerDetection: call.DetectionWebhook,
		},
		AllowedOrigins: []string{"https://crm.example.com"}, DeliverySchedule: []time.Duration{0, 5 * time.Second}, Version: 2,
	}, s)
	require.Empty(t, b.livekit.asked, "the credentials did not change")
	w.do(http.MethodPut, "/settings", in).isProblem(http.StatusConflict, "conflict")

	history := w.get("/settings/history").is(http.StatusOK)
	require.Contains(t, string(history.body), `{"field":"ring_timeout","new":"\"30s\"","old":"\"45s\""}`)
	in["version"], in["allowed_origins"] = 2, []string{"crm.example.com"}
	bad := w.do(http.MethodPut, "/settings", in).isProblem(http.StatusBadRequest, "invalid_request")
	require.Contains(t, bad.problem.Detail, "must be * or look like https://crm.example.com")
}

func TestSavingLiveKitChecksIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleAdmin)
	in := b.settingsInput()
	in["livekit"] = map[string]any{"url": "wss://new.example.com", "api_key": "new-key", "api_secret": "new secret of LiveKit"}
	b.livekit.err = fmt.Errorf("check credentials: %w", livekit.ErrWrongSecret)
	refused := w.do(http.MethodPut, "/settings", in).isProblem(http.StatusUnprocessableEntity, "livekit_check_failed")
	require.Equal(t, "the API secret does not belong to this API key. Nothing was saved.", refused.problem.Detail)
	require.NotContains(t, string(refused.body), "new secret")
	s, err := b.store.Settings(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, s.Version)

	b.livekit.err = nil
	w.do(http.MethodPut, "/settings", in).is(http.StatusOK)
	require.Equal(t, livekit.Credentials{URL: "wss://new.example.com", APIKey: "new-key", APISecret: "new secret of LiveKit"}, b.livekit.asked[1])
	s, err = b.store.Settings(t.Context())
	require.NoError(t, err)
	require.Equal(t, "new secret of LiveKit", s.LiveKit.APISecret)
}

func TestCheckLiveKit(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleAdmin)
	check := map[string]any{"url": "wss://livekit.example.com/", "api_key": "k"}
	require.Equal(t, true, w.post("/settings/check-livekit", check).is(http.StatusOK).at("ok"))
	require.Equal(t, secret, b.livekit.asked[0].APISecret, "the stored one, when none is given")
	for problem, err := range map[string]error{
		"unreachable": livekit.ErrUnreachable, "wrong_key": livekit.ErrWrongKey, "wrong_secret": livekit.ErrWrongSecret,
		"clock": livekit.ErrClock, "no_sip": livekit.ErrNoSIP,
	} {
		b.livekit.err = fmt.Errorf("check credentials: %w", err)
		got := w.post("/settings/check-livekit", check).is(http.StatusOK)
		require.Equal(t, false, got.at("ok"))
		require.Equal(t, problem, got.str("problem"))
		require.Equal(t, err.Error()+".", got.str("message"))
	}
}

// TestStoredLiveKitSecretStaysAtItsServer: whoever answers at a URL of somebody's choice must not see a token that was signed with
// the stored secret.
func TestStoredLiveKitSecretStaysAtItsServer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleAdmin)
	in := b.settingsInput()
	for _, elsewhere := range []string{
		"wss://evil.example.net", "wss://livekit.example.com.evil.example.net", "wss://livekit.example.com@evil.example.net", "wss://livekit.example.com:7880",
		"ws://livekit.example.com", "",
	} {
		there := map[string]any{"url": elsewhere, "api_key": "the-key"}
		refused := w.post("/settings/check-livekit", there).isProblem(http.StatusBadRequest, "invalid_request").names("api_secret")
		require.Contains(t, refused.problem.Errors[0].Message, "typed again for another server")
		in["livekit"] = there
		w.do(http.MethodPut, "/settings", in).isProblem(http.StatusBadRequest, "invalid_request").names("livekit.api_secret")
	}
	require.Empty(t, b.livekit.asked)

	own := map[string]any{"url": "wss://evil.example.net", "api_key": "k", "api_secret": "a secret of its own"}
	w.post("/settings/check-livekit", own).is(http.StatusOK)
	w.post("/settings/check-livekit", map[string]any{"url": "WSS://LiveKit.example.com", "api_key": "k"}).is(http.StatusOK)
	require.Equal(t, "a secret of its own", b.livekit.asked[0].APISecret)
	require.Equal(t, secret, b.livekit.asked[1].APISecret)
}

// TestKnobRangesAreTheDialPlans compares openapi.yaml's ranges with those of package call.
func TestKnobRangesAreTheDialPlans(t *testing.T) {
	t.Parallel()
	properties := readContract(t).doc.Components.Schemas["CallKnobs"].Value.Properties
	for name, knob := range map[string]struct {
		unit  time.Duration
		field func(*call.Knobs) *time.Duration
	}{
		"connect_timeout_seconds":    {time.Second, func(k *call.Knobs) *time.Duration { return &k.ConnectTimeout }},
		"ring_timeout_seconds":       {time.Second, func(k *call.Knobs) *time.Duration { return &k.RingTimeout }},
		"max_call_duration_seconds":  {time.Second, func(k *call.Knobs) *time.Duration { return &k.MaxCallDuration }},
		"agent_rejoin_grace_seconds": {time.Second, func(k *call.Knobs) *time.Duration { return &k.AgentRejoinGrace }},
		"media_timeout_seconds":      {time.Second, func(k *call.Knobs) *time.Duration { return &k.MediaTimeout }},
		"poll_interval_ms":           {time.Millisecond, func(k *call.Knobs) *time.Duration { return &k.PollInterval }},
		"reconcile_interval_seconds": {time.Second, func(k *call.Knobs) *time.Duration { return &k.ReconcileInterval }},
	} {
		schema := properties[name].Value
		low, high := time.Duration(*schema.Min)*knob.unit, time.Duration(*schema.Max)*knob.unit
		valid := func(d time.Duration) bool {
			k := call.DefaultKnobs()
			*knob.field(&k) = d
			return k.Validate() == nil
		}
		require.True(t, valid(low) && valid(high), name)
		require.False(t, valid(low-knob.unit) || valid(high+knob.unit), name)
		defaults := call.DefaultKnobs()
		require.EqualValues(t, *knob.field(&defaults)/knob.unit, schema.Default, name)
	}
}
