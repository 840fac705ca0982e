package livekit

import (
	"context"
	"net/url"
	"strings"
	"sync/atomic"
)

// CloudBudget is how many requests a minute we allow ourselves where LiveKit Cloud answers: it allows a project 1,000.
const CloudBudget = 500

// WithBudget says how many requests a minute LiveKit answers to this installation; 0: [CloudBudget] where the URL is LiveKit Cloud's,
// else any number.
func WithBudget(perMinute int) Option { return func(c *Client) { c.budget = perMinute } }

// Budget is how many requests a minute LiveKit answers to this installation, 0 for any number. It holds nobody back: who may wait asks
// for it. When the credentials cannot be read there is no request to save.
func (c *Client) Budget(ctx context.Context) int {
	if c.budget > 0 {
		return c.budget
	}
	creds, err := c.credentials(ctx)
	if err != nil {
		return 0
	}
	u, err := url.Parse(strings.TrimSpace(creds.URL))
	if err != nil || !strings.HasSuffix(strings.ToLower(u.Hostname()), ".livekit.cloud") {
		return 0
	}
	return CloudBudget
}

type countKey struct{}

// CountRequests has the requests counted that are made under the context that it returns.
func CountRequests(ctx context.Context) (counting context.Context, made func() int) {
	n := new(atomic.Int64)
	return context.WithValue(ctx, countKey{}, n), func() int { return int(n.Load()) }
}

func count(ctx context.Context) {
	if n, counted := ctx.Value(countKey{}).(*atomic.Int64); counted {
		n.Add(1)
	}
}
