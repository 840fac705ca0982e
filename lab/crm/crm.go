package crm

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	webhookPath = "/webhooks/click2call"
	keepDefault = 10_000
	maxBody     = 1 << 20
)

// Config says where the CRM listens and what it expects of a webhook.
type Config struct {
	Addr   string // host:port; port 0 picks a free one
	APIKey string // expected in X-api-key
	Secret string // whsec_…, expected to sign every request
	Keep   int    // requests kept, the oldest go first; 0: ten thousand
}

// Request is one webhook as it came.
type Request struct {
	ID         string      `json:"id"` // webhook-id
	CallID     string      `json:"call_id"`
	At         time.Time   `json:"at"`
	Header     http.Header `json:"header"`
	Body       []byte      `json:"body"` // the very bytes
	Verified   bool        `json:"verified"`
	Unverified string      `json:"unverified,omitempty"` // why not: wrong key, bad signature, too old
	Status     int         `json:"status"`               // what the CRM answers; 0 when it does not answer properly
}

// Accepted reports whether the CRM took the outcome.
func (r Request) Accepted() bool { return r.Verified && r.Status >= 200 && r.Status < 300 }

// CRM is a running webhook receiver. Its methods may be called from any goroutine.
type CRM struct {
	cfg      Config
	verifier *standardwebhooks.Webhook

	running sync.Mutex   // held while it starts and stops
	server  *http.Server // nil when it does not run
	address string       // host:port since the first start

	mu        sync.Mutex
	resumed   chan struct{} // closed when the CRM goes on; nil when it is not paused
	requests  []Request
	behaviour Behaviour
	left      int           // requests that behaviour still holds for, when it is limited
	changed   chan struct{} // closed and replaced at every request
}

// New prepares a CRM; Start starts it. The error says that the secret is not a whsec_ secret.
func New(cfg Config) (*CRM, error) {
	if cfg.APIKey == "" {
		return nil, errors.New("prepare CRM: set the API key that webhooks must carry")
	}
	verifier, err := standardwebhooks.NewWebhook(cfg.Secret)
	if err != nil || cfg.Secret == "" {
		return nil, errors.New("prepare CRM: the secret must be whsec_ followed by base64")
	}
	if cfg.Keep == 0 {
		cfg.Keep = keepDefault
	}
	return &CRM{cfg: cfg, verifier: verifier, address: cfg.Addr, changed: make(chan struct{})}, nil
}

// URL is where webhooks are to be posted.
func (c *CRM) URL() string { return "http://" + c.address + webhookPath }

// Credentials are what a webhook must carry in X-api-key, and the secret that must have signed it.
func (c *CRM) Credentials() (apiKey, secret string) { return c.cfg.APIKey, c.cfg.Secret }

// ReceivedURL is where a person reads what came.
func (c *CRM) ReceivedURL() string { return "http://" + c.address + "/_received" }

// Received is everything that came, oldest first.
func (c *CRM) Received() []Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.requests)
}

// ForCall is everything that came for one call, oldest first.
func (c *CRM) ForCall(callID string) []Request {
	return slices.DeleteFunc(c.Received(), func(r Request) bool { return r.CallID != callID })
}

// WaitFor returns the first request for the call that the CRM accepted, waiting for it as long as ctx lives.
func (c *CRM) WaitFor(ctx context.Context, callID string) (Request, error) {
	return c.WaitUntil(ctx, func(r Request) bool { return r.CallID == callID && r.Accepted() })
}

// WaitUntil returns the first request that match holds for, waiting for it as long as ctx lives.
func (c *CRM) WaitUntil(ctx context.Context, match func(Request) bool) (Request, error) {
	for {
		c.mu.Lock()
		changed, i := c.changed, slices.IndexFunc(c.requests, match)
		if i >= 0 {
			found := c.requests[i]
			c.mu.Unlock()
			return found, nil
		}
		c.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return Request{}, fmt.Errorf("wait for a webhook: %w", context.Cause(ctx))
		}
	}
}

// Reset forgets every request and behaves again.
func (c *CRM) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests, c.behaviour, c.left = nil, Behaviour{}, 0
}

// record keeps a request and returns how to treat it, in one step: of two requests at once only one gets the
// last turn of a limited behaviour.
func (c *CRM) record(r Request) Behaviour {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := c.behaviour
	if b.Times > 0 {
		if c.left--; c.left <= 0 {
			c.behaviour = Behaviour{}
		}
	}
	r.Status = b.answers(r.Verified)
	c.requests = append(c.requests, r)
	if extra := len(c.requests) - c.cfg.Keep; extra > 0 {
		c.requests = slices.Delete(c.requests, 0, extra)
	}
	close(c.changed)
	c.changed = make(chan struct{})
	return b
}

// verify returns why a request is not to be believed, or "".
func (c *CRM) verify(h http.Header, body []byte) string {
	if subtle.ConstantTimeCompare([]byte(h.Get("X-Api-Key")), []byte(c.cfg.APIKey)) != 1 {
		return "wrong X-api-key"
	}
	if err := c.verifier.Verify(body, h); err != nil {
		return err.Error()
	}
	return ""
}

// callIDOf reads the one field that requests are found by; other bodies are kept as well, without it.
func callIDOf(body []byte) string {
	var payload struct {
		CallID string `json:"call_id"`
	}
	if json.Unmarshal(body, &payload) != nil {
		return ""
	}
	return payload.CallID
}
