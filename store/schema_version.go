package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pressly/goose/v3"
)

// ErrOldSchema: the tables are not there, or are older than this version needs.
var ErrOldSchema = errors.New("run `click2call migrate` with this version, or `click2call serve`, which does it by itself")

// CheckSchema returns ErrOldSchema unless [Store.Migrate] of this version or of a later one has run: old processes work on a newer
// schema. It changes nothing.
func (s *Store) CheckSchema(ctx context.Context) error {
	needed, err := s.target.migrationNumbers()
	if err != nil {
		return fmt.Errorf("check the schema: %w", err)
	}
	applied, err := s.appliedMigrations(ctx)
	if err != nil {
		return fmt.Errorf("check the schema: %w", err)
	}
	if len(applied) == 0 {
		return fmt.Errorf("the database has no tables yet: %w", ErrOldSchema)
	}
	for _, n := range needed {
		if !slices.Contains(applied, n) {
			return fmt.Errorf("the database's schema is older than this version needs (migration %d): %w", n, ErrOldSchema)
		}
	}
	return nil
}

// migrationNumbers are those of this version's migrations.
func (t target) migrationNumbers() ([]int64, error) {
	folder := "migrations/sqlite"
	if t.dialect == dialectPostgres {
		folder = "migrations/postgres"
	}
	files, err := migrations.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	numbers := make([]int64, len(files))
	for i, f := range files {
		if numbers[i], err = goose.NumericComponent(f.Name()); err != nil {
			return nil, err
		}
	}
	return numbers, nil
}

// appliedMigrations are those that the database has had, none when there is no table of them.
func (s *Store) appliedMigrations(ctx context.Context) (numbers []int64, err error) {
	there := `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'`
	if s.target.dialect == dialectPostgres {
		there = `SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass('goose_db_version')`
	}
	var n int64
	if err := s.get(ctx, s.read, &n, there); err != nil || n == 0 {
		return nil, err
	}
	err = s.list(ctx, s.read, &numbers, `SELECT version_id FROM goose_db_version WHERE is_applied AND version_id > 0`)
	return numbers, err
}
