package crm_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/crm"
)

const (
	apiKey = "outbound-key"
	secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	body   = `{"call_id":"c2c_one","call_status":"ANSWERED"}`
)

func start(t *testing.T, keep int) *crm.CRM {
	t.Helper()
	c, err := crm.New(crm.Config{Addr: "127.0.0.1:0", APIKey: apiKey, Secret: secret, Keep: keep})
	require.NoError(t, err)
	require.NoError(t, c.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

// signed is a webhook as a correct sender makes it.
func signed(t *testing.T, c *crm.CRM, id, text string, at time.Time) *http.Request {
	t.Helper()
	wh, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	signature, err := wh.Sign(id, at, []byte(text))
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.URL(), strings.NewReader(text))
	require.NoError(t, err)
	req.Header.Set("X-api-key", apiKey)
	req.Header.Set("webhook-id", id)
	req.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	req.Header.Set("webhook-signature", signature)
	return req
}

func send(t *testing.T, req *http.Request) (*http.Response, []byte, error) {
	t.Helper()
	client := &http.Client{
		Timeout:       2 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { require.NoError(t, resp.Body.Close()) }()
	text, err := io.ReadAll(resp.Body)
	return resp, text, err
}

func TestVerification(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		spoil  func(*http.Request)
		at     time.Time
		why    string
		status int
	}{
		{"good", func(*http.Request) {}, time.Now(), "", 200},
		{"wrong key", func(r *http.Request) { r.Header.Set("X-api-key", "other") }, time.Now(), "wrong X-api-key", 401},
		{"no key", func(r *http.Request) { r.Header.Del("X-api-key") }, time.Now(), "wrong X-api-key", 401},
		{"another id", func(r *http.Request) { r.Header.Set("webhook-id", "evt_2") }, time.Now(), "no matching signature", 401},
		{"no signature", func(r *http.Request) { r.Header.Del("webhook-signature") }, time.Now(), "missing required headers", 401},
		{"another body", func(r *http.Request) {
			changed := strings.Replace(body, "ANSWERED", "FAILED", 1)
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(changed)), int64(len(changed))
		}, time.Now(), "no matching signature", 401},
		{"a day old", func(*http.Request) {}, time.Now().Add(-24 * time.Hour), "too old", 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, 0)
			req := signed(t, c, "evt_1", body, tt.at)
			tt.spoil(req)
			resp, _, err := send(t, req)
			require.NoError(t, err)
			require.Equal(t, tt.status, resp.StatusCode)
			got := c.ForCall("c2c_one")
			require.Len(t, got, 1)
			require.Equal(t, tt.why == "", got[0].Verified)
			require.Contains(t, got[0].Unverified, tt.why)
			require.Equal(t, tt.status, got[0].Status)
			require.Equal(t, tt.why == "", got[0].Accepted())
		})
	}
}

func TestKeepsTheVeryBytes(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	text := "{ \"call_id\" : \"c2c_one\",\n\t\"x\": 1.0 }"
	_, _, err := send(t, signed(t, c, "evt_1", text, time.Now()))
	require.NoError(t, err)
	require.Equal(t, text, string(c.Received()[0].Body))

	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		strings.Replace(c.URL(), "/webhooks/click2call", "/_received?call_id=c2c_one", 1), nil)
	require.NoError(t, err)
	_, listed, err := send(t, req)
	require.NoError(t, err)
	var overHTTP []crm.Request
	require.NoError(t, json.Unmarshal(listed, &overHTTP))
	require.Len(t, overHTTP, 1)
	require.Equal(t, text, string(overHTTP[0].Body))
}

func TestForgetsTheOldest(t *testing.T) {
	t.Parallel()
	c := start(t, 2)
	for _, id := range []string{"evt_1", "evt_2", "evt_3"} {
		_, _, err := send(t, signed(t, c, id, body, time.Now()))
		require.NoError(t, err)
	}
	got := c.Received()
	require.Len(t, got, 2)
	require.Equal(t, "evt_2", got[0].ID)
	require.Equal(t, "evt_3", got[1].ID)
}

func TestStatusesForTheNextRequests(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	require.NoError(t, c.Behave(crm.Behaviour{Times: 2, Status: 429, RetryAfter: "7"}))
	for _, want := range []int{429, 429, 200, 200} {
		resp, _, err := send(t, signed(t, c, "evt_1", body, time.Now()))
		require.NoError(t, err)
		require.Equal(t, want, resp.StatusCode)
		require.Equal(t, want == 429, resp.Header.Get("Retry-After") == "7")
	}
}

func TestFailsForEverUntilReset(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	require.NoError(t, c.Behave(crm.Behaviour{Status: 307, Location: "http://127.0.0.1:1/"}))
	for range 5 {
		resp, _, err := send(t, signed(t, c, "evt_1", body, time.Now()))
		require.NoError(t, err)
		require.Equal(t, 307, resp.StatusCode)
		require.Equal(t, "http://127.0.0.1:1/", resp.Header.Get("Location"))
	}
	c.Reset()
	resp, _, err := send(t, signed(t, c, "evt_1", body, time.Now()))
	require.NoError(t, err)
	require.Equal(t, 200, resp.StatusCode)
}

func TestBrokenAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		behaviour crm.Behaviour
		check     func(*testing.T, *http.Response, []byte, error)
	}{
		{"hang", crm.Behaviour{Mode: crm.ModeHang}, func(t *testing.T, r *http.Response, _ []byte, err error) {
			require.Nil(t, r)
			require.ErrorIs(t, err, context.DeadlineExceeded)
		}},
		{"drip", crm.Behaviour{Mode: crm.ModeDrip, DelayMS: 20}, func(t *testing.T, r *http.Response, b []byte, err error) {
			require.Equal(t, 200, r.StatusCode)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Greater(t, bytes.Count(b, []byte(".")), 1)
		}},
		{"close", crm.Behaviour{Mode: crm.ModeClose}, func(t *testing.T, r *http.Response, b []byte, err error) {
			require.Equal(t, 200, r.StatusCode)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			require.Equal(t, `{"rec`, string(b))
		}},
		{"reset", crm.Behaviour{Mode: crm.ModeReset}, func(t *testing.T, r *http.Response, _ []byte, err error) {
			require.Nil(t, r)
			require.True(t, errors.Is(err, io.EOF), err)
		}},
		{"large body", crm.Behaviour{BodySize: 100_001}, func(t *testing.T, r *http.Response, b []byte, err error) {
			require.NoError(t, err)
			require.Equal(t, 200, r.StatusCode)
			require.Len(t, b, 100_001)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, 0)
			require.NoError(t, c.Behave(tt.behaviour))
			resp, got, err := send(t, signed(t, c, "evt_1", body, time.Now()))
			tt.check(t, resp, got, err)
			require.Len(t, c.ForCall("c2c_one"), 1, "a request is recorded however it is answered")
		})
	}
}

func TestControlOverHTTP(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	control := func(text string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
			strings.Replace(c.URL(), "/webhooks/click2call", "/_control", 1), strings.NewReader(text))
		require.NoError(t, err)
		resp, _, err := send(t, req)
		require.NoError(t, err)
		return resp.StatusCode
	}
	require.Equal(t, 400, control(`{"stauts":500}`))
	require.Equal(t, 400, control(`{"mode":"explode"}`))
	require.Equal(t, 400, control(`{"status":99}`))
	require.Equal(t, 400, control(`{"delay_ms":-1}`))
	require.Equal(t, 204, control(`{"status":410}`))
	resp, _, err := send(t, signed(t, c, "evt_1", body, time.Now()))
	require.NoError(t, err)
	require.Equal(t, 410, resp.StatusCode)
}

func TestWaitFor(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	require.NoError(t, c.Behave(crm.Behaviour{Times: 1, Status: 500}))
	found := make(chan crm.Request, 1)
	go func() {
		if r, err := c.WaitFor(t.Context(), "c2c_one"); err == nil {
			found <- r
		}
	}()
	for range 2 { // the first is refused, so it is the second that WaitFor is waiting for
		_, _, err := send(t, signed(t, c, "evt_1", body, time.Now()))
		require.NoError(t, err)
	}
	select {
	case r := <-found:
		require.Equal(t, c.Received()[1].At, r.At)
	case <-time.After(5 * time.Second):
		require.Fail(t, "WaitFor did not return")
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.WaitFor(ctx, "c2c_other")
	require.ErrorIs(t, err, context.Canceled)
}

func TestNewWantsKeyAndSecret(t *testing.T) {
	t.Parallel()
	_, err := crm.New(crm.Config{Secret: secret})
	require.ErrorContains(t, err, "API key")
	_, err = crm.New(crm.Config{APIKey: apiKey})
	require.ErrorContains(t, err, "whsec_")
	_, err = crm.New(crm.Config{APIKey: apiKey, Secret: "whsec_***"})
	require.ErrorContains(t, err, "whsec_")
}

// TestOutages: what a sender sees of a CRM that crashes, comes back, and stalls. What came before is kept.
func TestOutages(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	address := c.URL()
	post := func(id string) error {
		req := signed(t, c, id, body, time.Now())
		req.Close = true // the next one asks for a connection of its own
		_, _, err := send(t, req)
		return err
	}
	require.NoError(t, post("evt_before"))
	for name, end := range map[string]func(){"killed": c.Kill, "stopped": c.Stop} {
		end()
		require.Error(t, post("evt_refused"), name)
		require.NoError(t, c.Start(t.Context()))
		require.Equal(t, address, c.URL(), name)
	}
	require.NoError(t, c.Pause())
	require.ErrorIs(t, post("evt_given_up"), context.DeadlineExceeded, "a paused CRM takes the connection and says nothing")
	answered := make(chan error, 1)
	go func() { answered <- post("evt_waited") }()
	require.NoError(t, c.Resume())
	require.NoError(t, <-answered)
	require.Eventually(t, func() bool { return len(c.Received()) == 3 }, 5*time.Second, 10*time.Millisecond)
	var all []string
	for _, r := range c.Received() {
		all = append(all, r.ID)
	}
	require.ElementsMatch(t, []string{"evt_before", "evt_given_up", "evt_waited"}, all)
}
