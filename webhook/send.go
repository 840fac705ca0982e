package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Limits of one attempt.
const (
	ConnectTimeout = 3 * time.Second
	TotalTimeout   = 15 * time.Second
	MaxResponse    = 64 << 10 // bytes of the response body that are read and kept
)

// Request is one webhook to send.
type Request struct {
	URL     string
	APIKey  string            // sent as X-api-key when not empty
	Secrets []string          // whsec_…; every one of them signs, so that a rotation has no gap
	Headers map[string]string // sent as well; those of this package win
	TLS     TLS
	EventID string
	Body    []byte
	Attempt int  // said in X-Click2call-Attempt
	Replay  bool // an operator wants it again: said in X-Click2call-Replay

	AllowHTTP bool // plain http may reach public addresses

	Fault *Fault // what is wrong on purpose, in a trial of a receiver; nil: nothing
}

// Result is what came of one attempt. It went well when Class is empty.
type Result struct {
	Class           Class
	Error           string // for operators; never a secret or a body
	Status          int    // 0 when there was no response
	RemoteAddr      string // the address that was connected to; of several tried, the last
	DNS             time.Duration
	Connect         time.Duration
	TLS             time.Duration
	FirstByte       time.Duration // from the start of the attempt
	Total           time.Duration
	StartedAt       time.Time
	URL             string      // without credentials
	RequestHeaders  http.Header // ours, with secrets redacted
	ResponseHeaders http.Header
	ResponseBody    []byte
	Truncated       bool          // the response has more than that
	RetryAfter      time.Duration // what a 429 or 503 asks for; 0: nothing
	Abort           bool          // the receiver asks, with "webhook-delivery: abort-message", for no further attempt
}

// Send makes one attempt. It never returns an error of its own: whatever goes wrong is in the Result. It takes at most
// TotalTimeout. The response must be whole, up to MaxResponse, before the attempt counts as taken: a receiver that
// breaks off may have broken down.
func (s *Sender) Send(ctx context.Context, r Request) (res Result) {
	started := time.Now()
	ctx, span := startSpan(ctx, r)
	defer func() { endSpan(span, res) }()
	res = Result{StartedAt: started.UTC(), URL: RedactURL(r.URL)}
	ctx, cancel := context.WithTimeout(ctx, s.total)
	defer cancel()
	req, client, err := s.prepare(ctx, r, started)
	if err != nil {
		res.Class, res.Error = ClassConfiguration, err.Error()
		return res
	}
	res.RequestHeaders = redactHeaders(req.Header, r)
	watch := &stopwatch{started: started}
	resp, err := client.Do(req.WithContext(httptrace.WithClientTrace(req.Context(), watch.trace())))
	if err != nil {
		res.Class, res.Error = classify(err), cause(err)
	} else {
		res.read(resp)
	}
	res.Total = time.Since(started)
	watch.tell(&res)
	return res
}

// read takes what is kept of the response and judges it.
func (res *Result) read(resp *http.Response) {
	defer resp.Body.Close() //nolint:errcheck // nothing is left to be done about it
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxResponse+1))
	res.Truncated = err != nil || len(body) > MaxResponse
	res.Status, res.ResponseHeaders, res.ResponseBody = resp.StatusCode, resp.Header, body[:min(len(body), MaxResponse)]
	res.Class, res.Error = judge(resp.StatusCode, err)
	if res.Class != "" {
		res.RetryAfter = retryAfter(resp.StatusCode, resp.Header, time.Now())
		res.Abort = strings.EqualFold(strings.TrimSpace(resp.Header.Get("Webhook-Delivery")), "abort-message")
	}
}

// prepare renders the POST: the contract's headers and Standard Webhooks' three, fresh for this attempt.
func (s *Sender) prepare(ctx context.Context, r Request, at time.Time) (*http.Request, *http.Client, error) {
	u, err := url.Parse(r.URL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, nil, errors.New("the webhook URL is not an http(s) URL; set it in Settings")
	}
	at, signed := r.Fault.says(at, r.Body)
	signature, err := sign(r, at, signed)
	if err != nil {
		return nil, nil, err
	}
	client, err := s.clientFor(r, u)
	if err != nil {
		return nil, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, nil, fmt.Errorf("build request: %w", err)
	}
	h := req.Header
	// To net/http an empty key means, without being sent, that it may post again when a kept connection turns out to be
	// closed: the receiver knows the event's id.
	h["Idempotency-Key"] = []string{}
	for name, value := range r.Headers {
		h.Set(name, value)
	}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", s.userAgent)
	h.Set(standardwebhooks.HeaderWebhookID, r.EventID)
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, signature)
	h.Set("X-Click2call-Attempt", strconv.Itoa(r.Attempt))
	h.Del("X-Click2call-Replay")
	if r.Replay {
		h.Set("X-Click2call-Replay", "manual")
	}
	if r.APIKey != "" {
		h.Set("X-api-key", r.APIKey)
	}
	propagate(ctx, h)
	r.Fault.spoil(h)
	return req, client, nil
}

// sign signs with every secret, separated by spaces (Standard Webhooks, "Signature scheme").
func sign(r Request, at time.Time, body []byte) (string, error) {
	signatures := make([]string, 0, len(r.Secrets))
	for _, secret := range r.Secrets {
		wh, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return "", errors.New("a signing secret is not valid; rotate it in Settings")
		}
		signature, err := wh.Sign(r.EventID, at, body)
		if err != nil {
			return "", errors.New("a signing secret cannot sign; rotate it in Settings")
		}
		signatures = append(signatures, signature)
	}
	if len(signatures) == 0 {
		return "", errors.New("no signing secret is valid now; add one in Settings")
	}
	return strings.Join(signatures, " "), nil
}
