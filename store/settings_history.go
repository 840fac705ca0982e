package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
)

const maxHistory = 200

// SettingsChange is one save of the settings.
type SettingsChange struct {
	Version int64
	At      time.Time
	By      string
	Fields  []FieldChange // in the order of their names
}

// FieldChange is the change of one setting. Old and New are JSON, and nil for secrets and for what was not there.
type FieldChange struct {
	Field string          `json:"field"` // for example "ring_timeout"
	Old   json.RawMessage `json:"old,omitempty"`
	New   json.RawMessage `json:"new,omitempty"`
}

func (s *Store) insertHistory(ctx context.Context, tx *sqlx.Tx, old, settings Settings, by string) error {
	fields, err := changedFields(old, settings)
	if err != nil {
		return fmt.Errorf("compare settings: %w", err)
	}
	changes, err := json.Marshal(fields)
	if err != nil {
		return fmt.Errorf("render changes: %w", err)
	}
	_, err = s.exec(ctx, tx, `INSERT INTO settings_history (version, changed_at, changed_by, changes) VALUES (?, ?, ?, ?)`,
		old.Version+1, now(), by, string(changes))
	return err
}

func changedFields(old, settings Settings) ([]FieldChange, error) {
	before, err := fieldsOf(old)
	if err != nil {
		return nil, err
	}
	after, err := fieldsOf(settings)
	if err != nil {
		return nil, err
	}
	if old.Version == 0 {
		clear(before) // there were none
	}
	changes := []FieldChange{}
	for _, field := range slices.Sorted(maps.Keys(after)) {
		if !bytes.Equal(before[field], after[field]) {
			changes = append(changes, FieldChange{Field: field, Old: before[field], New: after[field]})
		}
	}
	if old.LiveKit.APISecret != settings.LiveKit.APISecret {
		changes = append(changes, FieldChange{Field: "livekit_api_secret"})
	}
	return changes, nil
}

func fieldsOf(s Settings) (fields map[string]json.RawMessage, err error) {
	document, err := json.Marshal(documentOf(s))
	if err != nil {
		return nil, err
	}
	return fields, json.Unmarshal(document, &fields)
}

// SettingsHistory returns the latest changes of the settings, newest first, at most 200.
func (s *Store) SettingsHistory(ctx context.Context) ([]SettingsChange, error) {
	var rows []struct {
		Version   int64  `db:"version"`
		ChangedAt stamp  `db:"changed_at"`
		ChangedBy string `db:"changed_by"`
		Changes   string `db:"changes"`
	}
	err := s.list(ctx, s.read, &rows, `SELECT version, changed_at, changed_by, changes FROM settings_history
		ORDER BY version DESC LIMIT ?`, maxHistory)
	if err != nil {
		return nil, fmt.Errorf("read settings history: %w", err)
	}
	history := make([]SettingsChange, len(rows))
	for i, r := range rows {
		history[i] = SettingsChange{Version: r.Version, At: time.Time(r.ChangedAt), By: r.ChangedBy}
		if err := json.Unmarshal([]byte(r.Changes), &history[i].Fields); err != nil {
			return nil, fmt.Errorf("parse change %d of the settings: %w", r.Version, err)
		}
	}
	return history, nil
}
