package admin_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api/admin"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.user("asha", store.RoleOperator)
	w := b.browser("203.0.113.5")
	w.get("/me").isProblem(http.StatusUnauthorized, "no_session")
	got := w.logIn(" Asha", password).is(http.StatusOK)
	require.Equal(t, "asha", got.str("user.name"))
	require.Equal(t, "1.2.3", got.str("version"))
	ends, err := time.Parse(time.RFC3339, got.str("session_ends_at"))
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(7*24*time.Hour), ends, time.Minute)

	require.Equal(t, "c2c_session", w.cookie.Name)
	require.True(t, w.cookie.HttpOnly)
	require.False(t, w.cookie.Secure, "the public URL is not https")
	require.Equal(t, http.SameSiteStrictMode, w.cookie.SameSite)
	require.Equal(t, "/", w.cookie.Path)
	require.InDelta(t, (12 * time.Hour).Seconds(), w.cookie.MaxAge, 60)
	require.Equal(t, "no-store", w.get("/me").is(http.StatusOK).header.Values("Cache-Control")[0])

	before := w.cookie.Value
	old := *w
	w.logIn("asha", password).is(http.StatusOK)
	require.NotEqual(t, before, w.cookie.Value, "a login has an id of its own")
	old.get("/me").isProblem(http.StatusUnauthorized, "no_session")

	b.restart()
	w.get("/me").is(http.StatusOK)

	stale := *w
	w.post("/logout", nil).is(http.StatusNoContent)
	require.Nil(t, w.cookie)
	stale.get("/me").isProblem(http.StatusUnauthorized, "no_session")
	require.Equal(t, []string{"asha logout ", "asha login ", "asha login "}, b.audited())
}

func TestCookieOverTLS(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(d *admin.Deps) { d.PublicURL = "https://console.example.com" })
	w := b.as(store.RoleViewer)
	require.Equal(t, "__Host-c2c_session", w.cookie.Name)
	require.True(t, w.cookie.Secure)
	require.Empty(t, w.cookie.Domain)
	w.get("/me").is(http.StatusOK)
}

func TestWrongLoginsLookTheSame(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.user("asha", store.RoleViewer)
	off := b.user("gone", store.RoleViewer)
	yes := true
	b.user("boss", store.RoleAdmin)
	_, err := b.store.ChangeUser(t.Context(), off.ID, store.UserChange{Disabled: &yes})
	require.NoError(t, err)
	w := b.browser("203.0.113.5")
	var bodies [][]byte
	for _, name := range []string{"asha", "nobody", "gone"} {
		given := "wrong password"
		if name == "gone" {
			given = password
		}
		got := w.logIn(name, given).isProblem(http.StatusUnauthorized, "wrong_credentials")
		require.Nil(t, w.cookie)
		bodies = append(bodies, got.body)
	}
	require.True(t, bytes.Equal(bodies[0], bodies[1]) && bytes.Equal(bodies[1], bodies[2]))
	require.Equal(t, []string{"gone login_failed ", " login_failed ", "asha login_failed "}, b.audited(), "a name that is nobody's is not kept")
}

// TestUnknownUsersCostAHash: whoever does not exist must take as long as who does. A lookup takes a millisecond or two, and a
// hash of the product's strength tens of them on any machine.
func TestUnknownUsersCostAHash(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w, fastest := b.browser("203.0.113.5"), time.Hour
	for range 8 {
		begin := time.Now()
		w.logIn("nobody", "wrong password").isProblem(http.StatusUnauthorized, "wrong_credentials")
		fastest = min(fastest, time.Since(begin))
	}
	require.Greater(t, fastest, 12*time.Millisecond)
}

func TestLoginIsThrottled(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.user("asha", store.RoleViewer)
	b.user("ravi", store.RoleViewer)
	w := b.browser("203.0.113.5")
	for range 10 {
		w.logIn("asha", "wrong password").isProblem(http.StatusUnauthorized, "wrong_credentials")
	}
	got := w.logIn("asha", password).isProblem(http.StatusTooManyRequests, "rate_limited")
	require.Equal(t, "300", got.header.Get("Retry-After"))
	w.logIn("ravi", password).is(http.StatusOK)
	b.browser("203.0.113.6").logIn("asha", password).is(http.StatusOK)

	crowd := b.browser("203.0.113.7")
	limited := 0
	for range 65 {
		if crowd.logIn("ravi", password).status == http.StatusTooManyRequests {
			limited++
		}
	}
	require.GreaterOrEqual(t, limited, 4, "60 in a minute from one address")
	b.browser("203.0.113.8").logIn("ravi", password).is(http.StatusOK)
}

func TestAddressBehindAProxy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.user("asha", store.RoleViewer)
	body := map[string]string{"name": "asha", "password": password}
	for _, tc := range []struct{ from, forwarded, want string }{
		{"203.0.113.5", "198.51.100.1", "203.0.113.5"}, // not a proxy of ours: what it says is not believed
		{"192.0.2.1", "198.51.100.1", "198.51.100.1"},
		{"192.0.2.1", "10.9.9.9, 198.51.100.1, 192.0.2.9", "198.51.100.1"},
		{"192.0.2.1", "nonsense", "192.0.2.1"},
	} {
		b.browser(tc.from).do(http.MethodPost, "/login", body, "X-Forwarded-For", tc.forwarded).is(http.StatusOK)
		page, err := b.store.AuditLog(t.Context(), store.AuditFilter{Limit: 1})
		require.NoError(t, err)
		require.Equal(t, tc.want, page.Entries[0].Address)
	}
}

func TestFirstStart(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	fresh, err := admin.FirstStart(t.Context(), s, "")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(fresh), 20)
	again, err := admin.FirstStart(t.Context(), s, "")
	require.NoError(t, err)
	require.Empty(t, again, "once")

	b := newBench(t)
	_, err = admin.FirstStart(t.Context(), b.store, "short")
	require.ErrorContains(t, err, "at least 10 characters")
	given, err := admin.FirstStart(t.Context(), b.store, "the first password")
	require.NoError(t, err)
	require.Empty(t, given, "who gave it knows it")

	w := b.browser("203.0.113.5")
	require.Equal(t, true, w.logIn("admin", "the first password").is(http.StatusOK).at("user.must_change_password"))
	w.get("/overview").isProblem(http.StatusForbidden, "password_change_required")
	w.post("/users", map[string]string{"name": "x", "role": "admin"}).isProblem(http.StatusForbidden, "password_change_required")
	w.get("/me").is(http.StatusOK)
	other := b.browser("203.0.113.6")
	other.logIn("admin", "the first password").is(http.StatusOK)

	change := func(current, next string) *answer {
		return w.post("/me/password", map[string]string{"current_password": current, "new_password": next})
	}
	change("wrong", "a new password").isProblem(http.StatusBadRequest, "invalid_request").names("current_password")
	change("the first password", "the first password").isProblem(http.StatusBadRequest, "invalid_request").names("new_password")
	change("the first password", "aaaaaaaaaaaa").isProblem(http.StatusBadRequest, "invalid_request").names("new_password")
	change("the first password", "short").isProblem(http.StatusBadRequest, "invalid_request").names("new_password")
	require.Equal(t, false, change("the first password", "a new password").is(http.StatusOK).at("user.must_change_password"))
	w.get("/overview").is(http.StatusOK)
	other.get("/me").isProblem(http.StatusUnauthorized, "no_session")
	b.browser("203.0.113.7").logIn("admin", "the first password").isProblem(http.StatusUnauthorized, "wrong_credentials")
	b.browser("203.0.113.7").logIn("admin", "a new password").is(http.StatusOK)
}

func TestOtherSites(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleAdmin)
	for _, headers := range [][]string{
		{"Origin", "https://evil.example.com"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "null"},
	} {
		w.do(http.MethodPost, "/api-keys", map[string]string{"name": "evil"}, headers...).isProblem(http.StatusForbidden, "cross_origin")
		require.Empty(t, w.do(http.MethodGet, "/me", nil, headers...).header.Get("Access-Control-Allow-Origin"))
	}
	keys, err := b.store.APIKeys(t.Context())
	require.NoError(t, err)
	require.Empty(t, keys)
	for _, headers := range [][]string{
		{"Sec-Fetch-Site", "same-origin"}, {"Origin", "http://console.example.com"}, {"Origin", "http://example.com"},
	} {
		w.do(http.MethodPost, "/api-keys", map[string]string{"name": "crm"}, headers...).is(http.StatusCreated)
	}
}

func TestUsers(t *testing.T) { onBoth(t, testUsers) }

func testUsers(t *testing.T, b *bench) {
	w := b.as(store.RoleAdmin)
	made := w.post("/users", map[string]string{"name": "ravi@example.com", "role": "operator"}).is(http.StatusCreated)
	w.post("/users", map[string]string{"name": "ravi@example.com", "role": "viewer"}).isProblem(http.StatusConflict, "conflict")
	w.post("/users", map[string]string{"name": "Ravi", "role": "boss"}).isProblem(http.StatusBadRequest, "invalid_request").names("name", "role")
	id := made.str("user.user_id")

	ravi := b.browser("203.0.113.9")
	ravi.logIn("ravi@example.com", made.str("one_time_password")).is(http.StatusOK)
	ravi.get("/calls").isProblem(http.StatusForbidden, "password_change_required")
	ravi.post("/me/password", map[string]string{"current_password": made.str("one_time_password"), "new_password": "ravi's own password"}).is(http.StatusOK)
	ravi.get("/calls").is(http.StatusOK)

	w.do(http.MethodPatch, "/users/"+id, map[string]any{"role": "viewer"}).is(http.StatusOK)
	ravi.post("/trunks/order", nil)
	ravi.do(http.MethodDelete, "/trunks/x", nil).isProblem(http.StatusForbidden, "forbidden")
	w.do(http.MethodPatch, "/users/"+id, map[string]any{"disabled": true}).is(http.StatusOK)
	ravi.get("/me").isProblem(http.StatusUnauthorized, "no_session")
	w.do(http.MethodPatch, "/users/"+id, map[string]any{"disabled": false}).is(http.StatusOK)
	ravi.logIn("ravi@example.com", "ravi's own password").is(http.StatusOK)
	reset := w.post("/users/"+id+"/password", nil).is(http.StatusOK)
	ravi.get("/me").isProblem(http.StatusUnauthorized, "no_session")
	ravi.logIn("ravi@example.com", reset.str("one_time_password")).is(http.StatusOK)
	w.do(http.MethodDelete, "/users/"+id, nil).is(http.StatusNoContent)
	ravi.get("/me").isProblem(http.StatusUnauthorized, "no_session")

	me := w.get("/me").str("user.user_id")
	w.do(http.MethodDelete, "/users/"+me, nil).isProblem(http.StatusConflict, "conflict")
	w.do(http.MethodPatch, "/users/"+me, map[string]any{"role": "viewer"}).isProblem(http.StatusConflict, "conflict")
	w.do(http.MethodPatch, "/users/"+me, map[string]any{}).isProblem(http.StatusBadRequest, "invalid_request")
	require.Equal(t, 1, w.get("/users").is(http.StatusOK).count("users"))
}

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleAdmin)
	made := w.post("/api-keys", map[string]string{"name": "Zoho"}).is(http.StatusCreated)
	key := made.str("secret")
	_, err := b.store.CheckAPIKey(t.Context(), key)
	require.NoError(t, err)
	list := w.get("/api-keys").is(http.StatusOK)
	require.Equal(t, key[len(key)-4:], list.str("api_keys.0.last_four"))
	require.NotNil(t, list.at("api_keys.0.last_used_at"))
	require.NotContains(t, string(list.body), key)
	for range 2 {
		w.do(http.MethodDelete, "/api-keys/"+made.str("api_key.key_id"), nil).is(http.StatusNoContent)
	}
	_, err = b.store.CheckAPIKey(t.Context(), key)
	require.ErrorIs(t, err, store.ErrNotFound)
	require.NotNil(t, w.get("/api-keys").at("api_keys.0.revoked_at"))
}

func TestAuditLog(t *testing.T) { onBoth(t, testAuditLog) }

func testAuditLog(t *testing.T, b *bench) {
	w := b.as(store.RoleAdmin)
	for _, name := range []string{"a", "b", "c"} {
		w.post("/api-keys", map[string]string{"name": name}).is(http.StatusCreated)
	}
	first := w.get("/audit?limit=2&action=api_key_created").is(http.StatusOK)
	require.Equal(t, []any{"c", "b"}, []any{first.at("entries.0.detail"), first.at("entries.1.detail")})
	require.Equal(t, w.from, first.str("entries.0.address"))
	second := w.get("/audit?limit=2&action=api_key_created&cursor=" + first.str("next_cursor")).is(http.StatusOK)
	require.Equal(t, 1, second.count("entries"))
	require.NotContains(t, string(second.body), "next_cursor")
	w.get("/audit?cursor=x").isProblem(http.StatusBadRequest, "invalid_request").names("cursor")
	w.get("/audit?limit=0&since=yesterday").isProblem(http.StatusBadRequest, "invalid_request").names("limit", "since")
	require.Equal(t, 0, w.get("/audit?user_name=nobody").is(http.StatusOK).count("entries"))
}

// TestDatabaseAway: what cannot be said for sure is a 503, never a login or a 500.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleAdmin)
	require.NoError(t, b.store.Close())
	got := w.get("/me").isProblem(http.StatusServiceUnavailable, "store_unavailable")
	require.Equal(t, "2", got.header.Get("Retry-After"))
	require.NotContains(t, string(got.body), "sql")
	b.browser("203.0.113.5").logIn("admin1", password).isProblem(http.StatusServiceUnavailable, "store_unavailable")
}
