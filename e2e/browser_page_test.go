package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	// baseBlank is what an integrator fills in: the only part of the snippet that may differ.
	baseBlank  = `"BASE"`
	pageWithin = time.Minute // for one thing to happen in the page, on a machine that has other things to do
)

// fillIn is the snippet as an integrator pastes it.
func fillIn(t *testing.T, snippet, productURL string) string {
	t.Helper()
	require.Equal(t, 1, strings.Count(snippet, baseBlank))
	return strings.Replace(snippet, baseBlank, strconv.Quote(productURL), 1)
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}

// serveAgentPage serves a page with the integration snippet in it, from an origin other than the product's.
func serveAgentPage(t *testing.T, productURL string) (url string) {
	t.Helper()
	page := strings.Replace(read(t, "testdata/agent.html"), "{{snippet}}",
		fillIn(t, read(t, "testdata/snippet.html"), productURL), 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprint(w, page) // a browser that is gone wants no answer
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// tab is an agent's page in the browser.
type tab struct {
	t     *testing.T
	b     *browser
	name  string
	frame string // how the address begins of the frame that is meant; "" is the page itself
	rough bool   // the browser has no network for a while, and complains
}

// openTab opens the agent's page in a browser context of its own.
func openTab(t *testing.T, b *browser, url string) *tab {
	t.Helper()
	p := &tab{t: t, b: b, name: t.Name()}
	p.do("open", map[string]any{"url": url}, nil)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), pageWithin)
		defer cancel()
		if err := b.do(ctx, "forget", map[string]any{"page": p.name}, nil); err != nil {
			t.Errorf("close the page: %v", err)
		}
	})
	return p
}

func (p *tab) do(verb string, args map[string]any, out any) {
	p.t.Helper()
	if args == nil {
		args = map[string]any{}
	}
	args["page"], args["frame"] = p.name, p.frame
	ctx, cancel := context.WithTimeoutCause(p.t.Context(), 2*pageWithin, fmt.Errorf("no reply within %s", 2*pageWithin))
	defer cancel()
	require.NoError(p.t, p.b.do(ctx, verb, args, out))
}

// eval is the value of a JavaScript expression in the page.
func (p *tab) eval(expression string, out any) {
	p.t.Helper()
	p.do("eval", map[string]any{"expression": expression}, out)
}

// press clicks a button of the page and waits until what it does is done.
func (p *tab) press(id string) {
	p.t.Helper()
	p.do("click", map[string]any{"selector": "#" + id}, nil)
	p.until(fmt.Sprintf("lab.done.includes(%q) || lab.errors.length > 0", id))
	p.fine()
	p.eval("lab.done.length = 0", nil)
}

// until waits for a JavaScript expression to hold in the page.
func (p *tab) until(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 2*pageWithin)
	defer cancel()
	err := p.b.do(ctx, "until", map[string]any{"page": p.name, "frame": p.frame, "expression": expression, "ms": pageWithin.Milliseconds()}, nil)
	if err != nil {
		var state any
		p.eval("({answer: lab.answer?.call_id, errors: lab.errors, ringing: lab.ringing, talking: lab.talking, done: lab.done})", &state)
		require.NoError(p.t, err, "until %s; the page knows %v; seen %+v", expression, state, p.seen())
	}
}

// fine fails the test when anything in the page went wrong.
func (p *tab) fine() {
	p.t.Helper()
	var wrong []string
	p.eval("lab.errors", &wrong)
	require.Empty(p.t, wrong)
	if !p.rough {
		require.Empty(p.t, p.seen().Errors)
	}
}

// seen is what the browser noted beside the page: errors, and requests in the order of their answers.
func (p *tab) seen() (s sightings) {
	p.t.Helper()
	p.do("seen", nil, &s)
	return s
}

// awaitAnswer waits for the product's answer to the page's one request whose URL ends so.
func (p *tab) awaitAnswer(suffix string) {
	p.t.Helper()
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	answers := p.seen().answered(suffix)
	for began := time.Now(); len(answers) == 0 && time.Since(began) < pageWithin; answers = p.seen().answered(suffix) {
		<-ticker.C
	}
	require.Equal(p.t, []int{http.StatusOK}, answers, "the product's answers to %s", suffix)
}

type sightings struct {
	Errors []struct {
		Text string `json:"text"`
	} `json:"errors"`
	Requests []struct {
		Method  string    `json:"method"`
		URL     string    `json:"url"`
		Status  int       `json:"status"`
		Failure string    `json:"failure"`
		At      time.Time `json:"at"`
	} `json:"requests"`
}

// answered are the statuses of the product's answers to requests whose URL ends so, preflights left aside.
func (s sightings) answered(suffix string) []int {
	var all []int
	for _, r := range s.Requests {
		if r.Method != http.MethodOptions && strings.HasSuffix(r.URL, suffix) {
			all = append(all, r.Status)
		}
	}
	return all
}
