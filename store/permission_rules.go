package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

// PermissionRules returns the rules in force. Before the first save they allow everything, at version 0.
func (s *Store) PermissionRules(ctx context.Context) (call.PermissionRules, error) {
	rules, err := s.permissionRules(ctx, s.read)
	if err != nil {
		return call.PermissionRules{}, fmt.Errorf("read permission rules: %w", err)
	}
	return rules, nil
}

func (s *Store) permissionRules(ctx context.Context, q sqlx.QueryerContext) (call.PermissionRules, error) {
	var row struct {
		Version  int64  `db:"version"`
		Document string `db:"document"`
	}
	rules := call.DefaultPermissionRules()
	err := s.get(ctx, q, &row, `SELECT version, document FROM permission_rules WHERE version = (SELECT MAX(version) FROM permission_rules)`)
	if errors.Is(err, ErrNotFound) {
		return rules, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(row.Document), &rules)
	}
	rules.Version = row.Version
	return rules, err
}

// SavePermissionRules makes rules the ones in force and returns their version. Rules.Version must be the version that was read:
// ErrConflict when somebody saved in between. ErrInvalid names what is wrong. Earlier versions are kept: every decision names
// the version that it was made by.
func (s *Store) SavePermissionRules(ctx context.Context, rules call.PermissionRules, by string) (version int64, err error) {
	if err := rules.Validate(); err != nil {
		return 0, fmt.Errorf("save permission rules: %w: %w", ErrInvalid, err)
	}
	document, err := json.Marshal(rules)
	if err != nil {
		return 0, fmt.Errorf("save permission rules: %w", err)
	}
	version = rules.Version + 1
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if err := s.lockTable(ctx, tx, "permission_rules"); err != nil {
			return err
		}
		old, err := s.permissionRules(ctx, tx)
		if err != nil {
			return err
		}
		if old.Version != rules.Version {
			return fmt.Errorf("%w: the rules are at version %d by now: read them again and repeat the change", ErrConflict, old.Version)
		}
		_, err = s.exec(ctx, tx, `INSERT INTO permission_rules (version, document, saved_at, saved_by) VALUES (?, ?, ?, ?)`,
			version, string(document), now(), clip(by, maxText))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("save permission rules: %w", err)
	}
	return version, nil
}
