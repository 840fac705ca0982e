package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/agent"
)

// TestRequests plays with the browser's and the CRM's requests: lies, repetitions, wrong moments, other calls' ids.
func TestRequests(t *testing.T) {
	bothModes(t, func(t *testing.T, m mode) {
		s := open(t, setting{mode: m, noEvents: m == polling, env: []string{"RING_TIMEOUT=20s", "AGENT_REJOIN_GRACE=3s"}})
		for name, test := range map[string]func(*testing.T, *site){
			"ANSWERED while it rings on a busy number": answeredOnBusy,
			"ANSWERED fifty times":                     answeredFifty,
			"connect ten times at once":                connectTen,
			"connect without the agent":                connectWithoutAgent,
			"hangup before connect":                    hangupBefore,
			"hangup with the dial":                     hangupWithDial,
			"hangup twenty times while it rings":       hangupRinging,
			"hangup twenty times while they talk":      hangupTalking,
			"everything after the end":                 afterTheEnd,
			"unknown ids":                              unknownIDs,
			"another call's id":                        anotherCall,
			"one idempotency key ten times at once":    idempotencyKey,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, s)
			})
		}
	})
}

// answeredOnBusy: the browser's word never makes a busy call an answered one.
func answeredOnBusy(t *testing.T, s *site) {
	c := s.call(t, secondsOf("486", 3, 0)).ring()
	status, _ := c.post("ANSWERED")
	assert.Equal(t, 200, status)
	c.end(busyHere)
}

func answeredFifty(t *testing.T, s *site) {
	c := s.call(t, secondsOf("200", 2, 0)).ring()
	limited := 0
	for range 50 {
		switch status, code := c.post("ANSWERED"); status {
		case 200:
		case 429:
			assert.Equal(t, "rate_limited", code)
			limited++
		default:
			assert.Fail(t, "POST /status", "%d %s", status, code)
		}
	}
	assert.Positive(t, limited, "somebody who floods one call is slowed down")
	c.awaitAnswer()
	c.dropLine()
	c.end(customerHangup)
	assert.LessOrEqual(t, c.signals("browser-report"), 20, "each one that reaches Temporal is billed")
}

func connectTen(t *testing.T, s *site) {
	c := s.call(t, secondsOf("200", 1, 2)).enter()
	atOnce(10, func() {
		status, code := c.post("connect")
		assert.Equal(t, 200, status, code)
	})
	c.end(customerHangup)
}

func connectWithoutAgent(t *testing.T, s *site) {
	c := s.call(t, secondsOf("200", 0, 2))
	status, code := c.post("connect")
	assert.Equal(t, 409, status)
	assert.Equal(t, "agent_not_in_room", code)
	assert.Empty(t, c.lines(), "nobody answers to silence")
	c.join().end(customerHangup)
}

func hangupBefore(t *testing.T, s *site) {
	c := s.call(t, secondsOf("200", 0, 2))
	status, _ := c.post("hangup")
	assert.Equal(t, 200, status)
	c.endAs(cancelledEarly, ending{none: true})
}

// hangupWithDial: agents change their minds around the instant of dialing. Whether the INVITE still goes out is a race; that
// nobody's phone rings on for nobody, and that the call ends as one that the agent ended, is not.
func hangupWithDial(t *testing.T, s *site) {
	for i := range 8 {
		after := time.Duration(i) * 15 * time.Millisecond
		t.Run(after.String()+" later", func(t *testing.T) {
			t.Parallel()
			c := s.call(t, secondsOf("200", 5, 0)).join()
			time.Sleep(after)
			status, _ := c.post("hangup")
			assert.Equal(t, 200, status)
			r := c.awaitRecord("is ended", func(r callRecord) bool { return r.Status == "ended" })
			want := agentCancelled
			if deref(r.Reason) == cancelledEarly.reason {
				want = cancelledEarly
			}
			c.endAs(want, ending{perhaps: true})
		})
	}
}

func hangupRinging(t *testing.T, s *site) {
	c := s.call(t, secondsOf("180", 0, 0)).ring()
	c.hangupTwenty()
	c.end(agentCancelled)
}

func hangupTalking(t *testing.T, s *site) {
	c := s.call(t, secondsOf("200", 1, 0)).answer()
	c.talkFor(time.Second)
	c.hangupTwenty()
	c.end(agentHangup)
	assert.LessOrEqual(t, c.signals("hangup"), 20)
}

func (c *phoneCall) hangupTwenty() {
	atOnce(20, func() {
		status, code := c.post("hangup")
		assert.Equal(c.t, 200, status, code)
	})
}

func afterTheEnd(t *testing.T, s *site) {
	c := s.call(t, secondsOf("486", 0, 0)).join()
	before := c.end(busyHere)
	for verb, want := range map[string]int{"hangup": 200, "ANSWERED": 200, "connect": 409, "token": 409} {
		status, code := c.post(verb)
		assert.Equal(t, want, status, verb)
		if want == 409 {
			assert.Equal(t, "call_ended", code, verb)
		}
	}
	assert.Equal(t, before, c.read())
	assert.Len(t, c.lines(), 1)
}

func unknownIDs(t *testing.T, s *site) {
	for _, id := range []string{"c2c_" + "aaaaaaaaaaaaaaaaaaaaaaaaaa", "c2c_ab12cd34", "C2C_AAAAAAAAAAAAAAAAAAAAAAAAAA", "..", "' OR 1=1"} {
		stranger := s.prepare(t, secondsOf("200", 0, 0))
		stranger.Adopt(agent.Response{CallID: id})
		for _, verb := range []string{"connect", "hangup", "ANSWERED", "token"} {
			status, code := stranger.post(verb)
			assert.Equal(t, 404, status, "%s of %q", verb, id)
			if id != ".." { // which is another path
				assert.Equal(t, "call_not_found", code, "%s of %q", verb, id)
			}
		}
	}
}

// anotherCall: what is asked of one call does nothing to another.
func anotherCall(t *testing.T, s *site) {
	one, two := s.call(t, secondsOf("200", 1, 0)), s.call(t, secondsOf("200", 1, 0))
	one.answer()
	two.answer()
	status, _ := two.post("hangup")
	assert.Equal(t, 200, status)
	two.end(agentHangup)
	one.hearsAgentFor(2 * time.Second)
	assert.Equal(t, "answered", one.read().Status)
	one.dropLine()
	one.end(customerHangup)
}

// idempotencyKey: ten requests at once with one key open one call.
func idempotencyKey(t *testing.T, s *site) {
	c := s.prepare(t, secondsOf("200", 0, 2))
	key := "key-" + c.did
	var mu sync.Mutex
	calls, fresh := map[string]int{}, 0
	atOnce(10, func() {
		status, header, body := s.place(t, key, c.request())
		var placed agent.Response
		if !assert.Equal(t, 200, status, string(body)) || !assert.NoError(t, json.Unmarshal(body, &placed)) {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		calls[placed.CallID]++
		if header.Get("Idempotent-Replayed") == "" {
			fresh++
		}
		c.placed = placed
	})
	require.Len(t, calls, 1, "calls opened")
	assert.Equal(t, 1, fresh, "all others say that they are replays")
	s.keep(c)
	c.join().end(customerHangup)

	other := c.request()
	other["case_id"] = "another"
	status, _, body := s.place(t, key, other)
	assert.Equal(t, 409, status, string(body))
}

// place posts to /click2call with an idempotency key.
func (s *site) place(t *testing.T, key string, request map[string]string) (int, http.Header, []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	body, err := json.Marshal(request)
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.ProductURL()+"/api/c2c/click2call", bytes.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", s.Secrets.InboundKey)
	req.Header.Set("Idempotency-Key", key)
	resp, err := http.DefaultClient.Do(req)
	if !assert.NoError(t, err) {
		return 0, nil, nil
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	assert.NoError(t, err)
	return resp.StatusCode, resp.Header, answer
}

// atOnce runs do n times at once and waits for all.
func atOnce(n int, do func()) {
	var wg sync.WaitGroup
	for range n {
		wg.Go(do)
	}
	wg.Wait()
}
