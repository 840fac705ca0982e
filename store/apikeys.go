package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

const (
	maxAPIKeys     = 1000
	maxAPIKey      = 512 // bytes; no longer header value is worth hashing
	minAPIKey      = 8
	lastUsedEvery  = time.Minute
	apiKeyIDPrefix = "key_"
)

// APIKey is a CRM's key for our API, without the key itself: only its SHA-256 is stored.
type APIKey struct {
	ID         string
	Name       string
	LastFour   string // of the key, so that people recognise it
	CreatedAt  time.Time
	LastUsedAt *time.Time // right to a minute
	RevokedAt  *time.Time
	Purpose    call.Purpose // of the calls that name none; empty: the default of the permission rules
}

type apiKeyRow struct {
	ID         string        `db:"key_id"`
	Name       string        `db:"name"`
	LastFour   string        `db:"last_four"`
	CreatedAt  stamp         `db:"created_at"`
	LastUsedAt *stamp        `db:"last_used_at"`
	RevokedAt  *stamp        `db:"revoked_at"`
	Purpose    *call.Purpose `db:"purpose"`
}

const selectAPIKey = `SELECT key_id, name, last_four, created_at, last_used_at, revoked_at, purpose FROM api_keys `

func (r apiKeyRow) apiKey() APIKey {
	return APIKey{
		ID: r.ID, Name: r.Name, LastFour: r.LastFour, CreatedAt: time.Time(r.CreatedAt),
		LastUsedAt: r.LastUsedAt.time(), RevokedAt: r.RevokedAt.time(), Purpose: valueOf(r.Purpose),
	}
}

// CheckAPIKey returns the key's record; ErrNotFound when it is unknown or revoked. The lookup is by SHA-256, so its
// timing tells nothing about how much of a guess is right.
func (s *Store) CheckAPIKey(ctx context.Context, key string) (APIKey, error) {
	if key == "" || len(key) > maxAPIKey {
		return APIKey{}, fmt.Errorf("check API key: %w", ErrNotFound)
	}
	hash := sha256.Sum256([]byte(key))
	var row apiKeyRow
	if err := s.get(ctx, s.read, &row, selectAPIKey+`WHERE key_hash = ? AND revoked_at IS NULL`, hash[:]); err != nil {
		return APIKey{}, fmt.Errorf("check API key: %w", err)
	}
	k := row.apiKey()
	if k.LastUsedAt != nil && time.Since(*k.LastUsedAt) < lastUsedEvery {
		return k, nil
	}
	// The key is good whether or not its use can be noted, so a failure here is not the caller's.
	_, _ = s.exec(ctx, s.write, `UPDATE api_keys SET last_used_at = ?
		WHERE key_id = ? AND (last_used_at IS NULL OR last_used_at < ?)`,
		now(), k.ID, stamp(time.Now().Add(-lastUsedEvery)))
	return k, nil
}

// AddAPIKey stores a new key. ErrConflict when the same key is there already, revoked or not; ErrInvalid when the key
// has fewer than 8 or more than 512 characters.
func (s *Store) AddAPIKey(ctx context.Context, name, key string) (k APIKey, err error) {
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		k, err = s.addAPIKey(ctx, tx, name, key)
		return err
	})
	if err != nil {
		return APIKey{}, fmt.Errorf("add API key: %w", err)
	}
	return k, nil
}

func (s *Store) addAPIKey(ctx context.Context, tx *sqlx.Tx, name, key string) (APIKey, error) {
	if len(key) < minAPIKey || len(key) > maxAPIKey {
		return APIKey{}, invalid("the key must have %d to %d characters", minAPIKey, maxAPIKey)
	}
	if name == "" || len(name) > maxLabel {
		return APIKey{}, invalid("the key's name must have 1 to %d characters", maxLabel)
	}
	hash := sha256.Sum256([]byte(key))
	row := apiKeyRow{ID: apiKeyIDPrefix + rand.Text(), Name: name, LastFour: lastFour(key), CreatedAt: now()}
	_, err := s.exec(ctx, tx, `INSERT INTO api_keys (key_id, name, key_hash, last_four, created_at) VALUES (?, ?, ?, ?, ?)`,
		row.ID, row.Name, hash[:], row.LastFour, row.CreatedAt)
	return row.apiKey(), err
}

// lastFour shows nothing of a key so short that four characters would be much of it.
func lastFour(key string) string {
	const show, worthHiding = 4, 16
	if len(key) < worthHiding {
		return ""
	}
	return clip(key[len(key)-show:], 3*show)
}

// APIKeys returns all keys, revoked ones too, oldest first, at most 1,000.
func (s *Store) APIKeys(ctx context.Context) ([]APIKey, error) {
	var rows []apiKeyRow
	if err := s.list(ctx, s.read, &rows, selectAPIKey+`ORDER BY created_at, key_id LIMIT ?`, maxAPIKeys); err != nil {
		return nil, fmt.Errorf("list API keys: %w", err)
	}
	keys := make([]APIKey, len(rows))
	for i, r := range rows {
		keys[i] = r.apiKey()
	}
	return keys, nil
}

// RevokeAPIKey makes a key useless at once. Idempotent: the first moment stays. ErrNotFound when there is no such key.
func (s *Store) RevokeAPIKey(ctx context.Context, id string) error {
	n, err := s.exec(ctx, s.write, `UPDATE api_keys SET revoked_at = COALESCE(revoked_at, ?) WHERE key_id = ?`, now(), id)
	return found(n, err, "revoke API key", id)
}

// SetAPIKeyPurpose says what the calls of a key that name no purpose are for; empty leaves it to the rules' default. Idempotent.
// ErrNotFound when there is no such key, ErrInvalid for a purpose that is none.
func (s *Store) SetAPIKeyPurpose(ctx context.Context, id string, p call.Purpose) error {
	if p != "" && call.CheckPurpose(p) != nil {
		return fmt.Errorf("set the purpose of API key %s: %w", id, invalid("purpose %s", call.CheckPurpose(p)))
	}
	n, err := s.exec(ctx, s.write, `UPDATE api_keys SET purpose = ? WHERE key_id = ?`, textOrNull(string(p)), id)
	return found(n, err, "set the purpose of API key", id)
}
