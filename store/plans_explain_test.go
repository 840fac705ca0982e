package store_test

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

// fewRows are tables, and aliases in statements, that hold few rows whatever happens: reading all of one is quick.
var fewRows = []string{"trunks", "endpoints", "e", "settings", "users", "api_keys", "ledger", "dials", "report_filled", "chosen"}

// fewEntries are indexes of the few rows of a large table that are under way.
var fewEntries = []string{"replays_open"}

// fewSorted is how many rows are sorted at once without anybody noticing.
const fewSorted = 200

// planner asks a database how it would run statements.
type planner struct {
	name    string
	store   *store.Store
	explain func(context.Context, *sqlx.Tx, store.Statement) (faults []string, err error)
	indexes string   // lists those that are not unique
	prepare []string // before the first is asked for
}

// begin opens a transaction that is rolled back.
func (p planner) begin(t *testing.T) *sqlx.Tx {
	t.Helper()
	tx, err := p.store.Pool().BeginTxx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback() })
	for _, statement := range p.prepare {
		_, err := tx.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	return tx
}

// planSQLite leaves the tables without ANALYZE, as the product does.
func planSQLite(s *store.Store) planner {
	return planner{
		name: "SQLite", store: s, explain: explainSQLite,
		indexes: `SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE 'CREATE INDEX %' ORDER BY name`,
	}
}

var (
	sqliteRead = regexp.MustCompile(`^(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?INDEX (\w+))?`)
	sqliteSort = "USE TEMP B-TREE FOR ORDER BY"
)

// explainSQLite calls a fault what reads all of a large table, through an index or not, and what sorts its rows for a LIMIT.
func explainSQLite(ctx context.Context, tx *sqlx.Tx, s store.Statement) (faults []string, err error) {
	var steps []struct {
		ID, Parent, NotUsed int
		Detail              string
	}
	if err := tx.SelectContext(ctx, &steps, "EXPLAIN QUERY PLAN "+s.Query, s.Args...); err != nil {
		return nil, err
	}
	large := false
	for _, step := range steps {
		read := sqliteRead.FindStringSubmatch(step.Detail)
		switch {
		case read == nil && step.Detail == sqliteSort && large && strings.Contains(s.Query, "LIMIT"):
			faults = append(faults, "sorts")
		case read == nil || slices.Contains(fewRows, read[2]) || strings.HasSuffix(step.Detail, "CONSTANT ROW") || strings.HasSuffix(step.Detail, "VALUES CLAUSE"):
		default:
			large = true
			if read[1] == "SCAN" && !slices.Contains(fewEntries, read[3]) {
				faults = append(faults, "reads all of "+read[2]+" "+read[3])
			}
		}
	}
	return faults, nil
}

// planPostgres asks for plans by index wherever there can be one: on a table of thousands of rows reading all may be as quick.
func planPostgres(s *store.Store) planner {
	return planner{
		name: "PostgreSQL", store: s, explain: explainPostgres,
		indexes: `SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = current_schema() AND NOT i.indisunique ORDER BY c.relname`,
		prepare: []string{"ANALYZE", "SET LOCAL enable_seqscan = off", "SET LOCAL enable_bitmapscan = off", "SET LOCAL enable_hashjoin = off",
			"SET LOCAL enable_mergejoin = off"},
	}
}

// node is one of a plan of PostgreSQL's.
type node struct {
	Type      string  `json:"Node Type"`
	Relation  string  `json:"Relation Name"`
	Index     string  `json:"Index Name"`
	Condition string  `json:"Index Cond"`
	Rows      float64 `json:"Plan Rows"`
	Plans     []node
}

func explainPostgres(ctx context.Context, tx *sqlx.Tx, s store.Statement) (faults []string, err error) {
	var text string
	if err := tx.GetContext(ctx, &text, "EXPLAIN (FORMAT JSON) "+s.Query, s.Args...); err != nil {
		return nil, err
	}
	var plans []struct{ Plan node }
	if err := json.Unmarshal([]byte(text), &plans); err != nil {
		return nil, err
	}
	var indexes []struct{ Name, Definition string }
	if err := tx.SelectContext(ctx, &indexes, `SELECT indexname AS name, indexdef AS definition FROM pg_indexes`); err != nil {
		return nil, err
	}
	first := map[string]string{}
	for _, i := range indexes {
		_, columns, _ := strings.Cut(i.Definition, "(")
		first[i.Name] = regexp.MustCompile(`^\w+`).FindString(columns)
	}
	return plans[0].Plan.faults(first, false), nil
}

// faults are those of a node and of those below it. An index without a condition on its first column is read as a whole.
func (n node) faults(first map[string]string, limited bool) (found []string) {
	large := n.Relation != "" && !slices.Contains(fewRows, n.Relation)
	switch {
	case n.Type == "Seq Scan" && large:
		found = append(found, "reads all of "+n.Relation)
	case n.Index != "" && large && !strings.Contains(n.Condition, first[n.Index]) && !slices.Contains(fewEntries, n.Index):
		found = append(found, "reads all of "+n.Relation+" "+n.Index)
	case n.Type == "Sort" && limited && n.Rows > fewSorted:
		found = append(found, "sorts")
	}
	for _, below := range n.Plans {
		found = append(found, below.faults(first, limited || n.Type == "Limit")...)
	}
	return found
}
