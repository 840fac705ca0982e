package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

const (
	liveKitSecretColumn = "settings.livekit_api_secret"

	maxOrigins     = 50
	maxSchedule    = 40
	maxScheduleGap = 7 * 24 * time.Hour
	maxText        = 2048 // bytes of a URL, a key or a name
)

// LiveKitSettings say where LiveKit is. The secret is sealed in the database.
type LiveKitSettings struct {
	URL       string // ws, wss, http or https
	APIKey    string // an identifier, not a secret
	APISecret string
}

// Settings are what operators change while the program runs.
type Settings struct {
	LiveKit          LiveKitSettings
	Knobs            call.Knobs
	AllowedOrigins   []string        // CORS origins of browsers; "*" allows all
	DeliverySchedule []time.Duration // the wait before each delivery attempt; the first is 0
	WebhookHTTPSOnly bool
	Limits           call.Limits // of calls through all trunks together
	Admission        call.Admission
	Breaker          call.BreakerRule // of trunks
	Version          int64            // counts the changes; SaveSettings needs the one that was read
}

// Settings reads the settings. ErrNotFound before the first save (see [Store.Seed]), ErrWrongKey when the LiveKit secret
// was sealed with another key.
func (s *Store) Settings(ctx context.Context) (Settings, error) {
	settings, err := s.settings(ctx, s.read)
	if err != nil {
		return Settings{}, fmt.Errorf("read settings: %w", err)
	}
	return settings, nil
}

func (s *Store) settings(ctx context.Context, q sqlx.QueryerContext) (Settings, error) {
	var row struct {
		Version  int64  `db:"version"`
		Document string `db:"document"`
		Secret   string `db:"livekit_api_secret"`
	}
	err := s.get(ctx, q, &row, `SELECT version, document, livekit_api_secret FROM settings WHERE settings_id = 1`)
	if err != nil {
		return Settings{}, err
	}
	d := documentOf(Settings{Knobs: call.DefaultKnobs(), Breaker: call.DefaultBreakerRule()}) // a knob that is newer than the document has its default
	if err := json.Unmarshal([]byte(row.Document), &d); err != nil {
		return Settings{}, fmt.Errorf("parse document: %w", err)
	}
	settings := d.settings()
	settings.Version = row.Version
	if settings.LiveKit.APISecret, err = s.key.open(liveKitSecretColumn, row.Secret); err != nil {
		return Settings{}, err
	}
	return settings, nil
}

// SaveSettings replaces the settings and keeps in the history who (by) changed what. Settings.Version must be the
// version that was read (0 for the first save): ErrConflict when somebody saved in between; read again then. After it
// the version is one higher. ErrInvalid names what is out of range. Secrets never enter the history.
func (s *Store) SaveSettings(ctx context.Context, settings Settings, by string) error {
	if err := settings.validate(by); err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	err := s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if err := s.lockTable(ctx, tx, "settings"); err != nil {
			return err
		}
		return s.saveSettings(ctx, tx, settings, by)
	})
	if err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	return nil
}

func (s *Store) saveSettings(ctx context.Context, tx *sqlx.Tx, settings Settings, by string) error {
	old, err := s.settings(ctx, tx)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if settings.Version != old.Version {
		return fmt.Errorf("%w: the settings are at version %d by now: read them again and repeat the change", ErrConflict, old.Version)
	}
	document, err := json.Marshal(documentOf(settings))
	if err != nil {
		return fmt.Errorf("render document: %w", err)
	}
	secret, err := s.key.seal(liveKitSecretColumn, settings.LiveKit.APISecret)
	if err != nil {
		return err
	}
	_, err = s.exec(ctx, tx, `
		INSERT INTO settings (settings_id, version, document, livekit_api_secret, updated_at, updated_by) VALUES (1, ?, ?, ?, ?, ?)
		ON CONFLICT (settings_id) DO UPDATE SET version = excluded.version, document = excluded.document,
			livekit_api_secret = excluded.livekit_api_secret, updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
		old.Version+1, string(document), secret, now(), by)
	if err != nil {
		return err
	}
	return s.insertHistory(ctx, tx, old, settings, by)
}

func (s Settings) validate(by string) error {
	if by == "" || len(by) > maxText {
		return invalid("the name of who saves must have 1 to %d characters", maxText)
	}
	if err := s.Knobs.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if err := errors.Join(s.Admission.Validate(), s.Breaker.Validate()); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if s.LiveKit.URL != "" && !isURL(s.LiveKit.URL, "ws", "wss", "http", "https") {
		return invalid("the LiveKit URL must look like wss://livekit.example.com")
	}
	if max(len(s.LiveKit.APIKey), len(s.LiveKit.APISecret)) > maxText {
		return invalid("the LiveKit key and secret must have at most %d characters", maxText)
	}
	if len(s.AllowedOrigins) > maxOrigins {
		return invalid("there may be at most %d allowed origins", maxOrigins)
	}
	for _, o := range s.AllowedOrigins {
		if o != "*" && !isURL(o, "http", "https") {
			return invalid("allowed origin %q must be * or look like https://crm.example.com", o)
		}
	}
	if s.Limits.Concurrent < 0 || s.Limits.PerSecond < 0 || max(s.Limits.Concurrent, s.Limits.PerSecond) > maxLimit {
		return invalid("the limits on calls must be between 0 (none) and %d", maxLimit)
	}
	return checkSchedule("the delivery schedule", s.DeliverySchedule)
}

func isURL(s string, schemes ...string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= maxText && u.Hostname() != "" && slices.Contains(schemes, u.Scheme)
}
