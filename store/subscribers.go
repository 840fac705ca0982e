package store

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/click2call/click2call/call"
)

// subscribersFresh is how long the endpoints beside the default one are remembered, for events of calls that are under way.
const subscribersFresh = time.Second

// subscriber is an endpoint beside the default one that takes webhooks now.
type subscriber struct {
	ID string
	Subscription
}

// subscribers remembers them, so that events that nobody wants cost nothing.
type subscribers struct {
	mu   sync.Mutex
	all  []subscriber
	read time.Time
}

func (c *subscribers) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read = time.Time{}
}

// wanting returns the endpoints that may want events of a type, as they were a second ago. One that is held back wants none: they are worth
// nothing late.
func (s *Store) wanting(ctx context.Context, t call.EventType) ([]subscriber, error) {
	s.subscribers.mu.Lock()
	defer s.subscribers.mu.Unlock()
	if time.Since(s.subscribers.read) >= subscribersFresh {
		all, err := s.readSubscribers(ctx)
		if err != nil {
			return nil, err
		}
		s.subscribers.all, s.subscribers.read = all, time.Now()
	}
	var some []subscriber
	for _, e := range s.subscribers.all {
		if slices.ContainsFunc(e.EventTypes, t.Matches) {
			some = append(some, e)
		}
	}
	return some, nil
}

func (s *Store) readSubscribers(ctx context.Context) ([]subscriber, error) {
	var rows []struct {
		subscriptionRow

		ID string `db:"endpoint_id"`
	}
	err := s.list(ctx, s.read, &rows, `SELECT endpoint_id, `+subscriptionColumns+` FROM endpoints
		WHERE NOT is_default AND removed_at IS NULL AND state = 'active' AND opened_at IS NULL ORDER BY endpoint_id LIMIT ?`, maxEndpoints)
	if err != nil {
		return nil, err
	}
	all := make([]subscriber, len(rows))
	for i, r := range rows {
		all[i].ID = r.ID
		if all[i].Subscription, err = r.subscription(); err != nil {
			return nil, err
		}
	}
	return all, nil
}
