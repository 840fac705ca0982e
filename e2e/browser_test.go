package e2e_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
)

const (
	ringingHz = 425 // LiveKit's own ringing tone, play_dialtone (livekit-sip's tones.ETSIRinging)
	carrierHz = 440

	// Levels at the carrier over half a second, in 16-bit samples. The fake microphone beeps in every half second, which
	// makes about 2,900; LiveKit's SIP service sends a muted track as near-silence of about 3.
	spoken = 1000
	muted  = 10
)

// snippetSum is the SHA-256 of the integration snippet as integrators have it. Their pages are not ours to change: the
// product must go on working with this one.
const snippetSum = "f2e3a2f959da0276e49401ad4abe4f7f6b4a4bf47be151320a3c2727a8167d91"

func TestSnippetIsUnchanged(t *testing.T) {
	t.Parallel()
	snippet := read(t, "testdata/snippet.html")
	sum := sha256.Sum256([]byte(snippet))
	require.Equal(t, snippetSum, hex.EncodeToString(sum[:]))
	const product = "http://127.0.0.1:8080"
	filled := fillIn(t, snippet, product)
	require.Equal(t, 1, strings.Count(filled, product))
	require.Equal(t, snippet, strings.Replace(filled, `"`+product+`"`, baseBlank, 1), "only BASE is filled in")
}

// pagesAtOnce bounds the pages with sound, for machines with two cores.
const pagesAtOnce = 3

// TestBrowser plays an agent who uses the snippet in Chromium, on a page of another origin, in both modes. It does not
// run beside other tests, for the same reason.
func TestBrowser(t *testing.T) {
	bothModes(t, func(t *testing.T, m mode) {
		s := open(t, setting{mode: m, noEvents: m == polling})
		b := startBrowser(t)
		page := serveAgentPage(t, s.ProductURL())
		pages := make(chan struct{}, pagesAtOnce)
		for name, play := range map[string]func(*browserCall){
			"customer drops":           customerDrops,
			"agent mutes and hangs up": agentMutesAndHangsUp,
			"agent closes the tab":     agentClosesTheTab,
			"agent goes elsewhere":     agentGoesElsewhere,
			"customer is busy":         customerIsBusy,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				pages <- struct{}{}
				defer func() { <-pages }()
				play(&browserCall{T: t, site: s, tab: openTab(t, b, page)})
			})
		}
	})
}

// browserCall is one call of an agent who uses the snippet.
type browserCall struct {
	*testing.T
	site *site
	tab  *tab
	call *phoneCall // placed, and then left to the browser
}

// dial places a call and has the page join it and have the customer dialed.
func (c *browserCall) dial(number string) {
	c.Helper()
	c.call = c.site.call(c.T, number)
	answer, err := json.Marshal(c.call.placed)
	require.NoError(c, err)
	c.tab.eval(fmt.Sprintf("lab.answer = %s", answer), nil)
	c.tab.press("start")
	c.tab.awaitAnswer("/connect")
}

// talk makes a call, from /click2call until both ends hear each other: the browser the carrier's tone, and the carrier
// the microphone.
func (c *browserCall) talk(number string) {
	c.Helper()
	c.dial(number)
	c.tab.until(fmt.Sprintf("lab.talking && Math.abs(lab.talking.hz - %d) < 6", carrierHz))
	c.line("hears the microphone", func(l carrier.Call) bool {
		return l.State == carrier.StateUp && l.Media.RecentRMS > spoken
	})
	// The page reads the record from its own origin, as a CRM's page may.
	var record callRecord
	c.tab.eval("fetch(`${BASE}/api/c2c/calls/${lab.answer.call_id}`).then((r) => r.json())", &record)
	require.Equal(c, "answered", record.Status)
	require.True(c, record.Connected)
	c.tab.awaitAnswer("/status") // the snippet reports the answer once
	c.tab.fine()
}

func (c *browserCall) line(what string, ok func(carrier.Call) bool) {
	c.Helper()
	c.call.awaitLine(what, ok)
}

func customerDrops(c *browserCall) {
	c.tab.press("grant")
	var tracks []string
	c.tab.eval("lab.tracks.map((t) => `${t.kind} ${t.readyState}`)", &tracks)
	require.Equal(c, []string{"audio ended"}, tracks, "preGrantMic got the microphone and let it go again")

	// LiveKit's tone sounds in the first second of every five. A slow machine may miss the first, not the second.
	c.talk(carrier.Number("200", 7*time.Second, 0))
	var ringing struct{ Hz, Level float64 }
	c.tab.eval("lab.ringing", &ringing)
	require.Greater(c, ringing.Level, 0.001, "the agent hears it ring")
	require.InDelta(c, ringingHz, ringing.Hz, 6)

	c.call.dropLine()
	// The snippet asks for a hang-up as well when the customer drops; that must not make it the agent's.
	c.tab.awaitAnswer("/hangup")
	c.tab.until("lab.call.room.state === 'disconnected'")
	c.call.end(customerHangup)
	c.tab.fine()
}

func agentMutesAndHangsUp(c *browserCall) {
	c.talk(carrier.Number("200", 2*time.Second, 0))
	c.tab.press("mute")
	c.line("hears nothing", func(l carrier.Call) bool { return l.State == carrier.StateUp && l.Media.RecentRMS < muted })
	c.tab.press("unmute")
	c.line("hears the microphone again", func(l carrier.Call) bool { return l.Media.RecentRMS > spoken })
	c.tab.press("end")
	c.tab.awaitAnswer("/hangup")
	c.call.end(agentHangup)
	c.tab.fine()
}

// agentClosesTheTab leaves the hang-up to sendBeacon: the agent's leaving alone would be agent_lost, and only after the
// grace time.
func agentClosesTheTab(c *browserCall) {
	c.talk(carrier.Number("200", 2*time.Second, 0))
	c.tab.do("closeTab", nil, nil)
	c.call.end(agentHangup)
}

func agentGoesElsewhere(c *browserCall) {
	c.talk(carrier.Number("200", 2*time.Second, 0))
	c.tab.do("goto", map[string]any{"url": "about:blank"}, nil)
	c.call.end(agentHangup)
}

// customerIsBusy: the snippet learns it as a participant that leaves, and asks for a hang-up that must not make the
// call the agent's.
func customerIsBusy(c *browserCall) {
	c.dial(carrier.Number("486", 2*time.Second, 0))
	c.tab.awaitAnswer("/hangup")
	c.tab.until("lab.call.room.state === 'disconnected'")
	require.Empty(c, c.tab.seen().answered("/status"), "nobody answered")
	c.call.end(busyHere)
	c.tab.fine()
}
