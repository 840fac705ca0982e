package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
)

const (
	endpointKeyColumn     = "endpoints.api_key"
	endpointSecretsColumn = "endpoints.signing_secrets"
	endpointHeadersColumn = "endpoints.headers"
	endpointTLSColumn     = "endpoints.tls"

	maxEndpoints = 100
)

// EndpointState says whether deliveries go to an endpoint.
type EndpointState string

// The states of an endpoint.
const (
	EndpointActive EndpointState = "active"
	EndpointPaused EndpointState = "paused"
)

// Endpoint is a URL that outcomes are delivered to. Its key, secrets, headers and certificates are sealed in the database.
type Endpoint struct {
	ID      string
	URL     string // http or https; whether http may be used is a setting
	APIKey  string // sent as X-api-key; may be empty
	Secrets []SigningSecret
	Headers map[string]string // sent with every webhook; they cannot override ours
	TLS     EndpointTLS
	State   EndpointState
	Default bool   // outcomes go here, as the webhook of version 1
	Name    string // for people
	Subscription
	Health EndpointHealth // as attempts told; SaveEndpoint ignores it
}

type endpointRow struct {
	healthRow
	subscriptionRow

	ID      string `db:"endpoint_id"`
	URL     string `db:"url"`
	APIKey  string `db:"api_key"`
	Secrets string `db:"signing_secrets"`
	Headers string `db:"headers"`
	TLS     string `db:"tls"`
	Default bool   `db:"is_default"`
	Name    string `db:"name"`
}

const selectEndpoint = `SELECT endpoint_id, url, api_key, signing_secrets, headers, tls, is_default, name, ` +
	subscriptionColumns + `, ` + healthColumns + ` FROM endpoints `

// NewEndpointID returns a fresh id for [Store.SaveEndpoint].
func NewEndpointID() string { return "ep_" + rand.Text() }

// DefaultEndpoint returns the endpoint that outcomes are delivered to. ErrNotFound when there is none yet.
func (s *Store) DefaultEndpoint(ctx context.Context) (Endpoint, error) {
	return s.endpoint(ctx, "read default endpoint", `WHERE is_default`)
}

// Endpoint returns an endpoint. An empty id means the default one: a delivery has no endpoint when there was none at the
// end of its call. ErrNotFound when there is none, ErrRemoved when it was taken away, ErrWrongKey when its secrets were sealed with another key.
func (s *Store) Endpoint(ctx context.Context, id string) (Endpoint, error) {
	if id == "" {
		return s.DefaultEndpoint(ctx)
	}
	e, err := s.endpoint(ctx, "read endpoint "+id, `WHERE endpoint_id = ? AND removed_at IS NULL`, id)
	if errors.Is(err, ErrNotFound) {
		if removed, failed := s.exists(ctx, s.read, `SELECT 1 FROM endpoints WHERE endpoint_id = ?`, id); failed != nil || removed {
			return Endpoint{}, fmt.Errorf("read endpoint %s: %w", id, cmp.Or(failed, ErrRemoved))
		}
	}
	return e, err
}

func (s *Store) endpoint(ctx context.Context, verb, where string, args ...any) (Endpoint, error) {
	e, err := s.readEndpoint(ctx, s.read, where, args...)
	if err != nil {
		return Endpoint{}, fmt.Errorf("%s: %w", verb, err)
	}
	return e, nil
}

// Endpoints returns at most 100 endpoints: the default one first, the others by age. ErrWrongKey when their secrets were
// sealed with another key.
func (s *Store) Endpoints(ctx context.Context) ([]Endpoint, error) {
	var rows []endpointRow
	if err := s.list(ctx, s.read, &rows, selectEndpoint+`WHERE removed_at IS NULL ORDER BY is_default DESC, created_at, endpoint_id LIMIT ?`, maxEndpoints); err != nil {
		return nil, fmt.Errorf("list endpoints: %w", err)
	}
	endpoints := make([]Endpoint, len(rows))
	for i, row := range rows {
		e, err := s.openEndpoint(row)
		if err != nil {
			return nil, fmt.Errorf("open endpoint %s: %w", row.ID, err)
		}
		endpoints[i] = e
	}
	return endpoints, nil
}

func (s *Store) readEndpoint(ctx context.Context, q sqlx.QueryerContext, where string, args ...any) (Endpoint, error) {
	var row endpointRow
	if err := s.get(ctx, q, &row, selectEndpoint+where, args...); err != nil {
		return Endpoint{}, err
	}
	return s.openEndpoint(row)
}

func (s *Store) openEndpoint(row endpointRow) (Endpoint, error) {
	e := Endpoint{ID: row.ID, URL: row.URL, State: row.State, Default: row.Default, Name: row.Name, Health: row.health()}
	var err error
	if e.Subscription, err = row.subscription(); err != nil {
		return Endpoint{}, err
	}
	if e.APIKey, err = s.key.open(endpointKeyColumn, row.APIKey); err != nil {
		return Endpoint{}, err
	}
	for _, column := range []struct {
		name, sealed string
		into         any
	}{
		{endpointSecretsColumn, row.Secrets, &e.Secrets},
		{endpointHeadersColumn, row.Headers, &e.Headers},
		{endpointTLSColumn, row.TLS, &e.TLS},
	} {
		if err := s.openJSON(column.name, column.sealed, column.into); err != nil {
			return Endpoint{}, err
		}
	}
	return e, nil
}

// openJSON opens a sealed document; an empty one changes nothing.
func (s *Store) openJSON(column, sealed string, into any) error {
	text, err := s.key.open(column, sealed)
	if err != nil || text == "" {
		return err
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("parse %s: %w", column, err)
	}
	return nil
}

func (s *Store) sealJSON(column string, v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("render %s: %w", column, err)
	}
	return s.key.seal(column, string(text))
}

// SaveEndpoint creates or changes the endpoint with e.ID. The first one without event types, and any saved with Default, is where outcomes
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
	s.subscribers.forget()
	return nil
}

func (s *Store) saveEndpoint(ctx context.Context, tx *sqlx.Tx, e Endpoint) error {
	if err := e.validate(); err != nil {
		return err
	}
	sealed, err := s.sealEndpoint(e)
	if err != nil {
		return err
	}
	otherDefault, err := s.exists(ctx, tx, `SELECT 1 FROM endpoints WHERE is_default AND endpoint_id <> ?`, e.ID)
	if err != nil {
		return err
	}
	e.Default = e.Default || !otherDefault && len(e.EventTypes) == 0
	if e.Default {
		if _, err := s.exec(ctx, tx, `UPDATE endpoints SET is_default = ? WHERE is_default`, false); err != nil {
			return err
		}
	}
	holds := 0
	if e.State == EndpointPaused {
		holds = 1
	}
	if sealed.subscriptionRow, err = e.Subscription.row(); err != nil {
		return err
	}
	_, err = s.exec(ctx, tx, `
		INSERT INTO endpoints (endpoint_id, url, api_key, signing_secrets, headers, tls, state, failures, failing_event, several_fail,
			reason, holds, is_default, created_at, updated_at, name, event_types, filter, schedule, max_per_second)
		VALUES (?, ?, ?, ?, ?, ?, ?, 0, '', ?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (endpoint_id) DO UPDATE SET url = excluded.url, api_key = excluded.api_key,
			signing_secrets = excluded.signing_secrets, headers = excluded.headers, tls = excluded.tls,
			holds = endpoints.holds + CASE WHEN endpoints.state = 'active' AND excluded.state = 'paused' THEN 1 ELSE 0 END,
			state = excluded.state, is_default = excluded.is_default, updated_at = excluded.updated_at, name = excluded.name,
			event_types = excluded.event_types, filter = excluded.filter, schedule = excluded.schedule, max_per_second = excluded.max_per_second`,
		e.ID, e.URL, sealed.APIKey, sealed.Secrets, sealed.Headers, sealed.TLS, e.State, false, holds, e.Default, now(), now(),
		e.Name, sealed.EventTypes, sealed.subscriptionRow.Filter, sealed.Schedule, sealed.MaxPerSecond)
	return err
}

func (s *Store) sealEndpoint(e Endpoint) (sealed endpointRow, err error) {
	if sealed.APIKey, err = s.key.seal(endpointKeyColumn, e.APIKey); err != nil {
		return sealed, err
	}
	if sealed.Secrets, err = s.sealJSON(endpointSecretsColumn, e.Secrets); err != nil {
		return sealed, err
	}
	if len(e.Headers) > 0 {
		if sealed.Headers, err = s.sealJSON(endpointHeadersColumn, e.Headers); err != nil {
			return sealed, err
		}
	}
	if e.TLS != (EndpointTLS{}) {
		sealed.TLS, err = s.sealJSON(endpointTLSColumn, e.TLS)
	}
	return sealed, err
}

func (e Endpoint) validate() error {
	switch {
	case e.ID == "" || len(e.ID) > maxLabel:
		return invalid("id must have 1 to %d characters", maxLabel)
	case len(e.Name) > maxLabel:
		return invalid("name must have at most %d characters", maxLabel)
	case !isURL(e.URL, "http", "https"):
		return invalid("url must look like https://crm.example.com/hooks/calls")
	case len(e.APIKey) > maxText || strings.ContainsAny(e.APIKey, "\r\n\x00"):
		return invalid("api_key must have at most %d characters, on one line", maxText)
	case e.State != EndpointActive && e.State != EndpointPaused:
		return invalid("state must be active or paused")
	case len(e.Headers) > maxStaticHeaders:
		return invalid("headers may be at most %d", maxStaticHeaders)
	case len(e.Secrets) == 0 || len(e.Secrets) > maxSigningSecrets:
		return invalid("there must be 1 to %d signing secrets", maxSigningSecrets)
	case !slices.ContainsFunc(e.Secrets, SigningSecret.lasts):
		return invalid("secrets must hold one that has no end: rotate first")
	}
	for i, secret := range e.Secrets {
		if err := secret.validate(); err != nil {
			return fmt.Errorf("signing secret %d: %w", i+1, err)
		}
	}
	if err := checkHeaders(e.Headers); err != nil {
		return err
	}
	if err := e.Subscription.validate(); err != nil {
		return err
	}
	return e.TLS.validate()
}
