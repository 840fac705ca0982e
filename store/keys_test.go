package store_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

func testAPIKeys(t *testing.T, s *store.Store) {
	ctx := t.Context()
	const key = "c2c_live_0123456789abcdef"
	added, err := s.AddAPIKey(ctx, "CRM", key)
	require.NoError(t, err)
	require.Equal(t, "cdef", added.LastFour)
	_, err = s.AddAPIKey(ctx, "again", key)
	require.ErrorIs(t, err, store.ErrConflict)
	require.NotContains(t, err.Error(), key)

	got, err := s.CheckAPIKey(ctx, key)
	require.NoError(t, err)
	require.Equal(t, added.ID, got.ID)
	for _, wrong := range []string{"", key[:len(key)-1], key + "x", strings.ToUpper(key), strings.Repeat("x", 10_000)} {
		_, err = s.CheckAPIKey(ctx, wrong)
		require.ErrorIs(t, err, store.ErrNotFound)
	}
	keys, err := s.APIKeys(ctx)
	require.NoError(t, err)
	require.Len(t, keys, 1)
	require.NotNil(t, keys[0].LastUsedAt)
	require.WithinDuration(t, time.Now(), *keys[0].LastUsedAt, time.Minute)
	_, err = s.CheckAPIKey(ctx, key)
	require.NoError(t, err)
	again, err := s.APIKeys(ctx)
	require.NoError(t, err)
	require.Equal(t, keys[0].LastUsedAt, again[0].LastUsedAt, "noted at most once a minute")

	for range 2 {
		require.NoError(t, s.RevokeAPIKey(ctx, added.ID))
	}
	_, err = s.CheckAPIKey(ctx, key)
	require.ErrorIs(t, err, store.ErrNotFound)
	require.ErrorIs(t, s.RevokeAPIKey(ctx, "key_unknown"), store.ErrNotFound)
	short, err := s.AddAPIKey(ctx, "short", "12345678")
	require.NoError(t, err)
	require.Empty(t, short.LastFour)
	_, err = s.AddAPIKey(ctx, "too short", "1234567")
	require.ErrorIs(t, err, store.ErrInvalid)
}

func someEndpoint(id string) store.Endpoint {
	return store.Endpoint{
		ID: id, URL: "https://crm.example.com/hooks/calls", APIKey: "the outbound key", State: store.EndpointActive,
		Secrets: []store.SigningSecret{store.NewSigningSecret()},
	}
}

func testEndpoints(t *testing.T, s *store.Store) {
	ctx := t.Context()
	_, err := s.DefaultEndpoint(ctx)
	require.ErrorIs(t, err, store.ErrNotFound)
	a := someEndpoint("ep_a")
	a.Headers = map[string]string{"Authorization": "Bearer token"}
	a.TLS = store.EndpointTLS{CA: certificate}
	a.Secrets = append(a.Secrets, store.SigningSecret{Secret: store.NewSigningSecret().Secret, NotAfter: ptr(begin)})
	require.NoError(t, s.SaveEndpoint(ctx, a))
	a.Default = true
	got, err := s.DefaultEndpoint(ctx)
	require.NoError(t, err)
	require.Equal(t, a, got)

	b := someEndpoint("ep_b")
	b.Default, b.APIKey, b.State = true, "", store.EndpointPaused
	for range 2 {
		require.NoError(t, s.SaveEndpoint(ctx, b))
	}
	got, err = s.Endpoint(ctx, "")
	require.NoError(t, err)
	b.Health.Holds = 1
	require.Equal(t, b, got)
	got, err = s.Endpoint(ctx, "ep_a")
	require.NoError(t, err)
	a.Default = false
	require.Equal(t, a, got)
	all, err := s.Endpoints(ctx)
	require.NoError(t, err)
	require.Equal(t, []store.Endpoint{b, a}, all, "the default one first")
	_, err = s.Endpoint(ctx, "ep_c")
	require.ErrorIs(t, err, store.ErrNotFound)
}

func testEndpointValidation(t *testing.T, s *store.Store) {
	for field, change := range map[string]func(*store.Endpoint){
		"id":              func(e *store.Endpoint) { e.ID = "" },
		"url":             func(e *store.Endpoint) { e.URL = "crm.example.com" },
		"api_key":         func(e *store.Endpoint) { e.APIKey = "a\r\nX-Evil: 1" },
		"state":           func(e *store.Endpoint) { e.State = "off" },
		"Authorization":   func(e *store.Endpoint) { e.Headers = map[string]string{"Authorization": "a\r\nX-Evil: 1"} },
		"Webhook-Id":      func(e *store.Endpoint) { e.Headers = map[string]string{"Webhook-Id": "mine"} },
		"X-API-Key":       func(e *store.Endpoint) { e.Headers = map[string]string{"X-API-Key": "mine"} },
		"two words":       func(e *store.Endpoint) { e.Headers = map[string]string{"two words": "x"} },
		"tls.client_key":  func(e *store.Endpoint) { e.TLS.ClientCert = certificate },
		"its key":         func(e *store.Endpoint) { e.TLS.ClientCert, e.TLS.ClientKey = certificate, "no key" },
		"tls.ca":          func(e *store.Endpoint) { e.TLS.CA = "no certificate" },
		"signing secrets": func(e *store.Endpoint) { e.Secrets = nil },
		"signing secret 1": func(e *store.Endpoint) {
			e.Secrets[0].Secret = "whsec_" + base64.StdEncoding.EncodeToString([]byte("short"))
		},
	} {
		e := someEndpoint("ep_a")
		change(&e)
		err := s.SaveEndpoint(t.Context(), e)
		require.ErrorIs(t, err, store.ErrInvalid)
		require.ErrorContains(t, err, field)
	}
}
