package store

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

const (
	maxTrunks = 1000
	maxLabel  = 128
	maxLimit  = 100_000 // calls at once or a second
)

type trunkRow struct {
	ID             string `db:"trunk_id"`
	Label          string `db:"label"`
	LiveKitTrunkID string `db:"livekit_trunk_id"`
	Prefix         string `db:"prefix"`
	DefaultDID     string `db:"default_did"`
	Default        bool   `db:"is_default"`
	Enabled        bool   `db:"enabled"`
	Concurrent     int    `db:"max_concurrent_calls"`
	PerSecond      int    `db:"max_calls_per_second"`
}

func (r trunkRow) trunk() call.Trunk {
	return call.Trunk{ID: r.ID, Label: r.Label, LiveKitTrunkID: r.LiveKitTrunkID, Prefix: r.Prefix, DefaultDID: r.DefaultDID,
		Default: r.Default, Enabled: r.Enabled, Limits: call.Limits{Concurrent: r.Concurrent, PerSecond: r.PerSecond}}
}

const selectTrunk = `SELECT trunk_id, label, livekit_trunk_id, prefix, default_did, is_default, enabled, max_concurrent_calls,
	max_calls_per_second FROM trunks `

// NewTrunkID returns a fresh id for [Store.SaveTrunk].
func NewTrunkID() string { return "trk_" + rand.Text() }

// Trunk returns a trunk, enabled or not. ErrNotFound when there is none.
func (s *Store) Trunk(ctx context.Context, id string) (call.Trunk, error) {
	var row trunkRow
	if err := s.get(ctx, s.read, &row, selectTrunk+`WHERE trunk_id = ?`, id); err != nil {
		return call.Trunk{}, fmt.Errorf("read trunk %s: %w", id, err)
	}
	return row.trunk(), nil
}

// Trunks returns all trunks by position, at most 1,000.
func (s *Store) Trunks(ctx context.Context) ([]call.Trunk, error) {
	var rows []trunkRow
	if err := s.list(ctx, s.read, &rows, selectTrunk+`ORDER BY position, trunk_id LIMIT ?`, maxTrunks); err != nil {
		return nil, fmt.Errorf("list trunks: %w", err)
	}
	trunks := make([]call.Trunk, len(rows))
	for i, r := range rows {
		trunks[i] = r.trunk()
	}
	return trunks, nil
}

// SaveTrunk creates or changes the trunk with t.ID; a new one comes last. Exactly one trunk is the default: saving
// another as the default takes the mark from the old one, the first trunk gets it unasked, and taking it away without
// giving it to another is ErrConflict. ErrInvalid names a field that cannot be used. Idempotent.
func (s *Store) SaveTrunk(ctx context.Context, t call.Trunk) error {
	if err := checkTrunk(&t); err != nil {
		return fmt.Errorf("save trunk %s: %w", t.ID, err)
	}
	err := s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if err := s.lockTable(ctx, tx, "trunks"); err != nil {
			return err
		}
		return s.saveTrunk(ctx, tx, t)
	})
	if err != nil {
		return fmt.Errorf("save trunk %s: %w", t.ID, err)
	}
	return nil
}

func (s *Store) saveTrunk(ctx context.Context, tx *sqlx.Tx, t call.Trunk) error {
	otherDefault, err := s.exists(ctx, tx, `SELECT 1 FROM trunks WHERE is_default AND trunk_id <> ?`, t.ID)
	if err != nil {
		return err
	}
	if !t.Default && !otherDefault {
		isDefault, err := s.exists(ctx, tx, `SELECT 1 FROM trunks WHERE is_default AND trunk_id = ?`, t.ID)
		if err != nil {
			return err
		}
		if isDefault {
			return fmt.Errorf("%w: it is the default: make another trunk the default instead", ErrConflict)
		}
		t.Default = true
	}
	if t.Default {
		if _, err := s.exec(ctx, tx, `UPDATE trunks SET is_default = ? WHERE is_default`, false); err != nil {
			return err
		}
	}
	_, err = s.exec(ctx, tx, `
		INSERT INTO trunks (trunk_id, label, livekit_trunk_id, prefix, default_did, is_default, enabled,
			max_concurrent_calls, max_calls_per_second, position, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT COALESCE(MAX(position), 0) + 1 FROM trunks), ?, ?)
		ON CONFLICT (trunk_id) DO UPDATE SET label = excluded.label, livekit_trunk_id = excluded.livekit_trunk_id,
			prefix = excluded.prefix, default_did = excluded.default_did, is_default = excluded.is_default,
			enabled = excluded.enabled, max_concurrent_calls = excluded.max_concurrent_calls,
			max_calls_per_second = excluded.max_calls_per_second, updated_at = excluded.updated_at`,
		t.ID, t.Label, t.LiveKitTrunkID, t.Prefix, t.DefaultDID, t.Default, t.Enabled, t.Limits.Concurrent, t.Limits.PerSecond,
		now(), now())
	if err != nil {
		return err
	}
	_, err = s.exec(ctx, tx, `DELETE FROM dial_faults WHERE subject = ?`, t.ID) // it may be mended by this
	return err
}

func checkTrunk(t *call.Trunk) error {
	for name, v := range map[string]string{"id": t.ID, "livekit_trunk_id": t.LiveKitTrunkID} {
		if v == "" || len(v) > maxLabel {
			return invalid("%s must have 1 to %d characters", name, maxLabel)
		}
	}
	if len(t.Label) > maxLabel {
		return invalid("label must have at most %d characters", maxLabel)
	}
	if err := call.CheckPrefix(t.Prefix); err != nil {
		return invalid("prefix %s", err)
	}
	if t.Limits.Concurrent < 0 || t.Limits.PerSecond < 0 || max(t.Limits.Concurrent, t.Limits.PerSecond) > maxLimit {
		return invalid("limits must be between 0 (none) and %d", maxLimit)
	}
	did, err := call.NormalizeDID(t.DefaultDID)
	if err != nil {
		return invalid("default_did %s", err)
	}
	t.DefaultDID = did
	return nil
}

// OrderTrunks gives the trunks the positions 1, 2, 3… in the order of ids; trunks that are not named come after them,
// in their old order. ErrNotFound, and no change, when one of ids is unknown.
func (s *Store) OrderTrunks(ctx context.Context, ids []string) error {
	if len(ids) > maxTrunks {
		return fmt.Errorf("order trunks: %w", invalid("there are at most %d trunks", maxTrunks))
	}
	err := s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if err := s.lockTable(ctx, tx, "trunks"); err != nil {
			return err
		}
		if _, err := s.exec(ctx, tx, `UPDATE trunks SET position = position + ?`, len(ids)); err != nil {
			return err
		}
		for i, id := range ids {
			n, err := s.exec(ctx, tx, `UPDATE trunks SET position = ? WHERE trunk_id = ?`, i+1, id)
			if err := found(n, err, "move trunk", id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("order trunks: %w", err)
	}
	return nil
}

// DeleteTrunk deletes a trunk that no call refers to; ErrConflict otherwise: disable it instead. When it was the
// default, the first of the others becomes it. ErrNotFound when there is none.
func (s *Store) DeleteTrunk(ctx context.Context, id string) error {
	err := s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if err := s.lockTable(ctx, tx, "trunks"); err != nil {
			return err
		}
		routed, err := s.exists(ctx, tx, `SELECT 1 FROM routes WHERE document LIKE ? LIMIT 1`, `%"`+id+`"%`)
		if err == nil && routed {
			err = fmt.Errorf("%w: a route names it: take it out of the route first", ErrConflict)
		}
		if err != nil {
			return err
		}
		n, err := s.exec(ctx, tx, `DELETE FROM trunks WHERE trunk_id = ?`, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNotFound
		}
		if _, err := s.exec(ctx, tx, `DELETE FROM dial_faults WHERE subject = ?`, id); err != nil {
			return err
		}
		_, err = s.exec(ctx, tx, `UPDATE trunks SET is_default = ?
			WHERE trunk_id = (SELECT trunk_id FROM trunks ORDER BY enabled DESC, position, trunk_id LIMIT 1)
			AND NOT EXISTS (SELECT 1 FROM trunks WHERE is_default)`, true)
		return err
	})
	if err != nil {
		return fmt.Errorf("delete trunk %s: %w", id, err)
	}
	return nil
}
