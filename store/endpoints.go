package store

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

const (
	endpointKeyColumn     = "endpoints.api_key"
	endpointSecretsColumn = "endpoints.signing_secrets"

	secretPrefix      = "whsec_" // Standard Webhooks
	minSecret         = 24       // bytes, Standard Webhooks
	maxSecret         = 64
	newSecret         = 32
	maxSigningSecrets = 10
)

// EndpointState says whether deliveries go to an endpoint.
type EndpointState string

// The states of an endpoint.
const (
	EndpointActive EndpointState = "active"
	EndpointPaused EndpointState = "paused"
)

// SigningSecret signs the webhooks of an endpoint, as Standard Webhooks says.
type SigningSecret struct {
	Secret   string     `json:"secret"`              // whsec_ and base64 of 24 to 64 bytes
	NotAfter *time.Time `json:"not_after,omitempty"` // set when a newer secret takes over; nil: until further notice
}

// Endpoint is a URL that outcomes are delivered to. Its key and secrets are sealed in the database.
type Endpoint struct {
	ID      string
	URL     string // http or https; whether http may be used is a setting
	APIKey  string // sent as X-api-key; may be empty
	Secrets []SigningSecret
	State   EndpointState
	Default bool // outcomes go here
}

type endpointRow struct {
	ID      string        `db:"endpoint_id"`
	URL     string        `db:"url"`
	APIKey  string        `db:"api_key"`
	Secrets string        `db:"signing_secrets"`
	State   EndpointState `db:"state"`
	Default bool          `db:"is_default"`
}

const selectEndpoint = `SELECT endpoint_id, url, api_key, signing_secrets, state, is_default FROM endpoints `

// NewEndpointID returns a fresh id for [Store.SaveEndpoint].
func NewEndpointID() string { return "ep_" + rand.Text() }

// NewSigningSecret returns a fresh secret of 32 random bytes.
func NewSigningSecret() SigningSecret {
	var raw [newSecret]byte
	_, _ = rand.Read(raw[:]) // crypto/rand.Read never fails: it crashes the program instead
	return SigningSecret{Secret: secretPrefix + base64.StdEncoding.EncodeToString(raw[:])}
}

// DefaultEndpoint returns the endpoint that outcomes are delivered to. ErrNotFound when there is none yet.
func (s *Store) DefaultEndpoint(ctx context.Context) (Endpoint, error) {
	return s.endpoint(ctx, "read default endpoint", `WHERE is_default`)
}

// Endpoint returns an endpoint. An empty id means the default one: a delivery has no endpoint when there was none at the
// end of its call. ErrNotFound when there is none, ErrWrongKey when its secrets were sealed with another key.
func (s *Store) Endpoint(ctx context.Context, id string) (Endpoint, error) {
	if id == "" {
		return s.DefaultEndpoint(ctx)
	}
	return s.endpoint(ctx, "read endpoint "+id, `WHERE endpoint_id = ?`, id)
}

func (s *Store) endpoint(ctx context.Context, verb, where string, args ...any) (Endpoint, error) {
	var row endpointRow
	if err := s.get(ctx, s.read, &row, selectEndpoint+where, args...); err != nil {
		return Endpoint{}, fmt.Errorf("%s: %w", verb, err)
	}
	e := Endpoint{ID: row.ID, URL: row.URL, State: row.State, Default: row.Default}
	var err error
	if e.APIKey, err = s.key.open(endpointKeyColumn, row.APIKey); err != nil {
		return Endpoint{}, fmt.Errorf("%s: %w", verb, err)
	}
	secrets, err := s.key.open(endpointSecretsColumn, row.Secrets)
	if err != nil {
		return Endpoint{}, fmt.Errorf("%s: %w", verb, err)
	}
	if err := json.Unmarshal([]byte(secrets), &e.Secrets); err != nil {
		return Endpoint{}, fmt.Errorf("%s: parse signing secrets: %w", verb, err)
	}
	return e, nil
}

// SaveEndpoint creates or changes the endpoint with e.ID. The first one, and any saved with Default, is where outcomes
// go from now on; deliveries that exist keep theirs. ErrInvalid names a field that cannot be used. Idempotent.
func (s *Store) SaveEndpoint(ctx context.Context, e Endpoint) error {
	err := s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if err := s.lockTable(ctx, tx, "endpoints"); err != nil {
			return err
		}
		return s.saveEndpoint(ctx, tx, e)
	})
	if err != nil {
		return fmt.Errorf("save endpoint %s: %w", e.ID, err)
	}
	return nil
}

func (s *Store) saveEndpoint(ctx context.Context, tx *sqlx.Tx, e Endpoint) error {
	if err := e.validate(); err != nil {
		return err
	}
	key, secrets, err := s.sealEndpoint(e)
	if err != nil {
		return err
	}
	otherDefault, err := s.exists(ctx, tx, `SELECT 1 FROM endpoints WHERE is_default AND endpoint_id <> ?`, e.ID)
	if err != nil {
		return err
	}
	e.Default = e.Default || !otherDefault
	if e.Default {
		if _, err := s.exec(ctx, tx, `UPDATE endpoints SET is_default = ? WHERE is_default`, false); err != nil {
			return err
		}
	}
	_, err = s.exec(ctx, tx, `
		INSERT INTO endpoints (endpoint_id, url, api_key, signing_secrets, state, is_default, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (endpoint_id) DO UPDATE SET url = excluded.url, api_key = excluded.api_key,
			signing_secrets = excluded.signing_secrets, state = excluded.state, is_default = excluded.is_default,
			updated_at = excluded.updated_at`,
		e.ID, e.URL, key, secrets, e.State, e.Default, now(), now())
	return err
}

func (s *Store) sealEndpoint(e Endpoint) (key, secrets string, err error) {
	if key, err = s.key.seal(endpointKeyColumn, e.APIKey); err != nil {
		return "", "", err
	}
	raw, err := json.Marshal(e.Secrets)
	if err != nil {
		return "", "", fmt.Errorf("render signing secrets: %w", err)
	}
	secrets, err = s.key.seal(endpointSecretsColumn, string(raw))
	return key, secrets, err
}

func (e Endpoint) validate() error {
	switch {
	case e.ID == "" || len(e.ID) > maxLabel:
		return invalid("id must have 1 to %d characters", maxLabel)
	case !isURL(e.URL, "http", "https"):
		return invalid("url must look like https://crm.example.com/hooks/calls")
	case len(e.APIKey) > maxText || strings.ContainsAny(e.APIKey, "\r\n\x00"):
		return invalid("api_key must have at most %d characters, on one line", maxText)
	case e.State != EndpointActive && e.State != EndpointPaused:
		return invalid("state must be active or paused")
	case len(e.Secrets) == 0 || len(e.Secrets) > maxSigningSecrets:
		return invalid("there must be 1 to %d signing secrets", maxSigningSecrets)
	}
	for i, secret := range e.Secrets {
		text, ok := strings.CutPrefix(secret.Secret, secretPrefix)
		raw, err := base64.StdEncoding.DecodeString(text)
		if !ok || err != nil || len(raw) < minSecret || len(raw) > maxSecret {
			return invalid("signing secret %d must be whsec_ and base64 of %d to %d bytes", i+1, minSecret, maxSecret)
		}
	}
	return nil
}
