package store

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// EndpointTarget is where an endpoint's webhooks go and with which key. Nil fields stay as they are.
type EndpointTarget struct {
	URL    *string
	APIKey *string // sent as X-api-key; empty: none is
}

// AddEndpoint makes the endpoint that outcomes go to, with a signing secret of its own. ErrInvalid names a field that cannot
// be used, ErrConflict says that there is an endpoint already: an outcome is posted to one URL, and a second one would wait
// for nothing.
func (s *Store) AddEndpoint(ctx context.Context, to EndpointTarget) (Endpoint, error) {
	e := Endpoint{ID: NewEndpointID(), URL: valueOf(to.URL), APIKey: valueOf(to.APIKey), Secrets: []SigningSecret{NewSigningSecret()}, State: EndpointActive}
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
// secrets, headers and health stay. Idempotent. ErrInvalid names a field that cannot be used, ErrNotFound when there is no
// such endpoint.
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
		if to.URL != nil {
			e.URL = *to.URL
		}
		if to.APIKey != nil {
			e.APIKey = *to.APIKey
		}
		return s.saveEndpoint(ctx, tx, e)
	})
	if err != nil {
		return Endpoint{}, fmt.Errorf("change endpoint %s: %w", id, err)
	}
	return s.Endpoint(ctx, id)
}
