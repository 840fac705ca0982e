package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
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
	APIKey  string   // sent as X-api-key when not empty
	Secrets []string // whsec_…; every one of them signs, so that a rotation has no gap
	EventID string
	Body    []byte
	Attempt int
	Replay  bool

	AllowHTTP bool // plain http may reach public addresses
}

// Result is what came of one attempt. It went well when Class is empty.
type Result struct {
	Class           Class
	Error           string // for operators; never a secret or a body
	Status          int    // 0 when there was no response
	RemoteAddr      string
	DNS             time.Duration
	Connect         time.Duration
	TLS             time.Duration
	FirstByte       time.Duration // from the start of the attempt
	Total           time.Duration
	StartedAt       time.Time
	ResponseHeaders http.Header
	ResponseBody    []byte
	Truncated       bool
}

// Sender sends webhooks. It is safe for concurrent use.
type Sender struct {
	client    *http.Client
	userAgent string
}

// NewSender returns a Sender whose connections g guards. It never follows redirects and keeps no cookies.
func NewSender(g Guard, version string) *Sender {
	dialer := &net.Dialer{Timeout: ConnectTimeout, ControlContext: g.control}
	return &Sender{
		userAgent: "click2call/" + version,
		client: &http.Client{
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				DialContext:            dialer.DialContext,
				TLSHandshakeTimeout:    5 * time.Second,
				TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
				ForceAttemptHTTP2:      true,
				DisableCompression:     true, // a bomb must not grow in our memory
				MaxResponseHeaderBytes: 64 << 10,
				MaxIdleConnsPerHost:    16,
				MaxConnsPerHost:        64,
				IdleConnTimeout:        time.Minute,
			},
		},
	}
}

// Send makes one attempt. It never returns an error of its own: whatever goes wrong is in the Result.
func (s *Sender) Send(ctx context.Context, r Request) Result {
	started := time.Now()
	res := Result{StartedAt: started.UTC()}
	req, err := s.request(ctx, r, started)
	if err != nil {
		res.Class, res.Error = ClassConfiguration, err.Error()
		return res
	}
	httpOK := req.URL.Scheme == "https" || r.AllowHTTP
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, httpOKKey{}, httpOK), TotalTimeout)
	defer cancel()
	resp, err := s.client.Do(req.WithContext(httptrace.WithClientTrace(ctx, res.trace(started))))
	if err != nil {
		res.Total = time.Since(started)
		res.Class, res.Error = classify(err), cause(err)
		return res
	}
	defer resp.Body.Close() //nolint:errcheck // nothing is left to be done about it
	res.Status, res.ResponseHeaders = resp.StatusCode, resp.Header
	res.ResponseBody, err = io.ReadAll(io.LimitReader(resp.Body, MaxResponse+1))
	if len(res.ResponseBody) > MaxResponse {
		res.ResponseBody, res.Truncated = res.ResponseBody[:MaxResponse], true
	}
	res.Total = time.Since(started)
	res.Class, res.Error = judge(resp.StatusCode, err)
	return res
}

// request renders the POST: the contract's headers and Standard Webhooks' three, fresh for this attempt.
func (s *Sender) request(ctx context.Context, r Request, at time.Time) (*http.Request, error) {
	u, err := url.Parse(r.URL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, errors.New("the webhook URL is not an http(s) URL; set it in Settings")
	}
	signature, err := sign(r, at)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, fmt.Errorf("build request: %w", err)
	}
	h := req.Header
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", s.userAgent)
	h.Set(standardwebhooks.HeaderWebhookID, r.EventID)
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, signature)
	h.Set("X-Click2call-Attempt", strconv.Itoa(r.Attempt))
	if r.Replay {
		h.Set("X-Click2call-Replay", "manual")
	}
	if r.APIKey != "" {
		h.Set("X-api-key", r.APIKey)
	}
	return req, nil
}

// sign signs with every secret, separated by spaces (Standard Webhooks, "Signature scheme").
func sign(r Request, at time.Time) (string, error) {
	signatures := make([]string, 0, len(r.Secrets))
	for _, secret := range r.Secrets {
		wh, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return "", errors.New("a signing secret is not valid; rotate it in Settings")
		}
		signature, err := wh.Sign(r.EventID, at, r.Body)
		if err != nil {
			return "", errors.New("a signing secret cannot sign; rotate it in Settings")
		}
		signatures = append(signatures, signature)
	}
	return strings.Join(signatures, " "), nil
}

// trace measures the parts of the attempt. With more than one address tried, the last one counts.
func (res *Result) trace(started time.Time) *httptrace.ClientTrace {
	var dns, connect, handshake time.Time
	return &httptrace.ClientTrace{
		DNSStart:     func(httptrace.DNSStartInfo) { dns = time.Now() },
		DNSDone:      func(httptrace.DNSDoneInfo) { res.DNS = time.Since(dns) },
		ConnectStart: func(_, addr string) { connect, res.RemoteAddr = time.Now(), addr },
		ConnectDone:  func(_, _ string, _ error) { res.Connect = time.Since(connect) },
		GotConn: func(i httptrace.GotConnInfo) {
			if i.Reused {
				res.RemoteAddr = i.Conn.RemoteAddr().String()
			}
		},
		TLSHandshakeStart:    func() { handshake = time.Now() },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { res.TLS = time.Since(handshake) },
		GotFirstResponseByte: func() { res.FirstByte = time.Since(started) },
	}
}
