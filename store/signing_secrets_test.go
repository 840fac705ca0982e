package store_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

// secretsOf are the secrets of an endpoint that sign at a moment.
func secretsOf(t *testing.T, s *store.Store, endpointID string, at time.Time) []string {
	t.Helper()
	e, err := s.Endpoint(t.Context(), endpointID)
	require.NoError(t, err)
	var secrets []string
	for _, secret := range e.Secrets {
		if secret.Signs(at) {
			secrets = append(secrets, secret.Secret)
		}
	}
	return secrets
}

func testSigningSecrets(t *testing.T, s *store.Store) {
	ctx := t.Context()
	e := someEndpoint("ep_a")
	first := e.Secrets[0].Secret
	require.NoError(t, s.SaveEndpoint(ctx, e))

	second, err := s.RotateSecret(ctx, "ep_a", store.DefaultOverlap)
	require.NoError(t, err)
	require.Equal(t, []string{first, second.Secret}, secretsOf(t, s, "ep_a", time.Now()), "both sign during the overlap")
	require.Equal(t, []string{second.Secret}, secretsOf(t, s, "ep_a", time.Now().Add(store.DefaultOverlap+time.Minute)))

	third, err := s.AddSecret(ctx, "ep_a")
	require.NoError(t, err)
	require.NotContains(t, third.ID(), third.Secret[6:12])
	require.NoError(t, s.RevokeSecret(ctx, "ep_a", e.Secrets[0].ID()))
	require.Equal(t, []string{second.Secret, third.Secret}, secretsOf(t, s, "ep_a", time.Now()), "revoked at once")
	require.ErrorIs(t, s.RevokeSecret(ctx, "ep_a", e.Secrets[0].ID()), store.ErrNotFound)

	last, err := s.RotateSecret(ctx, "ep_a", 0)
	require.NoError(t, err)
	require.Equal(t, []string{last.Secret}, secretsOf(t, s, "ep_a", time.Now()), "no overlap was wanted")
	err = s.RevokeSecret(ctx, "ep_a", last.ID())
	require.ErrorIs(t, err, store.ErrConflict)
	require.ErrorContains(t, err, "rotate")

	_, err = s.RotateSecret(ctx, "ep_a", 31*24*time.Hour)
	require.ErrorIs(t, err, store.ErrInvalid)
	_, err = s.RotateSecret(ctx, "ep_unknown", 0)
	require.ErrorIs(t, err, store.ErrNotFound)
}

// testOneSecretLasts: a secret that is going to end does not stand in for the one that goes on.
func testOneSecretLasts(t *testing.T, s *store.Store) {
	ctx := t.Context()
	e := someEndpoint("ep_a")
	require.NoError(t, s.SaveEndpoint(ctx, e))
	fresh, err := s.RotateSecret(ctx, "ep_a", store.DefaultOverlap)
	require.NoError(t, err)
	err = s.RevokeSecret(ctx, "ep_a", fresh.ID())
	require.ErrorIs(t, err, store.ErrConflict)
	require.ErrorContains(t, err, "rotate first")
	later := time.Now().Add(store.DefaultOverlap + time.Hour)
	require.Equal(t, []string{fresh.Secret}, secretsOf(t, s, "ep_a", later))

	another, err := s.AddSecret(ctx, "ep_a")
	require.NoError(t, err)
	require.NoError(t, s.RevokeSecret(ctx, "ep_a", fresh.ID()))
	require.Equal(t, []string{another.Secret}, secretsOf(t, s, "ep_a", later))

	ends := time.Now().Add(time.Hour)
	e.Secrets[0].NotAfter = &ends
	err = s.SaveEndpoint(ctx, e)
	require.ErrorIs(t, err, store.ErrInvalid)
	require.ErrorContains(t, err, "rotate first")
}

func testSigningSecretsAreBounded(t *testing.T, s *store.Store) {
	require.NoError(t, s.SaveEndpoint(t.Context(), someEndpoint("ep_a")))
	for range 9 {
		_, err := s.AddSecret(t.Context(), "ep_a")
		require.NoError(t, err)
	}
	_, err := s.AddSecret(t.Context(), "ep_a")
	require.ErrorIs(t, err, store.ErrConflict)
	_, err = s.RotateSecret(t.Context(), "ep_a", time.Hour)
	require.ErrorIs(t, err, store.ErrConflict)
	_, err = s.RotateSecret(t.Context(), "ep_a", 0)
	require.NoError(t, err, "the ten old ones are gone at once")
	require.Len(t, secretsOf(t, s, "ep_a", time.Now()), 1)
}

func TestNewSigningSecret(t *testing.T) {
	t.Parallel()
	text, ok := strings.CutPrefix(store.NewSigningSecret().Secret, "whsec_")
	require.True(t, ok)
	raw, err := base64.StdEncoding.DecodeString(text)
	require.NoError(t, err)
	require.Len(t, raw, 32)
	require.NotEqual(t, store.NewSigningSecret(), store.NewSigningSecret())
}
