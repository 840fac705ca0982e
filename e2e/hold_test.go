package e2e_test

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/agent"
	"github.com/click2call/click2call/lab/carrier"
)

// TestHold measures at the carrier what a customer on hold hears: the music, never the agent, who reloads the page meanwhile.
func TestHold(t *testing.T) {
	s := open(t, setting{mode: webhook, env: []string{"AGENT_REJOIN_GRACE=6s"}})
	t.Run("and back", func(t *testing.T) {
		t.Parallel()
		c := s.call(t, secondsOf("200", 1, 0)).answer()
		c.hears("the agent", hearsAgent)
		c.control("hold")
		c.control("hold")
		c.hears("music", hearsMusic)
		c.Leave()
		require.NoError(t, c.Rejoin(t.Context()))
		time.Sleep(2 * time.Second) // the window in which a new microphone may be heard
		c.hears("music", hearsMusic)
		c.awaitRecord("is on hold", func(r callRecord) bool { return r.OnHold })
		c.control("unhold")
		c.hears("the agent again", hearsAgent)
		assert.False(t, c.read().OnHold)
		c.dropLine()
		c.end(customerHangup)
	})
	t.Run("the agent vanishes on hold", func(t *testing.T) {
		t.Parallel()
		c := s.call(t, secondsOf("200", 1, 0)).answer()
		c.control("hold")
		c.hears("music", hearsMusic)
		c.Vanish()
		c.endAs(agentLost, ending{})
	})
}

func hearsAgent(m carrier.Media) bool {
	return m.RecentRMS > spoken && math.Abs(m.RecentHz-agent.HumHz) < 6
}

func hearsMusic(m carrier.Media) bool {
	return m.RecentRMS > 200 && math.Abs(m.RecentHz-agent.HumHz) > 50
}

// hears waits until the customer hears something for a second: three windows of half a second.
func (c *phoneCall) hears(what string, ok func(carrier.Media) bool) {
	c.t.Helper()
	from, last := 0, 0
	c.awaitLine("hears "+what, func(l carrier.Call) bool {
		at := l.Media.PacketsReceived
		if at == last {
			return false
		}
		last = at
		if !ok(l.Media) {
			from = 0
			return false
		}
		if from == 0 {
			from = at
		}
		return at-from >= 75
	})
}

// control posts one of the in-call orders, as a page does.
func (c *phoneCall) control(verb string) {
	c.t.Helper()
	url := fmt.Sprintf("%s/api/c2c/calls/%s/%s", c.site.ProductURL(), c.placed.CallID, verb)
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, url, strings.NewReader(""))
	require.NoError(c.t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(c.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	require.Equal(c.t, http.StatusOK, resp.StatusCode, "%s", body)
}
