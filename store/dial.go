package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/click2call/click2call/call"
)

// ClaimDial gives a call's one dial to whoever asks first, under a mark of his own, and reports whether he has it. It is his for
// ever: asked again with the same mark it says so again. ErrNotFound when there is nothing to dial any more, because the call is
// unknown, over, or being hung up.
func (s *Store) ClaimDial(ctx context.Context, id call.ID, mark string) (bool, error) {
	var holder string
	err := s.get(ctx, s.write, &holder, `UPDATE calls SET dial_claim = COALESCE(dial_claim, ?)
		WHERE call_id = ? AND accepted_at IS NOT NULL AND call_status IS NULL AND leg_at_hangup IS NULL RETURNING dial_claim`, mark, id)
	if err != nil {
		return false, fmt.Errorf("claim the dial of %s: %w", id, err)
	}
	return holder == mark, nil
}

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
