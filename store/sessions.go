package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// sessionSlack is how much later a session must end before that alone is worth a write: every request moves the end.
const sessionSlack = time.Minute

// Sessions keeps the console's sessions. It is an scs.CtxStore; give scs HashTokenInStore, so that the table's tokens
// open nothing.
type Sessions struct{ store *Store }

// Sessions returns the console's sessions.
func (s *Store) Sessions() *Sessions { return &Sessions{store: s} }

// FindCtx returns a session's data, unless it ended or is over.
func (s *Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.store.get(ctx, s.store.read, &data,
		`SELECT data FROM sessions WHERE token_hash = ? AND NOT ended AND expires_at > ?`, token, now())
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("find session: %w", err)
	}
	return data, true, nil
}

// CommitCtx writes a session. A session that was deleted stays so: a request that began before a logout and ends after
// it must not bring the session back. An end that moves by less than a minute is not written.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	_, err := s.store.exec(ctx, s.store.write, `
		INSERT INTO sessions (token_hash, data, expires_at, ended) VALUES (?, ?, ?, ?)
		ON CONFLICT (token_hash) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at
		WHERE NOT sessions.ended AND
			(sessions.data <> excluded.data OR sessions.expires_at < ? OR sessions.expires_at > excluded.expires_at)`,
		token, data, stamp(expiry), false, stamp(expiry.Add(-sessionSlack)))
	if err != nil {
		return fmt.Errorf("commit session: %w", err)
	}
	return nil
}

// DeleteCtx ends a session. Idempotent.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	if _, err := s.store.exec(ctx, s.store.write, `UPDATE sessions SET ended = ? WHERE token_hash = ?`, true, token); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// Purge deletes the sessions that are over.
func (s *Sessions) Purge(ctx context.Context) error {
	if _, err := s.store.exec(ctx, s.store.write, `DELETE FROM sessions WHERE expires_at < ?`, now()); err != nil {
		return fmt.Errorf("purge sessions: %w", err)
	}
	return nil
}

// Find is FindCtx without a context. scs asks for it and does not call it.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context. scs asks for it and does not call it.
func (s *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context. scs asks for it and does not call it.
func (s *Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
