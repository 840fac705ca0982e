package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"
)

const (
	maxImports = 50
	// importSilence is how long a running import may say nothing until it counts as failed: its process died.
	importSilence = 2 * time.Minute
)

// Import is one import of numbers into a do-not-call list.
type Import struct {
	ID        string
	ListID    string
	State     string // running, done or failed
	Taken     int64  // lines whose number is on the list now
	Refused   int64  // lines that hold no number
	Faults    []string
	StartedAt time.Time
	UpdatedAt time.Time
	StartedBy string
}

// The states of an import.
const (
	ImportRunning = "running"
	ImportDone    = "done"
	ImportFailed  = "failed"
)

// BeginImport writes down that an import begins. ErrConflict when there is no such list.
func (s *Store) BeginImport(ctx context.Context, listID, by string) (Import, error) {
	i := Import{ID: "imp_" + rand.Text(), ListID: listID, State: ImportRunning, StartedAt: time.Now().UTC(), StartedBy: clip(by, maxLabel)}
	i.UpdatedAt = i.StartedAt
	_, err := s.exec(ctx, s.write, `INSERT INTO do_not_call_imports (import_id, list_id, state, taken, refused, faults, started_at, updated_at, started_by)
		VALUES (?, ?, ?, 0, 0, '[]', ?, ?, ?)`, i.ID, listID, i.State, stamp(i.StartedAt), stamp(i.StartedAt), i.StartedBy)
	if err != nil {
		return Import{}, fmt.Errorf("begin import into %s: %w", listID, err)
	}
	return i, nil
}

// KeepImport writes down how far an import is.
func (s *Store) KeepImport(ctx context.Context, i Import) error {
	faults, err := json.Marshal(i.Faults)
	if err != nil {
		return fmt.Errorf("keep import %s: %w", i.ID, err)
	}
	n, err := s.exec(ctx, s.write, `UPDATE do_not_call_imports SET state = ?, taken = ?, refused = ?, faults = ?, updated_at = ? WHERE import_id = ?`,
		i.State, i.Taken, i.Refused, string(faults), now(), i.ID)
	return found(n, err, "keep import", i.ID)
}

// Imports returns the newest imports, at most 50. A running one that has said nothing for two minutes is shown as failed.
func (s *Store) Imports(ctx context.Context) ([]Import, error) {
	var rows []struct {
		ID        string `db:"import_id"`
		ListID    string `db:"list_id"`
		State     string `db:"state"`
		Taken     int64  `db:"taken"`
		Refused   int64  `db:"refused"`
		Faults    string `db:"faults"`
		StartedAt stamp  `db:"started_at"`
		UpdatedAt stamp  `db:"updated_at"`
		StartedBy string `db:"started_by"`
	}
	err := s.list(ctx, s.read, &rows, `SELECT import_id, list_id, state, taken, refused, faults, started_at, updated_at, started_by
		FROM do_not_call_imports ORDER BY started_at DESC LIMIT ?`, maxImports)
	if err != nil {
		return nil, fmt.Errorf("list imports: %w", err)
	}
	imports := make([]Import, len(rows))
	for n, r := range rows {
		i := Import{ID: r.ID, ListID: r.ListID, State: r.State, Taken: r.Taken, Refused: r.Refused,
			StartedAt: time.Time(r.StartedAt), UpdatedAt: time.Time(r.UpdatedAt), StartedBy: r.StartedBy}
		if err := json.Unmarshal([]byte(r.Faults), &i.Faults); err != nil {
			return nil, fmt.Errorf("read import %s: %w", r.ID, err)
		}
		if i.State == ImportRunning && time.Since(i.UpdatedAt) > importSilence {
			i.State = ImportFailed
			i.Faults = append(i.Faults, "It was broken off. What it had taken is on the list; import the same file again.")
		}
		imports[n] = i
	}
	return imports, nil
}
