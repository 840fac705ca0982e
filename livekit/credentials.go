package livekit

import (
	"fmt"
	"net/url"
	"strings"
)

// Credentials name a LiveKit deployment and let us in.
type Credentials struct {
	URL       string // ws://, wss://, http:// or https://, as operators copy it from LiveKit
	APIKey    string
	APISecret string
}

// String leaves the secret out, so that a stray log line cannot hold it.
func (c Credentials) String() string { return fmt.Sprintf("%s (key %s)", c.URL, c.APIKey) }

// GoString is String, for %#v.
func (c Credentials) GoString() string { return c.String() }

// baseURL returns the URL without a trailing slash, or an error that says what is wrong with it.
func (c Credentials) baseURL() (string, error) {
	u, err := url.Parse(strings.TrimSpace(c.URL))
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("%w: the LiveKit URL must look like wss://livekit.example.com", ErrUnreachable)
	}
	switch u.Scheme {
	case "ws", "wss", "http", "https":
	default:
		return "", fmt.Errorf("%w: the LiveKit URL must begin with ws://, wss://, http:// or https://", ErrUnreachable)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%w: the LiveKit URL must hold no user, query or fragment", ErrUnreachable)
	}
	return strings.TrimSuffix(u.String(), "/"), nil
}
