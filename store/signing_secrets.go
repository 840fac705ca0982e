package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

const (
	secretPrefix      = "whsec_" // Standard Webhooks
	minSecret         = 24       // bytes, Standard Webhooks
	maxSecret         = 64
	newSecret         = 32
	maxSigningSecrets = 10

	// DefaultOverlap is how long an old signing secret goes on to sign beside the new one.
	DefaultOverlap = 24 * time.Hour
	maxOverlap     = 30 * 24 * time.Hour
)

// SigningSecret signs the webhooks of an endpoint, as Standard Webhooks says.
type SigningSecret struct {
	Secret    string     `json:"secret"`               // whsec_ and base64 of 24 to 64 bytes
	CreatedAt *time.Time `json:"created_at,omitempty"` // nil: before this was kept
	NotAfter  *time.Time `json:"not_after,omitempty"`  // set when a newer secret takes over; nil: it has no end
}

// NewSigningSecret returns a fresh secret of 32 random bytes.
func NewSigningSecret() SigningSecret {
	var raw [newSecret]byte
	_, _ = rand.Read(raw[:]) // crypto/rand.Read never fails: it crashes the program instead
	created := time.Now().UTC().Truncate(time.Microsecond)
	return SigningSecret{Secret: secretPrefix + base64.StdEncoding.EncodeToString(raw[:]), CreatedAt: &created}
}

// ID names a secret without telling it.
func (s SigningSecret) ID() string {
	sum := sha256.Sum256([]byte(s.Secret))
	return "sec_" + hex.EncodeToString(sum[:6])
}

// Signs reports whether the secret signs at a moment.
func (s SigningSecret) Signs(at time.Time) bool { return s.NotAfter == nil || at.Before(*s.NotAfter) }

func (s SigningSecret) lasts() bool { return s.NotAfter == nil }

func (s SigningSecret) validate() error {
	text, ok := strings.CutPrefix(s.Secret, secretPrefix)
	raw, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(raw) < minSecret || len(raw) > maxSecret {
		return invalid("it must be whsec_ and base64 of %d to %d bytes", minSecret, maxSecret)
	}
	return nil
}

// AddSecret gives an endpoint one more signing secret, beside those that it has, and returns it: this is the only time
// that it is shown. ErrConflict when it has ten that sign. Not idempotent.
func (s *Store) AddSecret(ctx context.Context, endpointID string) (SigningSecret, error) {
	fresh := NewSigningSecret()
	err := s.changeSecrets(ctx, endpointID, func(secrets []SigningSecret) ([]SigningSecret, error) {
		return append(secrets, fresh), nil
	})
	if err != nil {
		return SigningSecret{}, fmt.Errorf("add a signing secret to %s: %w", endpointID, err)
	}
	return fresh, nil
}

// RotateSecret gives an endpoint a new signing secret and returns it: this is the only time that it is shown. The old ones
// go on to sign beside it for the overlap, 0 to 30 days, or until their own end if that is sooner. Not idempotent.
func (s *Store) RotateSecret(ctx context.Context, endpointID string, overlap time.Duration) (SigningSecret, error) {
	fresh := NewSigningSecret()
	err := s.changeSecrets(ctx, endpointID, func(secrets []SigningSecret) ([]SigningSecret, error) {
		if overlap < 0 || overlap > maxOverlap {
			return nil, invalid("the overlap must be between 0 and %s", maxOverlap)
		}
		end := time.Now().UTC().Add(overlap).Truncate(time.Microsecond)
		for i, old := range secrets {
			if old.Signs(end) {
				secrets[i].NotAfter = &end
			}
		}
		return append(secrets, fresh), nil
	})
	if err != nil {
		return SigningSecret{}, fmt.Errorf("rotate the signing secret of %s: %w", endpointID, err)
	}
	return fresh, nil
}

// RevokeSecret ends a signing secret at once. secretID is its [SigningSecret.ID]. ErrNotFound when the endpoint has no such
// secret, ErrConflict when those that are left would all end: rotate first. Idempotent but for that.
func (s *Store) RevokeSecret(ctx context.Context, endpointID, secretID string) error {
	err := s.changeSecrets(ctx, endpointID, func(secrets []SigningSecret) ([]SigningSecret, error) {
		left := slices.DeleteFunc(slices.Clone(secrets), func(secret SigningSecret) bool { return secret.ID() == secretID })
		if len(left) == len(secrets) {
			return nil, ErrNotFound
		}
		return left, nil
	})
	if err != nil {
		return fmt.Errorf("revoke signing secret %s of %s: %w", secretID, endpointID, err)
	}
	return nil
}

// changeSecrets changes the secrets that sign now; those whose time is over are dropped. ErrConflict when those that are
// left would all end: then nothing could be signed any more, without a word to anybody.
func (s *Store) changeSecrets(ctx context.Context, endpointID string, change func([]SigningSecret) ([]SigningSecret, error)) error {
	return s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		e, err := s.readEndpoint(ctx, tx, `WHERE endpoint_id = ? AND removed_at IS NULL`+s.target.forUpdate(), endpointID)
		if err != nil {
			return err
		}
		over := func(secret SigningSecret) bool { return !secret.Signs(time.Now()) }
		secrets, err := change(slices.DeleteFunc(e.Secrets, over))
		if err != nil {
			return err
		}
		secrets = slices.DeleteFunc(secrets, over)
		switch {
		case len(secrets) > maxSigningSecrets:
			return fmt.Errorf("%w: at most %d secrets may sign: revoke one first", ErrConflict, maxSigningSecrets)
		case !slices.ContainsFunc(secrets, SigningSecret.lasts):
			return fmt.Errorf("%w: all others end soon: rotate first", ErrConflict)
		}
		sealed, err := s.sealJSON(endpointSecretsColumn, secrets)
		if err != nil {
			return err
		}
		_, err = s.exec(ctx, tx, `UPDATE endpoints SET signing_secrets = ?, updated_at = ? WHERE endpoint_id = ?`, sealed, now(), endpointID)
		return err
	})
}
