package store

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	refreshTimeout = 2 * time.Second
	// patience is how long a caller waits for fresh settings when there are earlier ones: who hangs up cannot wait for a
	// database that hangs.
	patience = 100 * time.Millisecond
)

type settingsReader interface {
	Settings(ctx context.Context) (Settings, error)
}

// SettingsCache answers the settings from memory. It is safe for concurrent use.
type SettingsCache struct {
	source settingsReader
	ttl    time.Duration
	flight singleflight.Group

	mu       sync.Mutex
	settings *Settings // the last good ones
	triedAt  time.Time
}

// NewSettingsCache returns a cache that reads the settings from s (a [Store]) at most once in ttl.
func NewSettingsCache(s settingsReader, ttl time.Duration) *SettingsCache {
	return &SettingsCache{source: s, ttl: ttl}
}

// Get returns the settings, at most ttl old. When they cannot be read, or not within 100 ms, it returns the last ones that
// could, and tries again after another ttl; an error only while there never were any, or when ctx ends. The caller may
// change the result.
func (c *SettingsCache) Get(ctx context.Context) (Settings, error) {
	last, fresh := c.cached()
	if fresh {
		return *last, nil
	}
	var slow <-chan time.Time
	if last != nil {
		slow = time.After(patience)
	}
	// One read for everybody who waits: it must not end because the first of them gave up.
	result := c.flight.DoChan("settings", func() (any, error) { return c.refresh(context.WithoutCancel(ctx)) })
	select {
	case r := <-result:
		if r.Err != nil {
			return Settings{}, r.Err
		}
		return r.Val.(Settings).clone(), nil
	case <-slow:
		return *last, nil
	case <-ctx.Done():
		return Settings{}, fmt.Errorf("read settings: %w", ctx.Err())
	}
}

// cached returns a copy of the last good settings, nil when there never were any.
func (c *SettingsCache) cached() (last *Settings, fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.settings == nil {
		return nil, false
	}
	copied := c.settings.clone()
	return &copied, time.Since(c.triedAt) < c.ttl
}

func (c *SettingsCache) refresh(ctx context.Context) (Settings, error) {
	if settings, fresh := c.cached(); fresh { // somebody refreshed between our look and our turn
		return *settings, nil
	}
	ctx, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	settings, err := c.source.Settings(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.triedAt = time.Now()
	if err == nil {
		c.settings = &settings
	}
	if c.settings == nil {
		return Settings{}, err
	}
	return c.settings.clone(), nil
}

func (s Settings) clone() Settings {
	s.AllowedOrigins = slices.Clone(s.AllowedOrigins)
	s.DeliverySchedule = slices.Clone(s.DeliverySchedule)
	return s
}
