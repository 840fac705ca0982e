package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

const numberKeyColumn = "number_key.sealed"

// numberHash is a keyed hash of a customer's ten digits. Without the key a list of hashes tells no number: there are only ten
// thousand million to try.
func (s *Store) numberHash(ctx context.Context, number string) ([]byte, error) {
	key, err := s.numberKey(ctx)
	if err != nil {
		return nil, err
	}
	return hashNumber(key, number), nil
}

func hashNumber(key []byte, number string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(number))
	return mac.Sum(nil)[:16]
}

// numberKey reads the key, and makes it when nobody has needed one before. It never changes: a rotation of the secret key seals
// it anew.
func (s *Store) numberKey(ctx context.Context) ([]byte, error) {
	if key := s.numbers.Load(); key != nil {
		return *key, nil
	}
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // crypto/rand.Read never fails: it crashes the program instead
	sealed, err := s.key.seal(numberKeyColumn, base64.StdEncoding.EncodeToString(raw))
	if err != nil {
		return nil, err
	}
	var standing string
	err = s.get(ctx, s.write, &standing, `INSERT INTO number_key (number_key_id, sealed) VALUES (1, ?)
		ON CONFLICT (number_key_id) DO UPDATE SET sealed = number_key.sealed RETURNING sealed`, sealed)
	if err != nil {
		return nil, fmt.Errorf("read the key of numbers: %w", err)
	}
	text, err := s.key.open(numberKeyColumn, standing)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("read the key of numbers: %w", err)
	}
	s.numbers.Store(&key)
	return key, nil
}
