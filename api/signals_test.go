package api_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api"
	"github.com/click2call/click2call/call"
)

func TestHangUp(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	path := "/api/c2c/calls/" + string(id) + "/hangup"

	// Any content type, any body or none, any number of times.
	for _, a := range []*answer{
		b.do(http.MethodPost, path, ""), b.do(http.MethodPost, path, "", "Content-Type", "text/plain;charset=UTF-8"),
		b.post(path, "{"), b.do(http.MethodPost, path, "\x00\xff", "Content-Type", "no/such;;type"),
	} {
		require.Equal(t, map[string]any{"status": "ending"}, a.ok().json())
	}
	require.Len(t, b.workflows.sent(), 4)
	require.Equal(t, signal{name: "hangup by browser", id: id, at: b.clock.now()}, b.workflows.sent()[0])

	b.store.set(id, func(c *call.Call) { c.Status = call.StatusEnded })
	for range 2 {
		require.Equal(t, map[string]any{"status": "ended"}, b.do(http.MethodPost, path, "").ok().json())
	}
}

// TestTwentyAtOnce: those who ask for the same at the same time share one signal, and all get its answer.
func TestTwentyAtOnce(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"hangup", "connect"} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				id := b.open()
				b.workflows.slow = 100 * time.Millisecond
				var all sync.WaitGroup
				for range 20 {
					all.Go(func() { b.post("/api/c2c/calls/"+string(id)+"/"+verb, "").ok() })
				}
				all.Wait()
				require.Len(t, b.workflows.sent(), 1)
			})
		})
	}
}

func TestHangUpWithoutDatabase(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	path := "/api/c2c/calls/" + string(id) + "/hangup"
	b.store.fail(errDown)
	b.settings.down = errDown
	b.do(http.MethodPost, path, "", "Origin", "https://crm.example").ok()
	require.Len(t, b.workflows.sent(), 1)

	b.workflows.fail(errTrouble)
	b.do(http.MethodPost, path, "").isProblem(503, "temporal_unavailable")
}

// TestHangUpFromAClosingTab: the browser is gone before the answer, the hang-up goes through.
func TestHangUpFromAClosingTab(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	gone, leave := context.WithCancel(t.Context())
	leave()
	b.serve(request(http.MethodPost, "/api/c2c/calls/"+string(id)+"/hangup", "").WithContext(gone)).ok()
	require.Len(t, b.workflows.sent(), 1)
}

func (b *bench) report(id call.ID, body string) *answer {
	return b.post("/api/c2c/calls/"+string(id)+"/status", body)
}

func TestReportAnswered(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	// Fields beside status are the browser's own affair.
	require.Equal(t, map[string]any{"status": "noted"}, b.report(id, `{"status":"ANSWERED","at":1,"nested":{"x":[null]}}`).ok().json())
	require.Equal(t, []signal{{name: "report", id: id, at: b.clock.now()}}, b.workflows.sent())

	b.report(id, `{"status":"ANSWERED"}`).ok()
	require.Len(t, b.workflows.sent(), 1, "at most one in half a minute reaches Temporal")
	b.clock.forward(30 * time.Second)
	b.report(id, `{"status":"ANSWERED"}`).ok()
	require.Len(t, b.workflows.sent(), 2)

	b.store.set(id, func(c *call.Call) { c.Status = call.StatusEnded })
	b.clock.forward(time.Second)
	b.report(id, `{"status":"ANSWERED"}`).ok()
	require.Len(t, b.workflows.sent(), 2, "a call that is over hears nothing more")
}

// TestReportOfAKnownAnswer: when the dial's own word on the answer is written down, the browser's costs no signal.
func TestReportOfAKnownAnswer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status call.Status
		at     time.Duration // when it becomes that
		sent   int
	}{
		"answered":                    {call.StatusAnswered, 0, 0},
		"ended":                       {call.StatusEnded, 0, 0},
		"answered a moment later":     {call.StatusAnswered, 100 * time.Millisecond, 0},
		"still ringing, as far as we": {call.StatusRinging, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			deps := b.deps()
			deps.AnswerWait = 10 * time.Second
			if tt.sent > 0 {
				deps.AnswerWait = agentWait
			}
			b.handler = api.New(deps)
			id := b.open()
			b.store.set(id, func(c *call.Call) { c.Status = call.StatusRinging })
			become := func() { b.store.set(id, func(c *call.Call) { c.Status = tt.status }) }
			if tt.at == 0 {
				become()
			} else {
				time.AfterFunc(tt.at, become)
			}
			b.report(id, `{"status":"ANSWERED"}`).ok()
			require.Len(t, b.workflows.sent(), tt.sent)
			if tt.status == call.StatusAnswered {
				require.Equal(t, []call.Entry{{At: b.clock.now(), Source: call.SourceBrowser, Name: "status", Detail: "ANSWERED"}}, b.store.timeline(id))
			}
		})
	}
}

// TestReportIsRetried: a report that did not arrive does not use up the second.
func TestReportIsRetried(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	b.workflows.fail(errTrouble)
	b.report(id, `{"status":"ANSWERED"}`).isProblem(503, "temporal_unavailable")
	b.workflows.fail(nil)
	b.report(id, `{"status":"ANSWERED"}`).ok()
	require.Len(t, b.workflows.sent(), 1)
}

func TestUnknownStatusIsKept(t *testing.T) {
	t.Parallel()
	for sent, kept := range map[string]string{
		"RINGING": "RINGING", "answered": "answered", "mic muted 🎤": "mic muted 🎤", strings.Repeat("९x", 32): strings.Repeat("९x", 32),
		"dialing 9530251797": "dialing 95302•••97", "+91 95302-51797": "+91 95•••••••97",
	} {
		b := newBench(t)
		id := b.open()
		b.report(id, `{"status":`+quoted(sent)+`}`).ok()
		entries := b.store.timeline(id)
		require.Len(t, entries, 1)
		require.Equal(t, call.Entry{At: b.clock.now(), Source: call.SourceBrowser, Name: "status", Detail: entries[0].Detail}, entries[0])
		if strings.ContainsAny(sent, "0123456789") {
			require.NotContains(t, entries[0].Detail, "51797", "no phone number on the timeline")
		} else {
			require.Equal(t, kept, entries[0].Detail)
		}
		require.Empty(t, b.workflows.sent(), "it changes nothing")
		require.Equal(t, "created", b.do(http.MethodGet, "/api/c2c/calls/"+string(id), "").ok().str("status"))
	}
}

func TestStatusIsChecked(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"missing": `{}`, "other name": `{"Status":"ANSWERED"}`, "null": `{"status":null}`, "number": `{"status":200}`, "bool": `{"status":true}`,
		"list": `{"status":["ANSWERED"]}`, "empty": `{"status":""}`, "blank": `{"status":"  "}`, "long": `{"status":"` + strings.Repeat("x", 65) + `"}`,
		"CRLF": `{"status":"ANSWERED\r\nx"}`, "NUL": `{"status":"\u0000"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			id := b.open()
			b.report(id, body).isProblem(http.StatusBadRequest, "invalid_request").names("status")
			require.Empty(t, b.workflows.sent())
			require.Empty(t, b.store.timeline(id))
		})
	}
}

func TestStatusIsLimitedPerCall(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id, other := b.open(), b.open()
	for range 20 {
		b.report(id, `{"status":"RINGING"}`).ok()
	}
	a := b.report(id, `{"status":"ANSWERED"}`).isProblem(http.StatusTooManyRequests, "rate_limited")
	require.Equal(t, "1", a.header.Get("Retry-After"))
	require.Len(t, b.store.timeline(id), 20)
	require.Empty(t, b.workflows.sent())
	b.report(other, `{"status":"RINGING"}`).ok()
	b.do(http.MethodPost, "/api/c2c/calls/"+string(id)+"/hangup", "").ok() // hanging up is never limited
	b.clock.forward(time.Second)
	b.report(id, `{"status":"RINGING"}`).ok()
}

func TestStatusWithoutDatabase(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	b.store.fail(errDown)
	b.report(id, `{"status":"ANSWERED"}`).ok() // what the call needs goes through
	require.Len(t, b.workflows.sent(), 1)
	b.report(id, `{"status":"RINGING"}`).isProblem(503, "store_unavailable")
}
