package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
	"github.com/click2call/click2call/lab/world"
)

// rpcWithin is how long the page waits for somebody to answer a remote procedure call: a leg that answers takes some 50 ms.
const rpcWithin = 4000

// TestPageCanOnlyTalk: whatever script runs in the agent's page, its token talks and listens. LiveKit's SIP service would tell it the
// dialed string, and hang up for it (livekit-sip v1.8.0, pkg/sip/rpc.go); keys go through the product instead.
func TestPageCanOnlyTalk(t *testing.T) {
	s := open(t, setting{mode: webhook})
	c := &browserCall{T: t, site: s, tab: openTab(t, startBrowser(t), serveAgentPage(t, s.ProductURL()))}
	c.talk(carrier.Number("200", 0, 0))

	for _, method := range []string{"lk.sip.GetRemoteHeaders", "lk.sip.EndCall"} {
		var got string
		c.tab.eval(fmt.Sprintf(`lab.call.room.localParticipant.performRpc({
			destinationIdentity: customer().identity, method: %q, payload: "{}", responseTimeout: %d,
		}).then((answer) => "answered " + answer, (err) => "failed " + err.code)`, method, rpcWithin), &got)
		assert.Contains(t, got, "failed", "%s", method)
	}
	c.tab.eval(`Promise.allSettled([
		lab.call.room.localParticipant.publishData(new TextEncoder().encode("hello"), {reliable: true}),
		lab.call.room.localParticipant.publishDtmf(7, "7"),
		lab.call.room.localParticipant.setMetadata("x"),
		lab.call.room.localParticipant.setAttributes({"sip.callStatus": "hangup"}),
	]).then(() => null)`, nil)

	var status int
	c.tab.eval("fetch(`${BASE}/api/c2c/calls/${lab.answer.call_id}/dtmf`, {method: 'POST', headers: {'Content-Type': 'application/json'},"+
		" body: JSON.stringify({digits: '12#A'})}).then((r) => r.status)", &status)
	require.Equal(t, http.StatusOK, status)
	heard := c.call.awaitLine("has heard the keys", func(l carrier.Call) bool { return len(l.Media.DTMF) >= 4 })
	assert.Equal(t, "12#A", heard.Media.DTMF, "the keys of the request, and not the page's own 7")
	assert.Equal(t, carrier.StateUp, heard.State)
	assert.NotContains(t, s.productLogs(t), "12#A")

	c.checkWhatThePageSees()
	c.call.dropLine()
	c.call.end(customerHangup)
}

// harmless are the attributes of the customer's leg that a page may see; docs/security.md says why.
var harmless = []string{"c2c.call_id", "sip.callID", "sip.callIDFull", "sip.callStatus", "sip.callTag", "sip.trunkID"}

// checkWhatThePageSees compares all that LiveKit shows the page with what must stay inside.
func (c *browserCall) checkWhatThePageSees() {
	c.Helper()
	type participant struct {
		Identity, Name, Metadata string
		Attributes               map[string]string
		Tracks                   []string
	}
	var seen struct {
		Room, Metadata string
		Participants   []participant
	}
	c.tab.eval(`(() => {
		const room = lab.call.room;
		const all = [room.localParticipant, ...room.remoteParticipants.values()];
		return { Room: room.name, Metadata: room.metadata ?? "", Participants: all.map((p) => ({
			Identity: p.identity, Name: p.name ?? "", Metadata: p.metadata ?? "", Attributes: p.attributes,
			Tracks: [...p.trackPublications.values()].map((t) => t.trackName),
		})) };
	})()`, &seen)
	text, err := json.Marshal(seen)
	require.NoError(c, err)
	c.Logf("the page sees %s", text)
	require.Len(c, seen.Participants, 2, "the agent, the customer, and nobody else")
	for name := range seen.Participants[1].Attributes {
		assert.Contains(c, harmless, name, "LiveKit shows the page something new: close it, or say in docs/security.md why it does no harm")
	}
	dialed := world.TrunkPrefix + c.call.number
	lines := c.call.lines()
	require.Len(c, lines, 1)
	assert.Equal(c, dialed, strings.TrimPrefix(lines[0].Number, "+"), "what the carrier was asked to dial")
	for what, secret := range map[string]string{
		"the dialed string": dialed, "the customer's number": c.call.number, "the caller ID": strings.TrimPrefix(c.call.did, "+"),
		"the carrier's address": "127.0.0.1",
	} {
		assert.False(c, strings.Contains(string(text), secret), "the page sees %s", what)
	}
	trunk := slices.DeleteFunc(strings.Split(string(text), `"`), func(s string) bool { return s != c.site.TrunkID })
	assert.LessOrEqual(c, len(trunk), 1, "LiveKit's id of the trunk is in sip.trunkID alone")
}
