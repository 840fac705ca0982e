package store

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// EndpointTarget is where an endpoint's webhooks go, and what is sent with them. Nil fields stay as they are.
type EndpointTarget struct {
	URL     *string
	APIKey  *string           // sent as X-api-key; empty: none is
	Headers map[string]string // all of the endpoint's own; empty and not nil: none
	TLS     *EndpointTLS
	State   *EndpointState
	Name    *string

	EventTypes   []string // not nil: an endpoint beside the default one
	Filter       *EventFilter
	Schedule     []time.Duration // empty and not nil: that of the settings
	MaxPerSecond *int
}

// AddEndpoint makes an endpoint, with a signing secret of its own: the default one that outcomes go to, or, with event types, one beside
// it. ErrInvalid names a field that cannot be used. ErrConflict says that there is a default one already, or a hundred in all.
func (s *Store) AddEndpoint(ctx context.Context, to EndpointTarget) (Endpoint, error) {
	e := to.of(Endpoint{ID: NewEndpointID(), Secrets: []SigningSecret{NewSigningSecret()}, State: EndpointActive})
	err := s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if err := s.lockTable(ctx, tx, "endpoints"); err != nil {
			return err
		}
		if err := s.roomFor(ctx, tx, to.EventTypes == nil); err != nil {
			return err
		}
		if err := e.checkSubscription(to.EventTypes == nil, to); err != nil {
			return err
		}
		return s.saveEndpoint(ctx, tx, e)
	})
	if err != nil {
		return Endpoint{}, fmt.Errorf("add endpoint: %w", err)
	}
	s.subscribers.forget()
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
		e, err := s.readEndpoint(ctx, tx, `WHERE endpoint_id = ? AND removed_at IS NULL`, id)
		if err != nil {
			return err
		}
		if err := to.carriesSecrets(e); err != nil {
			return err
		}
		changed := to.of(e)
		if err := changed.checkSubscription(e.Default, to); err != nil {
			return err
		}
		return s.saveEndpoint(ctx, tx, changed)
	})
	if err != nil {
		return Endpoint{}, fmt.Errorf("change endpoint %s: %w", id, err)
	}
	s.subscribers.forget()
	return s.Endpoint(ctx, id)
}

func (t EndpointTarget) of(e Endpoint) Endpoint {
	e.URL, e.APIKey, e.TLS, e.State = or(t.URL, e.URL), or(t.APIKey, e.APIKey), or(t.TLS, e.TLS), or(t.State, e.State)
	e.Name, e.Filter, e.MaxPerSecond = or(t.Name, e.Name), or(t.Filter, e.Filter), or(t.MaxPerSecond, e.MaxPerSecond)
	if t.Headers != nil {
		e.Headers = t.Headers
	}
	if t.EventTypes != nil {
		e.EventTypes = t.EventTypes
	}
	if t.Schedule != nil {
		e.Schedule = t.Schedule
	}
	return e
}

// roomFor returns ErrConflict when there is no room for one endpoint more.
func (s *Store) roomFor(ctx context.Context, tx *sqlx.Tx, isDefault bool) error {
	taken, err := s.exists(ctx, tx, `SELECT 1 FROM endpoints WHERE is_default`)
	if err != nil {
		return err
	}
	if isDefault && taken {
		return fmt.Errorf("%w: there is an endpoint already", ErrConflict)
	}
	full, err := s.exists(ctx, tx, `SELECT 1 FROM endpoints WHERE removed_at IS NULL LIMIT 1 OFFSET ?`, maxEndpoints-1)
	if err == nil && full {
		err = fmt.Errorf("%w: there are %d endpoints", ErrConflict, maxEndpoints)
	}
	return err
}

// checkSubscription keeps the default endpoint as the contract has it, and others from hearing of nothing.
func (e Endpoint) checkSubscription(isDefault bool, to EndpointTarget) error {
	switch {
	case isDefault && len(to.EventTypes) > 0:
		return invalid("event_types cannot be chosen for the endpoint that outcomes go to: add another one")
	case isDefault && to.Filter != nil && !reflect.DeepEqual(*to.Filter, EventFilter{}):
		return invalid("filter cannot be set for the endpoint that outcomes go to: every outcome goes there")
	case !isDefault && len(e.EventTypes) == 0:
		return invalid("event_types must name at least one")
	}
	return nil
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
