package trial_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/webhook"
	"github.com/click2call/click2call/webhook/trial"
)

const (
	secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	key    = "the outbound key"
)

func newSender() *webhook.Sender {
	return webhook.NewSender(webhook.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, "test")
}

func to(url string) webhook.Request {
	return webhook.Request{URL: url, APIKey: key, Secrets: []string{secret}, Headers: map[string]string{"X-Tenant": "seven"}}
}

// bench puts a receiver to all trials, at the same time, and returns the results by name.
func bench(t *testing.T, url string) map[string]trial.Result {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	results, sender := map[string]trial.Result{}, newSender()
	for _, tr := range trial.All(to(url)) {
		all.Go(func() {
			res, err := trial.Run(t.Context(), sender, to(url), tr.Name)
			mu.Lock()
			defer mu.Unlock()
			results[tr.Name] = res
			require.NoError(t, err)
		})
	}
	all.Wait()
	return results
}

func failed(results map[string]trial.Result) (names []string) {
	for name, res := range results {
		if !res.Passed {
			names = append(names, name)
		}
	}
	return names
}

// sloppy is a receiver in memory, without fault but for those that are switched on.
type sloppy struct {
	noSignature     bool // it never looks at the signature
	missingIsFine   bool // it verifies only what is signed
	firstOnly       bool // it looks at the first signature only
	anyTime         bool // it verifies the signature and not the timestamp
	noKey           bool // it never looks at X-api-key
	reencodes       bool // it verifies what it has parsed and rendered again
	idFirst         bool // it notes the id before it verifies
	conflict        bool // it answers 409 to a duplicate
	created         bool // it answers 201 to the first and 200 to a duplicate
	looksThenWrites bool // two at once are both new, and the second one breaks it
	strict          bool // it refuses fields that it does not know
	talksOnly       bool // it refuses outcomes that are not ANSWERED
	breaks          bool // it answers 500 to what it must refuse

	mu       sync.Mutex
	seen     map[string]bool
	together map[string]chan struct{}
}

func (s *sloppy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(s.status(r))
}

func (s *sloppy) status(r *http.Request) int {
	refuse := http.StatusUnauthorized
	if s.breaks {
		refuse = http.StatusInternalServerError
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	if err != nil {
		return refuse
	}
	id := r.Header.Get("webhook-id")
	if s.idFirst && s.known(id) {
		return http.StatusOK
	}
	if !s.noKey && r.Header.Get("X-api-key") != key || !s.verifies(r.Header, body) {
		return refuse
	}
	if !s.digests(body) {
		return http.StatusUnprocessableEntity
	}
	if s.looksThenWrites && s.twoAtOnce(r.Context(), id) {
		return http.StatusInternalServerError
	}
	known := s.known(id)
	switch {
	case known && s.conflict:
		return http.StatusConflict
	case !known && s.created:
		return http.StatusCreated
	default:
		return http.StatusOK
	}
}

func (s *sloppy) verifies(h http.Header, body []byte) bool {
	if s.noSignature || s.missingIsFine && h.Get("webhook-signature") == "" {
		return true
	}
	wh, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return false
	}
	if s.reencodes {
		var parsed map[string]any
		if json.Unmarshal(body, &parsed) != nil {
			return false
		}
		if body, err = json.Marshal(parsed); err != nil {
			return false
		}
	}
	if s.firstOnly {
		h = h.Clone()
		first, _, _ := strings.Cut(h.Get("webhook-signature"), " ")
		h.Set("webhook-signature", first)
	}
	if s.anyTime {
		return wh.VerifyIgnoringTimestamp(body, h) == nil
	}
	return wh.Verify(body, h) == nil
}

func (s *sloppy) digests(body []byte) bool {
	d := json.NewDecoder(bytes.NewReader(body))
	if s.strict {
		d.DisallowUnknownFields()
	}
	var o struct {
		CallID      string  `json:"call_id"`
		CaseID      string  `json:"case_id"`
		CustomerID  string  `json:"customer_crm_id"`
		To          string  `json:"phone_to"`
		From        string  `json:"phone_from"`
		Status      string  `json:"call_status"`
		Duration    int     `json:"duration_seconds"`
		Agent       string  `json:"agent_id"`
		SIP         *int    `json:"sip_disconnect_code"`
		Reason      string  `json:"disconnect_reason"`
		By          string  `json:"hangup_by"`
		Ring        int     `json:"ring_seconds"`
		Created     string  `json:"created_at"`
		AnsweredAt  *string `json:"answered_at"`
		Ended       string  `json:"ended_at"`
		EventID     string  `json:"event_id"`
		VersionName string  `json:"schema_version"`
	}
	return d.Decode(&o) == nil && (!s.talksOnly || o.Status == "ANSWERED")
}

// known reports whether an id was here before, and notes it.
func (s *sloppy) known(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	before := s.seen[id]
	s.seen[id] = true
	return before
}

// twoAtOnce lets a request wait for another one of its event, which loses. Alone, it gives up waiting when half a
// second is over: that is how long it "works".
func (s *sloppy) twoAtOnce(ctx context.Context, id string) bool {
	s.mu.Lock()
	if s.seen[id] {
		s.mu.Unlock()
		return false
	}
	if s.together == nil {
		s.together = map[string]chan struct{}{}
	}
	met, second := s.together[id]
	if second {
		close(met)
		delete(s.together, id)
		s.mu.Unlock()
		return true
	}
	met = make(chan struct{})
	s.together[id] = met
	s.mu.Unlock()
	select {
	case <-met:
	case <-ctx.Done():
	case <-time.After(500 * time.Millisecond):
		s.mu.Lock()
		delete(s.together, id)
		s.mu.Unlock()
	}
	return false
}

func TestEveryMistakeIsFound(t *testing.T) {
	t.Parallel()
	allForged := []string{"bad-signature", "no-signature", "altered-body", "late", "early", "wrong-api-key", "forged-then-true"}
	for name, c := range map[string]struct {
		receiver *sloppy
		fails    []string
		advice   string // of one of them
	}{
		"none":                                {&sloppy{}, nil, ""},
		"no signature is looked at":           {&sloppy{noSignature: true}, []string{"bad-signature", "no-signature", "altered-body", "late", "early", "forged-then-true"}, "anybody can report outcomes"},
		"an unsigned webhook is fine":         {&sloppy{missingIsFine: true}, []string{"no-signature"}, "gets round the check"},
		"the first signature only":            {&sloppy{firstOnly: true}, []string{"rotation"}, "Split webhook-signature"},
		"any timestamp":                       {&sloppy{anyTime: true}, []string{"late", "early"}, "five minutes"},
		"any key":                             {&sloppy{noKey: true}, []string{"wrong-api-key"}, "constant time"},
		"ids are noted before they are true":  {&sloppy{idFirst: true}, []string{"forged-then-true"}, "drop the true outcome"},
		"a duplicate is a conflict":           {&sloppy{conflict: true}, []string{"duplicate", "duplicate-at-once", "retry", "replay"}, "unique index"},
		"a duplicate has another status":      {&sloppy{created: true}, []string{"duplicate", "retry", "replay"}, "same status both times"},
		"it looks first and then writes":      {&sloppy{looksThenWrites: true}, []string{"duplicate-at-once"}, "Do not look first"},
		"unknown fields are refused":          {&sloppy{strict: true}, []string{"new-field"}, "Ignore fields"},
		"a forgery breaks it":                 {&sloppy{breaks: true}, allForged, "Answer 401"},
		"it verifies what it has rendered":    {&sloppy{reencodes: true}, nil, "raw bytes"},
		"only answered calls are interesting": {&sloppy{talksOnly: true}, nil, "Take every call_status"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(c.receiver)
			t.Cleanup(server.Close)
			results := bench(t, server.URL)
			fails, advice := failed(results), ""
			for _, name := range fails {
				require.NotEmpty(t, results[name].Advice)
				advice += results[name].Advice + "\n"
			}
			require.Contains(t, advice, c.advice)
			switch {
			case c.receiver.reencodes: // nothing that is rightly signed is taken
				for name, res := range results {
					forged := res.Trial.Group == trial.Forged && name != "forged-then-true"
					require.Equal(t, forged, res.Passed, name)
				}
			case c.receiver.talksOnly:
				require.Len(t, fails, 12, "%v", fails)
			default:
				require.ElementsMatch(t, c.fails, fails, advice)
			}
		})
	}
}

// TestSlowLinkIsSlow has a receiver that takes what one read gives it for the whole request.
func TestSlowLinkIsSlow(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			packet := make([]byte, 64<<10)
			n, _ := conn.Read(packet)
			status := "204 No Content"
			if r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(packet[:n]))); err != nil {
				status = "400 Bad Request"
			} else if _, err := io.ReadAll(r.Body); err != nil {
				status = "400 Bad Request"
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 "+status+"\r\nConnection: close\r\n\r\n")
			_ = conn.Close()
		}
	}()
	url := "http://" + ln.Addr().String()
	res, err := trial.Run(t.Context(), newSender(), to(url), "outcome-busy")
	require.NoError(t, err)
	require.True(t, res.Passed, res.Came)
	res, err = trial.Run(t.Context(), newSender(), to(url), "slow-link")
	require.NoError(t, err)
	require.False(t, res.Passed, res.Came)
	require.NotEmpty(t, res.Advice)
}

func TestNoReceiver(t *testing.T) {
	t.Parallel()
	answer := func(status int) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	hangs := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // net/http notices that a client has gone only when the body was read
		<-r.Context().Done()
	}))
	t.Cleanup(hangs.Close)
	breaksOff := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(breaksOff.Close)
	secure := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(secure.Close)
	for url, advice := range map[string]string{
		"http://127.0.0.1:1":     "Nobody takes connections",
		"http://10.0.0.1":        "network ranges",
		"http://crm.invalid":     "host name",
		secure.URL:               "certificate",
		hangs.URL:                "within 15 seconds",
		breaksOff.URL:            "broke off",
		answer(301):              "Redirects are never followed",
		answer(404):              "no handler",
		answer(410):              "gone for good",
		answer(500):              "Look into its log",
		answer(401):              "raw bytes",
		"mailto:crm@example.com": "Nothing was sent",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		res, err := trial.Run(ctx, newSender(), to(url), "duplicate")
		cancel()
		require.NoError(t, err)
		require.False(t, res.Passed, url)
		require.Len(t, res.Exchanges, 1, "what follows is not sent")
		require.Contains(t, res.Advice, advice, url+": "+res.Came)
		require.NotEmpty(t, res.Came)
	}
}

func TestTrialsFitTheEndpoint(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, tr := range trial.All(to("http://crm.example.com")) {
		require.False(t, names[tr.Name], "%s is there twice", tr.Name)
		names[tr.Name] = true
		for _, text := range []string{tr.Title, tr.Sends, tr.Expects} {
			require.NotEmpty(t, text, tr.Name)
		}
	}
	require.True(t, names["wrong-api-key"])
	keyless := to("http://crm.example.com")
	keyless.APIKey = ""
	require.Len(t, trial.All(keyless), len(names)-1)
	_, err := trial.Run(t.Context(), newSender(), keyless, "wrong-api-key")
	require.ErrorIs(t, err, trial.ErrUnknown)
}

// TestNothingSecretIsShown looks at what an operator sees of a trial.
func TestNothingSecretIsShown(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(&sloppy{})
	t.Cleanup(server.Close)
	for name, res := range bench(t, server.URL) {
		require.NotEmpty(t, res.Exchanges, name)
		for _, e := range res.Exchanges {
			require.Equal(t, "[redacted]", e.RequestHeaders.Get("X-api-key"), name)
			require.Equal(t, "[redacted]", e.RequestHeaders.Get("X-Tenant"), name)
			require.Contains(t, e.EventID, "evt_test_")
			require.Contains(t, string(e.Body), e.EventID)
			require.Contains(t, string(e.Body), trial.TestNumber)
		}
	}
}
