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

	moved, err := s.ChangeEndpoint(ctx, first.ID, store.EndpointTarget{URL: ptr("https://new.example.com/hook")})
	require.NoError(t, err)
	want := first
	want.URL = "https://new.example.com/hook"
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
