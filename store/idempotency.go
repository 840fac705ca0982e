package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/click2call/click2call/call"
)

const (
	idempotencyWindow = 24 * time.Hour
	maxPurge          = 1000
)

// ClaimIdempotencyKey makes id the call of owner's idempotency key, unless the key has a call already. The owner is the
// API key that the request came with. Within 24 h of the first claim the same body answers that claim's call and
// fresh=false, another body ErrConflict; after that the key is free again. Of concurrent claims one is fresh. Only a
// SHA-256 of the key is stored.
func (s *Store) ClaimIdempotencyKey(ctx context.Context, owner, key string, bodyHash [32]byte, id call.ID, now time.Time,
) (claimed call.ID, fresh bool, err error) {
	// A release between the two statements leaves neither a fresh claim nor an earlier one: then claim again.
	for range 3 {
		claimed, fresh, err = s.claimKey(ctx, owner, key, bodyHash, id, now)
		if !errors.Is(err, ErrNotFound) {
			break
		}
	}
	if err != nil {
		return "", false, fmt.Errorf("claim idempotency key for %s: %w", id, err)
	}
	return claimed, fresh, nil
}

func (s *Store) claimKey(ctx context.Context, owner, key string, bodyHash [32]byte, id call.ID, now time.Time,
) (call.ID, bool, error) {
	keyHash := sha256.Sum256([]byte(key))
	var claimed call.ID
	err := s.get(ctx, s.write, &claimed, `
		INSERT INTO idempotency_keys (owner, key_hash, body_hash, call_id, created_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (owner, key_hash) DO UPDATE
			SET body_hash = excluded.body_hash, call_id = excluded.call_id, created_at = excluded.created_at
			WHERE idempotency_keys.created_at <= ?
		RETURNING call_id`,
		owner, keyHash[:], bodyHash[:], id, stamp(now), stamp(now.Add(-idempotencyWindow)))
	if err == nil {
		return claimed, true, nil
	}
	if !errors.Is(err, ErrNotFound) {
		return "", false, err
	}
	claimed, err = s.claimant(ctx, owner, key, bodyHash, time.Time{})
	return claimed, false, err
}

// CallOfIdempotencyKey returns the call that owns a key, without claiming it. ErrNotFound when the key is free or its 24
// hours are over, ErrConflict when it was used with another body.
func (s *Store) CallOfIdempotencyKey(ctx context.Context, owner, key string, bodyHash [32]byte, now time.Time) (call.ID, error) {
	id, err := s.claimant(ctx, owner, key, bodyHash, now.Add(-idempotencyWindow))
	if err != nil {
		return "", fmt.Errorf("look up idempotency key: %w", err)
	}
	return id, nil
}

func (s *Store) claimant(ctx context.Context, owner, key string, bodyHash [32]byte, after time.Time) (call.ID, error) {
	keyHash := sha256.Sum256([]byte(key))
	var earlier struct {
		CallID   call.ID `db:"call_id"`
		BodyHash []byte  `db:"body_hash"`
	}
	err := s.get(ctx, s.write, &earlier, `SELECT call_id, body_hash FROM idempotency_keys
		WHERE owner = ? AND key_hash = ? AND created_at > ?`, owner, keyHash[:], stamp(after))
	switch {
	case err != nil:
		return "", err
	case !bytes.Equal(earlier.BodyHash, bodyHash[:]):
		return "", fmt.Errorf("%w: the key was used with another body", ErrConflict)
	default:
		return earlier.CallID, nil
	}
}

// ReleaseIdempotencyKey frees a key that call id claimed, after a refusal that the CRM should try again. It does
// nothing when the key belongs to another call by now. Idempotent.
func (s *Store) ReleaseIdempotencyKey(ctx context.Context, owner, key string, id call.ID) error {
	keyHash := sha256.Sum256([]byte(key))
	_, err := s.exec(ctx, s.write, `DELETE FROM idempotency_keys WHERE owner = ? AND key_hash = ? AND call_id = ?`,
		owner, keyHash[:], id)
	if err != nil {
		return fmt.Errorf("release idempotency key of %s: %w", id, err)
	}
	return nil
}

// purgeAllKeys deletes all keys whose 24 h are over, a page after the other: fewer than that would be left over for ever where a key
// comes with every call.
func (s *Store) purgeAllKeys(ctx context.Context, now time.Time) error {
	for {
		n, err := s.PurgeIdempotencyKeys(ctx, now)
		if err != nil || n < maxPurge {
			return err
		}
	}
}

// PurgeIdempotencyKeys deletes keys whose 24 h are over, at most 1,000 at a time, and returns how many it deleted.
func (s *Store) PurgeIdempotencyKeys(ctx context.Context, now time.Time) (int64, error) {
	n, err := s.exec(ctx, s.write, `DELETE FROM idempotency_keys WHERE (owner, key_hash) IN
		(SELECT owner, key_hash FROM idempotency_keys WHERE created_at <= ? ORDER BY created_at LIMIT ?)`,
		stamp(now.Add(-idempotencyWindow)), maxPurge)
	if err != nil {
		return 0, fmt.Errorf("purge idempotency keys: %w", err)
	}
	return n, nil
}
