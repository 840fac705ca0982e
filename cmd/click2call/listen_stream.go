package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/tmaxmax/go-sse"
)

const (
	// maxEvent is the longest event of the stream, in bytes: an outcome is about 1 KB.
	maxEvent = 1 << 20
	// silence is after how long without a byte a connection counts as lost; the server shows that it lives every 15 s.
	silence = 45 * time.Second
	// answerFor is how long the server may take to begin the stream.
	answerFor = 30 * time.Second
	// waiting is how many outcomes may wait for the receiver, and remembered how many are known when they come again.
	waiting, remembered = 1000, 10_000
	// againAtMost is the longest wait before the next connection, unless the server asks for more, up to askedAtMost.
	againAtMost, askedAtMost = 30 * time.Second, 5 * time.Minute
)

// refusal is an answer that will not change by asking again.
type refusal struct{ detail string }

func (e *refusal) Error() string { return e.detail }

// comeBack is an answer that says when to ask again.
type comeBack struct {
	wait   time.Duration
	detail string
}

func (e *comeBack) Error() string { return e.detail }

// stream reads the server's outcomes, over as many connections as it takes, each outcome once.
type stream struct {
	url, apiKey string
	notes       io.Writer
	events      chan copied
	client      *http.Client
	silence     time.Duration

	last  string // id of the latest event
	known *lru.Cache[string, struct{}]
	again *backoff.ExponentialBackOff
}

func newStream(server, apiKey, endpoint string, notes io.Writer) *stream {
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:errcheck // that is its type
	transport.ResponseHeaderTimeout = answerFor
	known, _ := lru.New[string, struct{}](remembered) // its only error is for a size below one
	again := backoff.NewExponentialBackOff()
	again.MaxInterval = againAtMost
	address := strings.TrimRight(server, "/") + "/api/c2c/listen"
	if endpoint != "" {
		address += "?endpoint_id=" + url.QueryEscape(endpoint)
	}
	return &stream{
		url: address, apiKey: apiKey, notes: notes, events: make(chan copied, waiting),
		// A redirect would carry the key to another host.
		client:  &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		silence: silence, known: known, again: again,
	}
}

// run connects again whenever the connection is lost, until ctx ends or the server refuses for good.
func (s *stream) run(ctx context.Context) error {
	for {
		err := s.connect(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if refused, ok := errors.AsType[*refusal](err); ok {
			return refused
		}
		wait := s.again.NextBackOff()
		if busy, ok := errors.AsType[*comeBack](err); ok {
			wait = max(wait, busy.wait)
		}
		note(s.notes, "%v; again in %s", err, wait.Round(100*time.Millisecond))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// connect reads one connection to its end, which is always an error.
func (s *stream) connect(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return &refusal{"--server is no address: " + err.Error()}
	}
	req.Header.Set("X-api-key", s.apiKey)
	req.Header.Set("Accept", "text/event-stream")
	if s.last != "" {
		req.Header.Set("Last-Event-ID", s.last)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return fmt.Errorf("cannot reach the server: %w", err)
	}
	defer resp.Body.Close()
	if err := judge(resp); err != nil {
		return err
	}
	quiet := time.AfterFunc(s.silence, func() { cancel(errors.New("nothing came from the server for too long")) })
	defer quiet.Stop()
	for e, err := range sse.Read(&watched{resp.Body, quiet, s.silence}, &sse.ReadConfig{MaxEventSize: maxEvent}) {
		if err != nil {
			return fmt.Errorf("the connection was lost: %w", errors.Join(context.Cause(ctx), err))
		}
		if err := s.take(ctx, e); err != nil {
			return err
		}
	}
	return errors.New("the server ended the connection")
}

// watched stops the clock of silence while nobody reads.
type watched struct {
	io.Reader

	quiet   *time.Timer
	silence time.Duration
}

func (w *watched) Read(b []byte) (int, error) {
	w.quiet.Reset(w.silence)
	defer w.quiet.Stop()
	return w.Reader.Read(b)
}

// judge returns nil when the answer is the stream.
func judge(resp *http.Response) error {
	if resp.StatusCode == http.StatusOK && strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		return nil
	}
	var problem struct{ Detail string }
	_ = json.NewDecoder(io.LimitReader(resp.Body, maxHealthAnswer)).Decode(&problem) // what is no problem document has its status
	detail := fmt.Sprintf("the server answered %s: %s", resp.Status, problem.Detail)
	if problem.Detail == "" {
		detail = fmt.Sprintf("the server answered %s: is --server the address of a click2call of this version?", resp.Status)
	}
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		return &refusal{"the server does not know this API key"}
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= http.StatusInternalServerError:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // none: the usual wait
		return &comeBack{min(time.Duration(seconds)*time.Second, askedAtMost), detail}
	default:
		return &refusal{detail}
	}
}

// take hands an event on. Its id counts from then.
func (s *stream) take(ctx context.Context, e sse.Event) error {
	switch e.Type {
	case "listening":
		s.again.Reset()
		note(s.notes, "Listening.")
	case "missed":
		note(s.notes, "What ended while nobody listened is not repeated from before an hour ago: %s", e.Data)
	case "dropped":
		note(s.notes, "The server ended the stream: %s", e.Data)
	case "webhook":
		var c copied
		if err := json.Unmarshal([]byte(e.Data), &c); err != nil {
			return fmt.Errorf("read an event: %w", err)
		}
		if already, _ := s.known.ContainsOrAdd(c.EventID, struct{}{}); !already {
			if len(s.events) == cap(s.events) {
				note(s.notes, "%d outcomes wait: the receiver is slower than they come.", len(s.events))
			}
			select {
			case s.events <- c:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	if e.LastEventID != "" {
		s.last = e.LastEventID
	}
	return nil
}
