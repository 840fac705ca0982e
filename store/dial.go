package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/click2call/click2call/call"
)

// KeepDialReply keeps how a call's one dial ended, for a recovery that cannot get it from Temporal. The first reply wins.
// Idempotent. ErrNotFound for an unknown call.
func (s *Store) KeepDialReply(ctx context.Context, id call.ID, d call.Dial) error {
	text, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("keep dial reply of %s: %w", id, err)
	}
	n, err := s.exec(ctx, s.write, `UPDATE calls SET dial_reply = COALESCE(dial_reply, ?) WHERE call_id = ? AND accepted_at IS NOT NULL`,
		string(text), id)
	return found(n, err, "keep dial reply of", id)
}

// DialReply returns the reply that was kept, nil when there is none. ErrNotFound for an unknown call.
func (s *Store) DialReply(ctx context.Context, id call.ID) (*call.Dial, error) {
	var text *string
	err := s.get(ctx, s.read, &text, `SELECT dial_reply FROM calls WHERE call_id = ? AND accepted_at IS NOT NULL`, id)
	if err == nil && text == nil {
		return nil, nil
	}
	var d call.Dial
	if err == nil {
		err = json.Unmarshal([]byte(*text), &d)
	}
	if err != nil {
		return nil, fmt.Errorf("read dial reply of %s: %w", id, err)
	}
	return &d, nil
}
