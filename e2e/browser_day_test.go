package e2e_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
)

const (
	// beeping tells Chromium's fake microphone (some 2,900, and no one frequency) from the hold music (2,340 at most), as the carrier measures.
	beeping  = 2600
	axe      = "../ui/node_modules/axe-core/axe.min.js"
	sleepFor = 2 * time.Minute // at most: LiveKit gives a page up that says nothing for half a minute
)

// TestSDKThroughTheDay plays what an agent's day brings, in real calls: on a page without a build, in a React app and in a frame of
// another site, each with the SDK as npm packs it, and on a laptop that sleeps. TestBrowserSDK has F5 and the second tab.
func TestSDKThroughTheDay(t *testing.T) {
	packed := packSDK(t)
	s := open(t, setting{mode: polling, env: []string{"AGENT_REJOIN_GRACE=2m"}})
	product, b := s.ProductURL(), startBrowser(t)
	plain, app := packed.servePlain(t, product), packed.serveReact(t, product)
	pages := make(chan struct{}, pagesAtOnce)
	for _, part := range []struct {
		name string
		play func(*browserCall)
		open func(*testing.T) *tab
	}{
		{"a laptop sleeps", laptopSleeps, func(t *testing.T) *tab { return openTab(t, startBrowser(t), plain) }},
		{"a page without a build", linksAndFiles, func(t *testing.T) *tab { return openTab(t, b, plain) }},
		{"a React app and another network", anotherNetwork, func(t *testing.T) *tab { return openTab(t, b, app) }},
		{"a frame of another site", framed, func(t *testing.T) *tab {
			tab := openTab(t, b, serveFramed(t, plain))
			tab.frame = plain
			return tab
		}},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			pages <- struct{}{}
			defer func() { <-pages }()
			part.play(&browserCall{T: t, site: s, tab: part.open(t)})
		})
	}
}

// pageGone is the end by a page that says that it leaves: the call ended then, and the line is kept while the page may come back.
var pageGone = ending{late: backAgain + 3*time.Second}

const elementTalks = "phone.call?.view.phase === 'answered' && !phone.call.view.reconnecting && phone.call.view.customer !== null"

// session is LiveKit's name of the page's session in the room; a way back makes a new one.
func (c *browserCall) session() (id string) {
	c.Helper()
	c.tab.eval("phone.call.session", &id)
	return id
}

// linksAndFiles: what only seems to leave the page, and a hold; nothing of it ends the call, or makes the page join again. A closed tab
// does, when nobody is back in time.
func linksAndFiles(c *browserCall) {
	c.tab.eval(read(c.T, axe)+"; null", nil)
	var barriers []string
	c.tab.eval("lab.accessible()", &barriers)
	assert.Empty(c, barriers)

	c.begin()
	c.tab.until(elementTalks)
	session := c.session()
	c.tab.do("click", map[string]any{"selector": "#mail"}, nil)
	c.tab.until("lab.unloads > 0")
	var got string
	c.tab.do("download", map[string]any{"selector": "#file"}, &got)
	assert.Equal(c, "contract.txt", got)
	c.tab.eval("lab.asks = true", nil)
	c.tab.do("stay", map[string]any{"selector": "#away"}, &got)
	assert.Equal(c, "beforeunload", got)
	c.tab.eval("lab.asks = false", nil)
	hold := map[string]any{"selector": "#phone button:nth-of-type(2)"}
	c.tab.do("click", hold, nil)
	c.tab.until("phone.call.view.onHold")
	c.call.hears("music", func(m carrier.Media) bool { return m.RecentRMS > muted && m.RecentRMS < beeping })
	c.tab.do("click", hold, nil)
	c.tab.until("!phone.call.view.onHold")
	c.line("hears the microphone again", func(l carrier.Call) bool { return l.Media.RecentRMS > beeping })
	c.tab.until(elementTalks)

	// At last: headless Chromium asks what is to open the link, and the page gets no click any more.
	c.tab.eval("lab.unloads = 0", nil)
	c.tab.do("click", map[string]any{"selector": "#tel"}, nil)
	c.tab.until("lab.unloads > 0 && " + elementTalks)
	c.line("hears the microphone on", heard)
	assert.Equal(c, session, c.session(), "the page has never left the room")
	c.tab.fine()
	c.tab.do("closeTab", nil, nil)
	c.call.endAs(agentHangup, pageGone)
}

// anotherNetwork: the browser has no network for a while, and then another; and F5. The listeners of the first page hear the call of the second.
func anotherNetwork(c *browserCall) {
	c.begin()
	c.tab.rough = true
	c.tab.do("offline", map[string]any{"on": true}, nil)
	c.tab.until("lab.events.includes('reconnecting')")
	c.tab.do("offline", map[string]any{"on": false}, nil)
	talks := "lab.call?.view.phase === 'answered' && !lab.call.view.reconnecting && lab.call.view.customer !== null"
	c.tab.until("lab.events.at(-1) === 'back' && " + talks)
	c.call.hearsAgentFor(2 * time.Second)
	c.line("hears the microphone over the other network", heard)

	c.tab.do("reload", nil, nil)
	c.tab.until(talks)
	c.line("hears the microphone of the page that was loaded again", heard)
	c.tab.press("end")
	var outcome string
	c.tab.eval("document.querySelector('output')?.textContent", &outcome)
	assert.Equal(c, "ANSWERED agent_hangup", outcome)
	var events []string
	c.tab.eval("lab.events", &events)
	assert.Equal(c, []string{"answered", "hung_up"}, slices.DeleteFunc(events, func(e string) bool { return e == "reconnecting" || e == "back" }))
	c.call.end(agentHangup)
}

// framed: the telephone comes back when the page around it is loaded again, and ends its call when that page takes the frame away.
func framed(c *browserCall) {
	c.begin()
	c.tab.until(elementTalks)
	first := c.session()
	c.tab.do("reload", nil, nil)
	c.tab.until(elementTalks)
	assert.NotEqual(c, first, c.session())
	c.line("hears the microphone of the frame that was loaded again", heard)
	c.tab.fine()
	c.tab.frame = ""
	c.tab.eval("document.getElementById('telephone').remove()", nil)
	c.call.endAs(agentHangup, pageGone)
}

// laptopSleeps stops the whole browser until LiveKit has given the agent's page up. The page comes back by itself when it wakes, and hears the
// customer's end of the call.
func laptopSleeps(c *browserCall) {
	c.begin()
	c.tab.until(elementTalks)
	first := c.session()
	wake := func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Context()), pageWithin)
		defer cancel()
		assert.NoError(c, c.tab.b.do(ctx, "sleep", map[string]any{"on": false}, nil))
	}
	c.Cleanup(wake) // a browser that sleeps cannot be closed
	c.tab.rough = true
	c.tab.do("sleep", map[string]any{"on": true}, nil)
	slept := time.Now()
	left := c.call.left("agent")
	require.Eventually(c, func() bool { return slices.ContainsFunc(c.site.Events.Seen(), left) }, sleepFor, poll)
	wake()
	c.Logf("LiveKit gave the page up after %.0f s", time.Since(slept).Seconds())
	c.tab.until(fmt.Sprintf("%s && phone.call.session !== %q", elementTalks, first))
	c.line("hears the microphone of the laptop that is awake", heard)
	require.Equal(c, "answered", c.call.read().Status)
	c.call.dropLine()
	c.tab.until("lab.events.at(-1) === 'over'")
	c.call.end(customerHangup)
	c.tab.fine()
}
