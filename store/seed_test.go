package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func someSeed() store.Seed {
	return store.Seed{
		LiveKitURL: "ws://127.0.0.1:7880", LiveKitAPIKey: "devkey", LiveKitAPISecret: "the LiveKit secret",
		WebhookURL: "http://127.0.0.1:9000/hook", WebhookAPIKey: "the outbound key", InboundAPIKey: "the inbound key",
		TrunkID: "ST_lab", TrunkPrefix: "0091", TrunkDID: "9999999999",
	}
}

func testSeedDefaults(t *testing.T, s *store.Store) {
	ctx := t.Context()
	require.NoError(t, s.Seed(ctx, store.Seed{}))
	settings, err := s.Settings(ctx)
	require.NoError(t, err)
	want := someSettings()
	want.LiveKit, want.Version = store.LiveKitSettings{}, 1
	require.Equal(t, want, settings)
	trunks, err := s.Trunks(ctx)
	require.NoError(t, err)
	require.Empty(t, trunks)

	require.NoError(t, s.Seed(ctx, someSeed()), "what was missing at the first start comes later")
	settings, err = s.Settings(ctx)
	require.NoError(t, err)
	want = someSettings()
	want.Version = 2
	require.Equal(t, want, settings)
	trunk, err := nextTrunk(t, s)
	require.NoError(t, err)
	require.Equal(t, call.Trunk{
		ID: trunk.ID, Label: "Default", LiveKitTrunkID: "ST_lab", Prefix: "0091", DefaultDID: "+919999999999",
		Default: true, Enabled: true,
	}, trunk)
	endpoint, err := s.DefaultEndpoint(ctx)
	require.NoError(t, err)
	require.Equal(t, "http://127.0.0.1:9000/hook", endpoint.URL)
	require.Equal(t, "the outbound key", endpoint.APIKey)
	require.Len(t, endpoint.Secrets, 1)
	_, err = s.CheckAPIKey(ctx, "the inbound key")
	require.NoError(t, err)

	bad := someSeed()
	bad.InboundAPIKey = "short"
	require.NoError(t, s.Seed(ctx, bad), "there is a key already")
}

func testSeedChangesNothingTwice(t *testing.T, s *store.Store) {
	ctx := t.Context()
	knobs := call.DefaultKnobs()
	knobs.RingTimeout = 10 * time.Second
	seed := someSeed()
	seed.Knobs, seed.WebhookHTTPSOnly, seed.AllowedOrigins = &knobs, ptr(false), []string{"https://crm.example.com"}
	require.NoError(t, s.Seed(ctx, seed))
	settings, err := s.Settings(ctx)
	require.NoError(t, err)
	require.Equal(t, knobs, settings.Knobs)
	require.False(t, settings.WebhookHTTPSOnly)
	require.Equal(t, []string{"https://crm.example.com"}, settings.AllowedOrigins)
	endpoint, err := s.DefaultEndpoint(ctx)
	require.NoError(t, err)

	other := store.Seed{
		LiveKitURL: "wss://other", LiveKitAPIKey: "o", LiveKitAPISecret: "o", WebhookURL: "https://other",
		InboundAPIKey: "other inbound key", TrunkID: "ST_other",
	}
	require.NoError(t, s.Seed(ctx, other))
	again, err := s.Settings(ctx)
	require.NoError(t, err)
	require.Equal(t, settings, again)
	sameEndpoint, err := s.DefaultEndpoint(ctx)
	require.NoError(t, err)
	require.Equal(t, endpoint, sameEndpoint)
	trunks, err := s.Trunks(ctx)
	require.NoError(t, err)
	require.Len(t, trunks, 1)
	_, err = s.CheckAPIKey(ctx, "other inbound key")
	require.ErrorIs(t, err, store.ErrNotFound)
}

func testSeedRace(t *testing.T, s *store.Store) {
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if err := s.Seed(t.Context(), someSeed()); err != nil {
				t.Errorf("seed: %v", err)
			}
		})
	}
	wg.Wait()
	trunks, err := s.Trunks(t.Context())
	require.NoError(t, err)
	require.Len(t, trunks, 1)
	keys, err := s.APIKeys(t.Context())
	require.NoError(t, err)
	require.Len(t, keys, 1)
	history, err := s.SettingsHistory(t.Context())
	require.NoError(t, err)
	require.Len(t, history, 1)
}
