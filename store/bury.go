package store

import (
	"context"
	"fmt"
)

// buryPage is how many deliveries are buried in one statement.
const buryPage = 500

// buryDeliveries makes dead what waits for an endpoint that was removed. Idempotent.
func (s *Store) buryDeliveries(ctx context.Context) error {
	for {
		n, err := s.exec(ctx, s.write, `UPDATE deliveries SET state = 'dead', dead_at = ?, dead_run = '', next_attempt_at = NULL,
				last_error = 'the endpoint was removed'
			WHERE event_id IN (SELECT d.event_id FROM endpoints e JOIN deliveries d ON d.endpoint_id = e.endpoint_id AND d.state IN ('pending', 'parked')
				WHERE e.removed_at IS NOT NULL LIMIT ?)`, now(), buryPage)
		if err != nil {
			return fmt.Errorf("give up the deliveries of an endpoint that was removed: %w", err)
		}
		if n < buryPage {
			return nil
		}
	}
}
