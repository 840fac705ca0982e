package admin_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func TestAPIKeyPurpose(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleAdmin)
	made := w.post("/api-keys", map[string]string{"name": "Zoho"}).is(http.StatusCreated)
	require.NotContains(t, made.at("api_key"), "purpose")
	path := "/api-keys/" + made.str("api_key.key_id")
	purpose := func() call.Purpose {
		t.Helper()
		key, err := b.store.CheckAPIKey(t.Context(), made.str("secret"))
		require.NoError(t, err)
		return key.Purpose
	}
	w.do(http.MethodPut, path, map[string]string{"purpose": "promotional"}).is(http.StatusNoContent)
	require.Equal(t, call.PurposePromotional, purpose())
	require.Equal(t, "promotional", w.get("/api-keys").str("api_keys.0.purpose"))
	w.do(http.MethodPut, path, map[string]string{"purpose": "spam"}).isProblem(http.StatusBadRequest, "invalid_request")
	require.Equal(t, call.PurposePromotional, purpose())
	w.do(http.MethodPut, path, map[string]any{"purpose": nil}).is(http.StatusNoContent)
	require.Empty(t, purpose())
	w.do(http.MethodPut, "/api-keys/key_none", map[string]string{"purpose": "service"}).isProblem(http.StatusNotFound, "not_found")
}

// TestAdmissionSettings: what is left out stays, so that a console of before does not switch it off.
func TestAdmissionSettings(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleAdmin)
	save := func(limits map[string]any) *answer {
		t.Helper()
		var s map[string]any
		require.NoError(t, json.Unmarshal(w.get("/settings").is(http.StatusOK).body, &s))
		delete(s, "livekit_webhook_url")
		delete(s["livekit"].(map[string]any), "api_secret")
		s["limits"] = limits
		return w.do(http.MethodPut, "/settings", s)
	}
	saved := save(map[string]any{"max_concurrent_calls": 9, "max_calls_per_second": 3, "one_call_per_agent": true, "refuse_when_busy": true, "queue_wait_seconds": 20}).is(http.StatusOK)
	require.Equal(t, true, saved.at("limits.one_call_per_agent"))
	saved = save(map[string]any{"max_concurrent_calls": 8, "max_calls_per_second": 3}).is(http.StatusOK)
	require.Equal(t, map[string]any{"max_concurrent_calls": 8.0, "max_calls_per_second": 3.0, "one_call_per_agent": true, "refuse_when_busy": true, "queue_wait_seconds": 20.0}, saved.at("limits"))
	save(map[string]any{"max_concurrent_calls": 8, "max_calls_per_second": 3, "queue_wait_seconds": 601}).isProblem(http.StatusBadRequest, "invalid_request")
	s, err := b.store.Settings(t.Context())
	require.NoError(t, err)
	require.Equal(t, call.Admission{OneCallPerAgent: true, RefuseWhenBusy: true, QueueWait: 20 * time.Second}, s.Admission)
}
