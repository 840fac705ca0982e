package store

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/jmoiron/sqlx"
)

// EndpointTarget is where an endpoint's webhooks go, and what is sent with them. Nil fields stay as they are.
type EndpointTarget struct {
	URL     *string
	APIKey  *string           // sent as X-api-key; empty: none is
	Headers map[string]string // all of the endpoint's own; empty and not nil: none
	TLS     *EndpointTLS
	State   *EndpointState
}

// AddEndpoint makes the endpoint that outcomes go to, with a signing secret of its own. ErrInvalid names a field that cannot
// be used, ErrConflict says that there is an endpoint already: an outcome is posted to one URL, and a second one would wait
// for nothing.
func (s *Store) AddEndpoint(ctx context.Context, to EndpointTarget) (Endpoint, error) {
	e := to.of(Endpoint{ID: NewEndpointID(), Secrets: []SigningSecret{NewSigningSecret()}, State: EndpointActive})
	err := s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if err := s.lockTable(ctx, tx, "endpoints"); err != nil {
			return err
		}
		taken, err := s.exists(ctx, tx, `SELECT 1 FROM endpoints`)
		if err != nil {
			return err
		}
		if taken {
			return fmt.Errorf("%w: there is an endpoint already", ErrConflict)
		}
		return s.saveEndpoint(ctx, tx, e)
	})
	if err != nil {
		return Endpoint{}, fmt.Errorf("add endpoint: %w", err)
	}
	return s.Endpoint(ctx, e.ID)
}

// ChangeEndpoint changes where an endpoint's webhooks go, for deliveries under way, too, from their next attempt on. Its
// signing secrets and health stay. Idempotent. ErrInvalid names a field that cannot be used, or that must be given again for
// another host; ErrNotFound when there is no such endpoint.
func (s *Store) ChangeEndpoint(ctx context.Context, id string, to EndpointTarget) (Endpoint, error) {
	if id == "" {
		return Endpoint{}, fmt.Errorf("change endpoint: %w", ErrNotFound)
	}
	err := s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if err := s.lockTable(ctx, tx, "endpoints"); err != nil {
			return err
		}
		e, err := s.readEndpoint(ctx, tx, `WHERE endpoint_id = ?`, id)
		if err != nil {
			return err
		}
		if err := to.carriesSecrets(e); err != nil {
			return err
		}
		return s.saveEndpoint(ctx, tx, to.of(e))
	})
	if err != nil {
		return Endpoint{}, fmt.Errorf("change endpoint %s: %w", id, err)
	}
	return s.Endpoint(ctx, id)
}

func (t EndpointTarget) of(e Endpoint) Endpoint {
	e.URL, e.APIKey, e.TLS, e.State = or(t.URL, e.URL), or(t.APIKey, e.APIKey), or(t.TLS, e.TLS), or(t.State, e.State)
	if t.Headers != nil {
		e.Headers = t.Headers
	}
	return e
}

func or[T any](changed *T, stored T) T {
	if changed != nil {
		return *changed
	}
	return stored
}

// carriesSecrets refuses to send what is stored to another host: nobody can read it here, and whoever may change the URL
// could read it there.
func (t EndpointTarget) carriesSecrets(e Endpoint) error {
	switch {
	case t.URL == nil || !isURL(*t.URL, "http", "https") || origin(*t.URL) == origin(e.URL):
		return nil
	case e.APIKey != "" && t.APIKey == nil:
		return invalid("api_key must be typed again for another host")
	case len(e.Headers) > 0 && t.Headers == nil:
		return invalid("headers must be typed again for another host")
	}
	return nil
}

// origin is the part of a URL that says who reads what is sent there.
func origin(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
