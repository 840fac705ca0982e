package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
	"github.com/click2call/click2call/lab/world"
)

// TestTemporalWeb looks at a call as an operator does: who, what and why stand in Temporal Web without opening a
// payload, and the customer's number does not.
func TestTemporalWeb(t *testing.T) {
	s := open(t, setting{})
	c := s.call(t, carrier.Number("486", time.Second, 0)).join()
	r := c.end(busyHere)

	p := openTab(t, startBrowser(t), fmt.Sprintf("%s/namespaces/default/workflows/%s", s.Servers.TemporalUI(), c.placed.CallID))
	p.do("click", map[string]any{"selector": "text=User Metadata"}, nil)
	masked := c.number[:5] + "•••" + c.number[8:]
	text := p.awaitText(
		masked+" via Default, agent agent-42",      // the summary
		"Case “"+r.CaseID+"”", "rings 45s at most", // the details
		"the customer was busy", "dial: refused, SIP 486", // the current details
		"record NOT_ANSWERED, busy: the customer was busy", // what stays when no worker runs
		"dial "+masked+" through Default", "open the room", // activities
		"agent's /connect", // a timer
	)
	p.do("click", map[string]any{"selector": "text=Search Attributes"}, nil)
	text += p.awaitText(`"CallStatus": "NOT_ANSWERED"`, `"CaseId": "`+r.CaseID+`"`, `"AgentId": "agent-42"`, `"Trunk": "Default"`)
	require.NotContains(t, text, c.number)
	require.NotContains(t, text, world.TrunkPrefix+c.number[:5])
}

// awaitText waits until a person can read all of want in the page, and returns all that there is to read.
func (p *tab) awaitText(want ...string) string {
	p.t.Helper()
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for began := time.Now(); ; <-ticker.C {
		var text string
		p.do("text", nil, &text)
		missing := ""
		for _, w := range want {
			if !strings.Contains(text, w) {
				missing = w
			}
		}
		if missing == "" {
			return text
		}
		if time.Since(began) > pageWithin {
			require.Contains(p.t, text, missing)
		}
	}
}
