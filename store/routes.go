package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

const maxRoutes = 200

// routeDocument is what the column document holds of a route.
type routeDocument struct {
	Match    call.RouteMatch   `json:"match"`
	Trunks   []call.RouteTrunk `json:"trunks"`
	CallerID call.CallerID     `json:"caller_id"`
}

// NewRouteID returns a fresh id for [Store.SaveRoute].
func NewRouteID() string { return "rte_" + rand.Text() }

// Routes returns all routes in the order in which they are asked, at most 200.
func (s *Store) Routes(ctx context.Context) ([]call.Route, error) {
	var rows []struct {
		ID       string `db:"route_id"`
		Name     string `db:"name"`
		Enabled  bool   `db:"enabled"`
		Document string `db:"document"`
	}
	err := s.list(ctx, s.read, &rows, `SELECT route_id, name, enabled, document FROM routes ORDER BY position, route_id LIMIT ?`, maxRoutes)
	if err != nil {
		return nil, fmt.Errorf("list routes: %w", err)
	}
	routes := make([]call.Route, len(rows))
	for i, r := range rows {
		var d routeDocument
		if err := json.Unmarshal([]byte(r.Document), &d); err != nil {
			return nil, fmt.Errorf("read route %s: %w", r.ID, err)
		}
		routes[i] = call.Route{ID: r.ID, Name: r.Name, Enabled: r.Enabled, Match: d.Match, Trunks: d.Trunks, CallerID: d.CallerID}
	}
	return routes, nil
}

// SaveRoute creates or changes the route with r.ID; a new one is asked last. ErrInvalid names every mistake, ErrConflict when there are
// 200. Idempotent.
func (s *Store) SaveRoute(ctx context.Context, r call.Route) error {
	document, err := json.Marshal(routeDocument{Match: r.Match, Trunks: r.Trunks, CallerID: r.CallerID})
	if err != nil {
		return fmt.Errorf("save route %s: %w", r.ID, err)
	}
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if err := s.lockTable(ctx, tx, "trunks"); err != nil { // so that none of the route's is deleted meanwhile
			return err
		}
		var trunks []string
		if err := s.list(ctx, tx, &trunks, `SELECT trunk_id FROM trunks LIMIT ?`, maxTrunks); err != nil {
			return err
		}
		known := map[string]bool{}
		for _, id := range trunks {
			known[id] = true
		}
		if err := r.Validate(known); err != nil {
			return fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		n, err := s.exec(ctx, tx, `INSERT INTO routes (route_id, position, name, enabled, document, updated_at)
			SELECT ?, (SELECT COALESCE(MAX(position), 0) + 1 FROM routes), ?, ?, ?, ? WHERE (SELECT COUNT(*) FROM routes WHERE route_id <> ?) < ?
			ON CONFLICT (route_id) DO UPDATE SET name = excluded.name, enabled = excluded.enabled, document = excluded.document,
				updated_at = excluded.updated_at`,
			r.ID, r.Name, r.Enabled, string(document), now(), r.ID, maxRoutes)
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: there are %d routes", ErrConflict, maxRoutes)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("save route %s: %w", r.ID, err)
	}
	return nil
}

// OrderRoutes has the routes asked in the order of ids, which must name each of them once: ErrConflict otherwise, and no change.
func (s *Store) OrderRoutes(ctx context.Context, ids []string) error {
	err := s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if err := s.lockTable(ctx, tx, "routes"); err != nil {
			return err
		}
		var there int
		if err := s.get(ctx, tx, &there, `SELECT COUNT(*) FROM routes`); err != nil {
			return err
		}
		seen := map[string]bool{}
		for i, id := range ids {
			seen[id] = true
			n, err := s.exec(ctx, tx, `UPDATE routes SET position = ? WHERE route_id = ?`, i+1, id)
			if err := found(n, err, "move route", id); err != nil {
				return err
			}
		}
		if len(seen) != there || len(ids) != there {
			return fmt.Errorf("%w: the order must name each route once", ErrConflict)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("order routes: %w", err)
	}
	return nil
}

// DeleteRoute removes a route. Its calls go by the next that matches. ErrNotFound when there is none.
func (s *Store) DeleteRoute(ctx context.Context, id string) error {
	n, err := s.exec(ctx, s.write, `DELETE FROM routes WHERE route_id = ?`, id)
	return found(n, err, "delete route", id)
}

// NextTurn counts a call of a route, for a round robin of its caller IDs, and returns how many there were before.
func (s *Store) NextTurn(ctx context.Context, id string) (turn uint64, err error) {
	err = s.get(ctx, s.write, &turn, `UPDATE routes SET turn = turn + 1 WHERE route_id = ? RETURNING turn - 1`, id)
	if err != nil {
		return 0, fmt.Errorf("take the turn of route %s: %w", id, err)
	}
	return turn, nil
}
