package e2e_test

import (
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestQueue: a trunk with one line. Who comes while it is taken waits for it, in order and through the death of every worker, and may
// hang up; with another setting /connect is refused.
func TestQueue(t *testing.T) {
	t.Parallel()
	s, processes := crashSite(t, setting{mode: polling}, "serve")
	o := s.console(t)
	o.limitTrunk(1)
	o.admit(map[string]any{"queue_wait_seconds": 60})
	talking := s.call(t, secondsOf("200", 1, 0)).answer()
	next, givesUp := s.call(t, secondsOf("200", 1, 0)), s.call(t, secondsOf("200", 1, 0))
	next.story, givesUp.story = "_from_the_queue", "_in_the_queue"
	givesUp.mayRepeat = true // the process dies in the moment in which its webhook is posted
	next.join().awaitPlace(1)
	givesUp.join().awaitPlace(2)
	require.NoError(t, givesUp.HangUp(t.Context()))
	givesUp.endAs(cancelledEarly, ending{none: true})
	require.Len(t, next.lines(), 0, "nobody is dialed while the line is taken")

	processes[0].Kill()
	talking.dropLine()
	comeUp(t, processes[0])
	next.awaitAnswer()
	assert.True(t, talking.lines()[0].DownAt.Before(next.lines()[0].InvitedAt), "never two lines at once")

	o = s.console(t)
	o.admit(map[string]any{"queue_wait_seconds": 0, "refuse_when_busy": true})
	time.Sleep(time.Second + poll) // settings are a second old at most
	refused := s.call(t, secondsOf("200", 1, 0)).enter()
	status, code := refused.post("connect")
	assert.Equal(t, []any{http.StatusTooManyRequests, "trunk_busy"}, []any{status, code})
	next.dropLine()
	next.end(customerHangup)
	require.Eventually(t, func() bool { status, _ := refused.post("connect"); return status == http.StatusOK }, soon, another)
	refused.awaitAnswer()
	refused.dropLine()
	refused.end(customerHangup)
}

// awaitPlace waits until the call is at a place of the queue.
func (c *phoneCall) awaitPlace(place int) {
	c.t.Helper()
	r := c.awaitRecord("waits for a line", func(r callRecord) bool { return r.Status == "queued" })
	assert.Equal(c.t, place, r.QueuePosition)
	assert.NotNil(c.t, r.ConnectedAt)
}

// limitTrunk sets how many calls the one trunk takes at once.
func (o *console) limitTrunk(lines int) {
	o.t.Helper()
	var trunk map[string]any
	o.get("/trunks", &struct{ Trunks []*map[string]any }{Trunks: []*map[string]any{&trunk}})
	id := trunk["trunk_id"].(string)
	delete(trunk, "trunk_id")
	trunk["max_concurrent_calls"] = lines
	require.Equal(o.t, http.StatusOK, o.do(http.MethodPut, "/trunks/"+id, trunk, nil))
}

// admit changes settings of the limits.
func (o *console) admit(changes map[string]any) {
	o.t.Helper()
	var s map[string]any
	o.get("/settings", &s)
	delete(s, "livekit_webhook_url")
	delete(s["livekit"].(map[string]any), "api_secret")
	maps.Copy(s["limits"].(map[string]any), changes)
	require.Equal(o.t, http.StatusOK, o.do(http.MethodPut, "/settings", s, nil))
}
