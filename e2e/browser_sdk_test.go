package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
)

// backAgain is how long a page that is loaded again may take: the server waits for it as long by default.
const backAgain = 5 * time.Second

// served is the browser SDK as a page takes it from an installation.
const served = `<script src="{{product}}/sdk/livekit-client.umd.min.js"></script>
<script src="{{product}}/sdk/click2call.js"></script>`

// sdkPage is the page of an agent with the SDK's element, and its script.
func sdkPage(t *testing.T, sdk, productURL string) (page, script string) {
	t.Helper()
	page = strings.Replace(read(t, "testdata/sdk.html"), "{{sdk}}", sdk, 1)
	return strings.ReplaceAll(page, "{{product}}", productURL), read(t, "testdata/sdk.js")
}

// serveSDKPage serves a page that uses the browser SDK's one file, from an origin other than the product's and under a policy that forbids
// all that the guide does not ask for.
func serveSDKPage(t *testing.T, productURL string) (url string) {
	t.Helper()
	page, script := sdkPage(t, served, productURL)
	policy := fmt.Sprintf("default-src 'none'; script-src 'self' %[1]s; connect-src %[1]s ws://127.0.0.1:*; img-src data:; base-uri 'none'; form-action 'none'", productURL)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		body := page
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path == "/page.js" {
			body = script
			w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		}
		_, _ = fmt.Fprint(w, body) // a browser that is gone wants no answer
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestBrowserSDK plays an agent whose page uses the SDK: a mailto: link in mid-call, F5, a hang-up of the page that was, a second tab, and its
// hang-up.
func TestBrowserSDK(t *testing.T) {
	s := open(t, setting{mode: polling})
	c := &browserCall{T: t, site: s, tab: openTab(t, startBrowser(t), serveSDKPage(t, s.ProductURL()))}
	c.begin()
	c.tab.until("phone.call.view.phase === 'answered'")
	var events []string
	c.tab.eval("lab.events", &events)
	assert.Equal(t, []string{"ringing", "answered"}, events)
	var first string
	c.tab.eval("phone.call.session", &first)

	c.tab.do("click", map[string]any{"selector": "#mail"}, nil)
	c.tab.until("lab.unloads > 0")

	left := time.Now()
	c.tab.do("reload", nil, nil)
	c.tab.until("phone.call?.view.phase === 'answered' && !phone.call.view.reconnecting && phone.call.view.customer !== null")
	var back struct{ After float64 }
	var second string
	c.tab.eval("({after: lab.backAfter})", &back)
	c.tab.eval("phone.call.session", &second)
	t.Logf("back in the call %.1f s after the reload began", back.After/1000)
	assert.Less(t, time.Duration(back.After)*time.Millisecond, backAgain)
	require.NotEqual(t, first, second)
	c.line("hears the microphone of the page that was loaded again", heard)

	var said string
	c.tab.eval(fmt.Sprintf("fetch(`%s/api/c2c/calls/${phone.call.id}/hangup`, {method: 'POST', body: JSON.stringify({session: %q})}).then((r) => r.json()).then((a) => a.status)",
		s.ProductURL(), first), &said)
	require.Equal(t, "replaced", said, "the page that was does not end the call of the page that is")
	c.line("goes on when the wait for the page that left is over", func(l carrier.Call) bool { return heard(l) && time.Since(left) > backAgain+time.Second })

	c.takeOver()
	c.call.end(agentHangup)
	c.tab.fine()
}

// heard is a line on which the customer hears a page's microphone.
func heard(l carrier.Call) bool { return l.State == carrier.StateUp && l.Media.RecentRMS > spoken }

// begin makes a call by the page's own button, until the customer hears its microphone.
func (c *browserCall) begin() {
	c.Helper()
	c.call = c.site.call(c.T, carrier.Number("200", time.Second, 0))
	answer, err := json.Marshal(c.call.placed)
	require.NoError(c, err)
	c.tab.eval(fmt.Sprintf("lab.answer = %s", answer), nil)
	c.tab.press("start")
	c.line("hears the microphone", heard)
}

// takeOver opens a second tab, which gets a copy of the first one's session storage as a duplicated tab does. The first lets go without
// a hang-up; the second hangs up.
func (c *browserCall) takeOver() {
	c.Helper()
	c.tab.eval("void (lab.second = window.open(location.href, '_blank'))", nil)
	c.tab.until("lab.events.at(-1) === 'taken_over'")
	const second = "lab.second.document.getElementById('phone').call"
	c.tab.until(second + ".view.phase === 'answered' && " + second + ".view.customer !== null")
	c.line("hears the microphone of the second tab", heard)
	c.tab.eval(second+".hangUp()", nil)
}
