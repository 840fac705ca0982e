package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

func testEndpointTarget(t *testing.T, s *store.Store) {
	ctx := t.Context()
	_, err := s.AddEndpoint(ctx, store.EndpointTarget{URL: ptr("crm.example.com")})
	require.ErrorIs(t, err, store.ErrInvalid)
	first, err := s.AddEndpoint(ctx, store.EndpointTarget{URL: ptr("https://crm.example.com/hook"), APIKey: ptr("key-1")})
	require.NoError(t, err)
	require.True(t, first.Default, "the first one is where outcomes go")
	require.Len(t, first.Secrets, 1)

	moved, err := s.ChangeEndpoint(ctx, first.ID, store.EndpointTarget{URL: ptr("https://crm.example.com/hook/2")})
	require.NoError(t, err)
	want := first
	want.URL = "https://crm.example.com/hook/2"
	require.Equal(t, want, moved, "all else stays")
	keyless, err := s.ChangeEndpoint(ctx, first.ID, store.EndpointTarget{APIKey: ptr("")})
	require.NoError(t, err)
	require.Empty(t, keyless.APIKey)
	require.Equal(t, want.URL, keyless.URL)

	_, err = s.AddEndpoint(ctx, store.EndpointTarget{URL: ptr("https://other.example.com")})
	require.ErrorIs(t, err, store.ErrConflict, "outcomes go to one URL")
	all, err := s.Endpoints(ctx)
	require.NoError(t, err)
	require.Len(t, all, 1)
	_, err = s.ChangeEndpoint(ctx, first.ID, store.EndpointTarget{URL: ptr("ftp://x")})
	require.ErrorIs(t, err, store.ErrInvalid)
	for _, id := range []string{"", "ep_unknown"} {
		_, err = s.ChangeEndpoint(ctx, id, store.EndpointTarget{})
		require.ErrorIs(t, err, store.ErrNotFound)
	}
}

// testSecretsStayAtTheirHost keeps what nobody can read here from being read where somebody else wants it sent.
func testSecretsStayAtTheirHost(t *testing.T, s *store.Store) {
	ctx := t.Context()
	e, err := s.AddEndpoint(ctx, store.EndpointTarget{
		URL: ptr("https://crm.example.com/hook"), APIKey: ptr("key-1"), Headers: map[string]string{"X-Tenant": "secret-1"},
	})
	require.NoError(t, err)
	for url, field := range map[string]string{
		"https://crm.example.com/other?a=b":            "",
		"https://CRM.example.com:443/hook":             "",
		"https://anybody:x@crm.example.com/hook":       "",
		"http://crm.example.com/hook":                  "api_key",
		"https://crm.example.com:8443/hook":            "api_key",
		"https://crm.example.com.evil.example/hook":    "api_key",
		"https://crm.example.com:443@evil.example/":    "api_key",
		"https://evil.example/https://crm.example.com": "api_key",
	} {
		_, err := s.ChangeEndpoint(ctx, e.ID, store.EndpointTarget{URL: ptr(url)})
		if field == "" {
			require.NoError(t, err, url)
			continue
		}
		require.ErrorIs(t, err, store.ErrInvalid, url)
		require.ErrorContains(t, err, field+" must be typed again for another host", url)
	}
	elsewhere := ptr("https://other.example.com/hook")
	_, err = s.ChangeEndpoint(ctx, e.ID, store.EndpointTarget{URL: elsewhere, APIKey: ptr("key-2")})
	require.ErrorContains(t, err, "headers must be typed again for another host")
	_, err = s.ChangeEndpoint(ctx, e.ID, store.EndpointTarget{URL: elsewhere, Headers: map[string]string{}})
	require.ErrorContains(t, err, "api_key must be typed again for another host")
	stays, err := s.Endpoint(ctx, e.ID)
	require.NoError(t, err)
	require.Equal(t, "key-1", stays.APIKey, "a refused change changes nothing")

	moved, err := s.ChangeEndpoint(ctx, e.ID, store.EndpointTarget{URL: elsewhere, APIKey: ptr("key-2"), Headers: map[string]string{}})
	require.NoError(t, err)
	require.Equal(t, []any{"key-2", *elsewhere}, []any{moved.APIKey, moved.URL})
	require.Empty(t, moved.Headers)
	_, err = s.ChangeEndpoint(ctx, e.ID, store.EndpointTarget{APIKey: ptr("")})
	require.NoError(t, err)
	_, err = s.ChangeEndpoint(ctx, e.ID, store.EndpointTarget{URL: ptr("http://127.0.0.1:9/hook")})
	require.NoError(t, err, "nothing is stored that could be read there")
}

func testEndpointPauses(t *testing.T, s *store.Store) {
	ctx := t.Context()
	e, err := s.AddEndpoint(ctx, store.EndpointTarget{URL: ptr("https://crm.example.com/hook"), Headers: map[string]string{"X-Tenant": "a"}})
	require.NoError(t, err)
	paused, err := s.ChangeEndpoint(ctx, e.ID, store.EndpointTarget{State: ptr(store.EndpointPaused)})
	require.NoError(t, err)
	require.Equal(t, []any{store.EndpointPaused, 1, e.Headers}, []any{paused.State, paused.Health.Holds, paused.Headers})
	again, err := s.ChangeEndpoint(ctx, e.ID, store.EndpointTarget{State: ptr(store.EndpointPaused)})
	require.NoError(t, err)
	require.Equal(t, paused, again, "a pause of what is paused is no new hold")
	resumed, err := s.ChangeEndpoint(ctx, e.ID, store.EndpointTarget{State: ptr(store.EndpointActive)})
	require.NoError(t, err)
	require.Equal(t, []any{store.EndpointActive, 1}, []any{resumed.State, resumed.Health.Holds})
	_, err = s.ChangeEndpoint(ctx, e.ID, store.EndpointTarget{State: ptr(store.EndpointState("off"))})
	require.ErrorIs(t, err, store.ErrInvalid)
}
