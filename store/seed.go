package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

const seededBy = "first start"

// Seed is what a new installation starts with. Parts that are empty are left out.
type Seed struct {
	LiveKitURL       string
	LiveKitAPIKey    string
	LiveKitAPISecret string
	Knobs            *call.Knobs // nil: call.DefaultKnobs()
	AllowedOrigins   []string    // nil: ["*"]
	DeliverySchedule []time.Duration
	WebhookHTTPSOnly *bool // nil: true

	WebhookURL    string // the default endpoint; a signing secret is made for it
	WebhookAPIKey string // sent to it
	WebhookSecret string // whsec_…, signs what is sent to it; empty: one is made

	InboundAPIKey string // the CRM's key for our API

	TrunkID     string // LiveKit's id of the trunk; empty: no trunk
	TrunkLabel  string // empty: "Default"
	TrunkPrefix string
	TrunkDID    string
}

// DefaultDeliverySchedule is the wait before each attempt of a delivery: early tries for a CRM that restarts, and about
// three days in all.
func DefaultDeliverySchedule() []time.Duration {
	return []time.Duration{
		0, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, 2 * time.Hour,
		5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
	}
}

// Seed gives a new installation its first settings, trunk, endpoint and API key: each only when the store has none yet,
// so that it can run at every start and never takes back what an operator changed. Settings that have no LiveKit yet
// get it from a later seed. Processes that start at the same time seed once. ErrInvalid names a value that cannot be used.
func (s *Store) Seed(ctx context.Context, seed Seed) error {
	err := s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		// Every part is decided under one lock, whatever the number of processes.
		if err := s.lockTable(ctx, tx, "settings, trunks, endpoints, api_keys"); err != nil {
			return err
		}
		parts := []func(context.Context, *sqlx.Tx, Seed) error{s.seedSettings, s.seedTrunk, s.seedEndpoint, s.seedAPIKey}
		for _, part := range parts {
			if err := part(ctx, tx, seed); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("seed the store: %w", err)
	}
	return nil
}

func (s *Store) seedSettings(ctx context.Context, tx *sqlx.Tx, seed Seed) error {
	liveKit := LiveKitSettings{URL: seed.LiveKitURL, APIKey: seed.LiveKitAPIKey, APISecret: seed.LiveKitAPISecret}
	settings, err := s.settings(ctx, tx)
	switch {
	case errors.Is(err, ErrNotFound):
		settings = seed.settings()
	case err != nil:
		return fmt.Errorf("settings: %w", err)
	case settings.LiveKit != (LiveKitSettings{}) || liveKit == (LiveKitSettings{}):
		return nil
	}
	settings.LiveKit = liveKit
	if err := settings.validate(seededBy); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	if err := s.saveSettings(ctx, tx, settings, seededBy); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	return nil
}

func (seed Seed) settings() Settings {
	settings := Settings{
		Knobs: call.DefaultKnobs(), AllowedOrigins: []string{"*"}, DeliverySchedule: DefaultDeliverySchedule(),
		WebhookHTTPSOnly: true, Breaker: call.DefaultBreakerRule(),
	}
	if seed.Knobs != nil {
		settings.Knobs = *seed.Knobs
	}
	if seed.AllowedOrigins != nil {
		settings.AllowedOrigins = seed.AllowedOrigins
	}
	if seed.DeliverySchedule != nil {
		settings.DeliverySchedule = seed.DeliverySchedule
	}
	if seed.WebhookHTTPSOnly != nil {
		settings.WebhookHTTPSOnly = *seed.WebhookHTTPSOnly
	}
	return settings
}

func (s *Store) seedTrunk(ctx context.Context, tx *sqlx.Tx, seed Seed) error {
	if seed.TrunkID == "" {
		return nil
	}
	if some, err := s.exists(ctx, tx, `SELECT 1 FROM trunks LIMIT 1`); err != nil || some {
		return err
	}
	t := call.Trunk{
		ID: NewTrunkID(), Label: seed.TrunkLabel, LiveKitTrunkID: seed.TrunkID, Prefix: seed.TrunkPrefix,
		DefaultDID: seed.TrunkDID, Default: true, Enabled: true,
	}
	if t.Label == "" {
		t.Label = "Default"
	}
	if err := checkTrunk(&t); err != nil {
		return fmt.Errorf("trunk: %w", err)
	}
	if err := s.saveTrunk(ctx, tx, t); err != nil {
		return fmt.Errorf("trunk: %w", err)
	}
	return nil
}

func (s *Store) seedEndpoint(ctx context.Context, tx *sqlx.Tx, seed Seed) error {
	if seed.WebhookURL == "" {
		return nil
	}
	if some, err := s.exists(ctx, tx, `SELECT 1 FROM endpoints WHERE is_default`); err != nil || some {
		return err
	}
	secret := NewSigningSecret()
	if seed.WebhookSecret != "" {
		secret.Secret = seed.WebhookSecret
	}
	err := s.saveEndpoint(ctx, tx, Endpoint{
		ID: NewEndpointID(), URL: seed.WebhookURL, APIKey: seed.WebhookAPIKey,
		Secrets: []SigningSecret{secret}, State: EndpointActive, Default: true,
	})
	if err != nil {
		return fmt.Errorf("endpoint: %w", err)
	}
	return nil
}

func (s *Store) seedAPIKey(ctx context.Context, tx *sqlx.Tx, seed Seed) error {
	if seed.InboundAPIKey == "" {
		return nil
	}
	if some, err := s.exists(ctx, tx, `SELECT 1 FROM api_keys LIMIT 1`); err != nil || some {
		return err
	}
	if _, err := s.addAPIKey(ctx, tx, seededBy, seed.InboundAPIKey); err != nil {
		return fmt.Errorf("inbound API key: %w", err)
	}
	return nil
}
