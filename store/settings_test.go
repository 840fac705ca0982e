package store_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func someSettings() store.Settings {
	return store.Settings{
		LiveKit:        store.LiveKitSettings{URL: "ws://127.0.0.1:7880", APIKey: "devkey", APISecret: "the LiveKit secret"},
		Knobs:          call.DefaultKnobs(),
		AllowedOrigins: []string{"*"}, DeliverySchedule: store.DefaultDeliverySchedule(), WebhookHTTPSOnly: true, Breaker: call.DefaultBreakerRule(),
	}
}

func testSettingsVersions(t *testing.T, s *store.Store) {
	ctx := t.Context()
	_, err := s.Settings(ctx)
	require.ErrorIs(t, err, store.ErrNotFound)
	first := someSettings()
	require.NoError(t, s.SaveSettings(ctx, first, "asha"))
	got, err := s.Settings(ctx)
	require.NoError(t, err)
	first.Version = 1
	require.Equal(t, first, got)

	got.Knobs.RingTimeout, got.LiveKit.APISecret = 30*time.Second, "another secret"
	require.NoError(t, s.SaveSettings(ctx, got, "ravi"))
	require.ErrorIs(t, s.SaveSettings(ctx, got, "late"), store.ErrConflict)
	again, err := s.Settings(ctx)
	require.NoError(t, err)
	got.Version = 2
	require.Equal(t, got, again)

	history, err := s.SettingsHistory(ctx)
	require.NoError(t, err)
	require.Len(t, history, 2)
	require.Equal(t, "ravi", history[0].By)
	require.WithinDuration(t, time.Now(), history[0].At, time.Minute)
	require.Equal(t, []store.FieldChange{
		{Field: "ring_timeout", Old: []byte(`"45s"`), New: []byte(`"30s"`)}, {Field: "livekit_api_secret"},
	}, history[0].Fields)
	require.Len(t, history[1].Fields, 23)
}

func testSettingsValidation(t *testing.T, s *store.Store) {
	for name, change := range map[string]func(*store.Settings){
		"ring_timeout":   func(v *store.Settings) { v.Knobs.RingTimeout = time.Hour },
		"LiveKit URL":    func(v *store.Settings) { v.LiveKit.URL = "ftp://x" },
		"LiveKit key":    func(v *store.Settings) { v.LiveKit.APISecret = strings.Repeat("x", 5000) },
		"allowed origin": func(v *store.Settings) { v.AllowedOrigins = []string{"crm.example.com"} },
		"schedule":       func(v *store.Settings) { v.DeliverySchedule = nil },
		"begin with 0s":  func(v *store.Settings) { v.DeliverySchedule = []time.Duration{time.Minute} },
		"wait":           func(v *store.Settings) { v.DeliverySchedule = []time.Duration{0, -1} },
	} {
		v := someSettings()
		change(&v)
		err := s.SaveSettings(t.Context(), v, "asha")
		require.ErrorIs(t, err, store.ErrInvalid, name)
		require.ErrorContains(t, err, name)
	}
	require.ErrorIs(t, s.SaveSettings(t.Context(), someSettings(), ""), store.ErrInvalid)
}

func testSettingsRace(t *testing.T, s *store.Store) {
	require.NoError(t, s.SaveSettings(t.Context(), someSettings(), "asha"))
	read, err := s.Settings(t.Context())
	require.NoError(t, err)
	var wg sync.WaitGroup
	var saved atomic.Int64
	for range 20 {
		wg.Go(func() {
			switch err := s.SaveSettings(t.Context(), read, "rival"); {
			case err == nil:
				saved.Add(1)
			case !errors.Is(err, store.ErrConflict):
				t.Errorf("save: %v", err)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, saved.Load())
}

// source is a settings table that can be down or slow.
type source struct {
	reads    atomic.Int64
	down     atomic.Bool
	slow     atomic.Bool
	settings store.Settings
}

func (s *source) Settings(ctx context.Context) (store.Settings, error) {
	s.reads.Add(1)
	if s.slow.Load() {
		<-ctx.Done()
		return store.Settings{}, ctx.Err()
	}
	if s.down.Load() {
		return store.Settings{}, errors.New("the database is down")
	}
	settings := s.settings
	settings.Version = s.reads.Load()
	return settings, nil
}

func TestSettingsCache(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := &source{settings: someSettings()}
		cache := store.NewSettingsCache(db, time.Second)
		get := func(version int64) {
			t.Helper()
			settings, err := cache.Get(t.Context())
			require.NoError(t, err)
			require.Equal(t, version, settings.Version)
			settings.AllowedOrigins[0] = "https://changed.example.com" // by a careless caller
		}
		get(1)
		time.Sleep(time.Second - 1)
		get(1)
		time.Sleep(time.Nanosecond)
		get(2)

		db.down.Store(true)
		time.Sleep(time.Second)
		get(2)
		get(2)
		require.EqualValues(t, 3, db.reads.Load(), "at most one read in a ttl, also while the database is down")
		db.slow.Store(true)
		time.Sleep(time.Second)
		start := time.Now()
		get(2)
		require.LessOrEqual(t, time.Since(start), 100*time.Millisecond, "who hangs up does not wait for the database")
		db.down.Store(false)
		db.slow.Store(false)
		time.Sleep(3 * time.Second) // the slow read gives up after two
		get(5)
		settings, err := cache.Get(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{"*"}, settings.AllowedOrigins)
	})
}

func TestSettingsCacheFirstRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := &source{settings: someSettings()}
		db.down.Store(true)
		cache := store.NewSettingsCache(db, time.Minute)
		_, err := cache.Get(t.Context())
		require.ErrorContains(t, err, "down")
		db.down.Store(false)
		_, err = cache.Get(t.Context())
		require.NoError(t, err, "an error is not kept for a ttl while there is nothing to serve")

		time.Sleep(time.Minute)
		before := db.reads.Load()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if _, err := cache.Get(t.Context()); err != nil {
					t.Errorf("get: %v", err)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, before+1, db.reads.Load())
	})
}

func TestSettingsCacheCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := &source{settings: someSettings()}
		db.slow.Store(true)
		cache := store.NewSettingsCache(db, time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := cache.Get(ctx)
		require.ErrorIs(t, err, context.Canceled)
		_, err = cache.Get(t.Context()) // joins the read that the first caller left
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}
