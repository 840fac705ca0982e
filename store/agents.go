package store

import (
	"context"
	"fmt"

	"github.com/click2call/click2call/call"
)

// LiveCallOfAgent returns the call that an agent may have no other beside: accepted, and neither over nor being hung up. ErrNotFound when
// there is none.
func (s *Store) LiveCallOfAgent(ctx context.Context, agentID string) (id call.ID, err error) {
	err = s.get(ctx, s.read, &id, `SELECT call_id FROM calls
		WHERE agent_id = ? AND sole_of_agent AND accepted_at IS NOT NULL AND call_status IS NULL AND leg_at_hangup IS NULL`, agentID)
	if err != nil {
		return "", fmt.Errorf("look for a live call of an agent: %w", err)
	}
	return id, nil
}
