package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
)

// ErrOldSchema: the tables are not there, or are older than this version needs.
var ErrOldSchema = errors.New("run `click2call migrate` with this version, or `click2call serve`, which does it by itself")

// CheckSchema returns ErrOldSchema unless [Store.Migrate] of this version or of a later one has run: old processes work on a newer
// schema. It changes nothing.
func (s *Store) CheckSchema(ctx context.Context) error {
	needs, err := s.target.newestMigration()
	if err != nil {
		return fmt.Errorf("check the schema: %w", err)
	}
	has, err := s.schemaVersion(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("check the schema: %w", err)
	case has == 0:
		return fmt.Errorf("the database has no tables yet: %w", ErrOldSchema)
	case has < needs:
		return fmt.Errorf("the database has schema %d and this version needs %d: %w", has, needs, ErrOldSchema)
	}
	return nil
}

// newestMigration is the last of this version's migrations.
func (t target) newestMigration() (int64, error) {
	folder := "migrations/sqlite"
	if t.dialect == dialectPostgres {
		folder = "migrations/postgres"
	}
	files, err := migrations.ReadDir(folder) // sorted by name, which begins with the number
	if err != nil {
		return 0, err
	}
	return goose.NumericComponent(files[len(files)-1].Name())
}

// schemaVersion is the newest migration that was applied, 0 when none was.
func (s *Store) schemaVersion(ctx context.Context) (int64, error) {
	there := `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'`
	if s.target.dialect == dialectPostgres {
		there = `SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass('goose_db_version')`
	}
	var n int64
	if err := s.get(ctx, s.read, &n, there); err != nil || n == 0 {
		return 0, err
	}
	err := s.get(ctx, s.read, &n, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied`)
	return n, err
}
