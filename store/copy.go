package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// ErrInUse: the database that was to be filled holds something already.
var ErrInUse = errors.New("the database is in use already; an empty one is needed")

// copyTimeout bounds a whole copy: about a million calls.
const copyTimeout = time.Hour

// copied are the tables in an order in which what is referred to comes first. Goose's table and key_check are made by Migrate.
var copied = []string{
	"trunks", "endpoints", "event_outbox", "calls", "refused_calls", "call_timeline", "idempotency_keys", "settings", "settings_history", "api_keys", "deliveries",
	"delivery_attempts", "replays", "replay_items", "users", "sessions", "audit_log", "ledger",
	"routes", "permission_rules", "number_key", "do_not_call_lists", "do_not_call", "do_not_call_imports", "dialed_numbers", "dial_attempts", "dial_queue", "trunk_breakers",
	"ledger_brake", "temporal_namespace", "dial_faults", "retention", "receiver_links",
}

// CopyFrom copies all that a SQLite store holds into this PostgreSQL one, in one transaction: it arrives whole or not at all.
// Both must have been migrated, with the same secret key. ErrInUse when this store is not empty. Nothing may write to either
// meanwhile. Tell, which may be nil, hears of each table.
func (s *Store) CopyFrom(ctx context.Context, from *Store, tell func(table string, rows int)) error {
	if from.target.dialect != dialectSQLite || s.target.dialect != dialectPostgres {
		return errors.New("copy: only from SQLite to PostgreSQL")
	}
	ctx, cancel := context.WithTimeout(ctx, copyTimeout)
	defer cancel()
	to, err := s.target.openPostgres(copyTimeout, s.target.transactionLimits(copyTimeout))
	if err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	defer func() { _ = to.Close() }()
	tx, err := to.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it says ErrTxDone
	for _, table := range copied {
		rows, err := copyTable(ctx, tx, from.read, table)
		if err != nil {
			return fmt.Errorf("copy table %s: %w", table, err)
		}
		if tell != nil {
			tell(table, rows)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	return s.FoldSums(ctx)
}

// column is one of a table's, with PostgreSQL's name of its type.
type column struct {
	Name     string `db:"column_name"`
	Type     string `db:"data_type"`
	Identity string `db:"is_identity"`
}

func copyTable(ctx context.Context, to *sqlx.Tx, from *sqlx.DB, table string) (int, error) {
	used := false
	if err := to.GetContext(ctx, &used, "SELECT EXISTS (SELECT 1 FROM "+table+")"); err != nil {
		return 0, err
	}
	if used {
		return 0, ErrInUse
	}
	var columns []column
	err := to.SelectContext(ctx, &columns, `SELECT column_name, data_type, is_identity FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position`, table)
	if err != nil {
		return 0, err
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	list := strings.Join(names, ", ")
	insert, err := to.PreparexContext(ctx, to.Rebind("INSERT INTO "+table+" ("+list+") OVERRIDING SYSTEM VALUE VALUES (?"+
		strings.Repeat(", ?", len(names)-1)+")"))
	if err != nil {
		return 0, err
	}
	defer func() { _ = insert.Close() }()
	n, err := copyRows(ctx, insert, from, "SELECT "+list+" FROM "+table, columns)
	if err != nil {
		return n, err
	}
	return n, continueIdentity(ctx, to, table, columns)
}

func copyRows(ctx context.Context, insert *sqlx.Stmt, from *sqlx.DB, query string, columns []column) (n int, err error) {
	rows, err := from.QueryxContext(ctx, query)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		values, err := rows.SliceScan()
		if err != nil {
			return n, err
		}
		for i, c := range columns {
			values[i] = c.fromSQLite(values[i])
		}
		if _, err := insert.ExecContext(ctx, values...); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}

// fromSQLite turns a value as SQLite keeps it into one for PostgreSQL's type: see stamp.
func (c column) fromSQLite(v any) any {
	if b, ok := v.([]byte); ok && b == nil { // SQLite's driver has nil for an empty one
		return []byte{}
	}
	number, ok := v.(int64)
	switch {
	case ok && c.Type == "boolean":
		return number != 0
	case ok && strings.HasPrefix(c.Type, "timestamp"):
		return time.UnixMicro(number).UTC()
	default:
		return v
	}
}

// continueIdentity has a table that numbers its rows go on after the copied ones.
func continueIdentity(ctx context.Context, to *sqlx.Tx, table string, columns []column) error {
	for _, c := range columns {
		if c.Identity != "YES" {
			continue
		}
		_, err := to.ExecContext(ctx, fmt.Sprintf("SELECT setval(pg_get_serial_sequence('%s', '%s'), 1 + COALESCE(max(%s), 0), false) FROM %s",
			table, c.Name, c.Name, table))
		if err != nil {
			return err
		}
	}
	return nil
}
