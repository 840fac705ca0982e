package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// TemporalNamespace is where the calls of a database run. A namespace that was deleted, or a Temporal that lost its data, comes back
// with the same name and another id.
type TemporalNamespace struct {
	ID    string
	Name  string
	Since time.Time
}

type namespaceRow struct {
	ID    string `db:"namespace_id"`
	Name  string `db:"name"`
	Since stamp  `db:"since"`
}

// KeepTemporal keeps the namespace in which the calls of this database run, unless one is kept already, and returns the one that
// is kept. Idempotent.
func (s *Store) KeepTemporal(ctx context.Context, n TemporalNamespace) (TemporalNamespace, error) {
	kept, err := s.temporalNamespace(ctx)
	if errors.Is(err, ErrNotFound) {
		_, err = s.exec(ctx, s.write, `INSERT INTO temporal_namespace (only_one, namespace_id, name, since) VALUES (1, ?, ?, ?)
			ON CONFLICT (only_one) DO NOTHING`, n.ID, clip(n.Name, maxLabel), stamp(n.Since))
		if err == nil {
			kept, err = s.temporalNamespace(ctx)
		}
	}
	if err != nil {
		return TemporalNamespace{}, fmt.Errorf("keep the Temporal namespace: %w", err)
	}
	return kept, nil
}

// AdoptTemporal makes another namespace the one in which the calls of this database run, and returns the one that it was; the zero
// value when there was none. Idempotent.
func (s *Store) AdoptTemporal(ctx context.Context, n TemporalNamespace) (TemporalNamespace, error) {
	was, err := s.temporalNamespace(ctx)
	if err == nil || errors.Is(err, ErrNotFound) {
		_, err = s.exec(ctx, s.write, `INSERT INTO temporal_namespace (only_one, namespace_id, name, since) VALUES (1, ?, ?, ?)
			ON CONFLICT (only_one) DO UPDATE SET namespace_id = excluded.namespace_id, name = excluded.name, since = excluded.since`,
			n.ID, clip(n.Name, maxLabel), stamp(n.Since))
	}
	if err != nil {
		return TemporalNamespace{}, fmt.Errorf("adopt the Temporal namespace %s: %w", n.ID, err)
	}
	return was, nil
}

func (s *Store) temporalNamespace(ctx context.Context) (TemporalNamespace, error) {
	var r namespaceRow
	if err := s.get(ctx, s.write, &r, `SELECT namespace_id, name, since FROM temporal_namespace WHERE only_one = 1`); err != nil {
		return TemporalNamespace{}, err
	}
	return TemporalNamespace{ID: r.ID, Name: r.Name, Since: time.Time(r.Since)}, nil
}
