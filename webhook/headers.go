package webhook

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const redacted = "[redacted]"

// redactHeaders is what was sent, for the log of attempts: the key and the operator's own headers, which mostly hold
// credentials, only by name. A signature stays: it fits one body and one moment.
func redactHeaders(h http.Header, r Request) http.Header {
	shown := h.Clone()
	if r.APIKey != "" {
		shown.Set("X-api-key", redacted)
	}
	for name := range r.Headers {
		if h.Get(name) == r.Headers[name] {
			shown.Set(name, redacted)
		}
	}
	if len(shown["Idempotency-Key"]) == 0 {
		delete(shown, "Idempotency-Key")
	}
	return shown
}

// RedactURL takes the credentials out of a URL: user and password, and the values in its query. What is no URL becomes empty.
func RedactURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	u.User, u.Fragment = nil, ""
	query := u.Query()
	for name := range query {
		query.Set(name, redacted)
	}
	u.RawQuery = strings.ReplaceAll(query.Encode(), url.QueryEscape(redacted), redacted)
	return u.String()
}

// retryAfter reads what a receiver asks for that is too busy (RFC 9110, section 10.2.3: seconds, or an HTTP date). It is
// not asked of other statuses: a broken page's headers are not a request.
func retryAfter(status int, h http.Header, now time.Time) time.Duration {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return 0
	}
	const most = 365 * 24 * time.Hour // more cannot be meant, and would overflow
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, most)
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(0, at.Sub(now)), most)
}
