package store

import (
	"context"
	"fmt"

	"github.com/click2call/click2call/call"
)

// LiveCallOfAgent returns an accepted call of an agent that is neither over nor being hung up, the latest one. ErrNotFound when there is
// none.
func (s *Store) LiveCallOfAgent(ctx context.Context, agentID string) (id call.ID, err error) {
	err = s.get(ctx, s.write, &id, `SELECT call_id FROM calls
		WHERE agent_id = ? AND accepted_at IS NOT NULL AND call_status IS NULL AND leg_at_hangup IS NULL
		ORDER BY created_at DESC LIMIT 1`, agentID)
	if err != nil {
		return "", fmt.Errorf("look for a live call of an agent: %w", err)
	}
	return id, nil
}
