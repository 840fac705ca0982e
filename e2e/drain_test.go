package e2e_test

import (
	"net"
	"net/http"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/agent"
)

// TestDrain asks one of two processes to stop while calls of its own are under way: it opens no new ones and says so, but goes on
// answering for those that live, until it is gone. The other one takes them over, and the new ones.
func TestDrain(t *testing.T) {
	t.Parallel()
	s, p := crashSite(t, setting{mode: polling, postgres: true, env: []string{"CLICK2CALL_DRAIN_NOTICE=10s"}}, "serve", "serve")
	other := "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Ports.Spare))
	talking := s.call(t, rings).talking()
	hungUp := s.call(t, rings).talking()
	created := s.call(t, rings).enter()
	before := talking.sound()

	require.NoError(t, p[0].Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool { return statusAt(t, s.ProductURL()+"/readyz") == http.StatusServiceUnavailable }, soon, poll,
		"balancers must hear of it")
	refused := s.prepare(t, rings)
	_, err := refused.Place(t.Context(), s.Secrets.InboundKey, refused.request())
	status, code := statusOf(t, err)
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, "draining", code)
	require.NoError(t, created.Connect(t.Context()), "calls that live are served")
	created.hearEachOther()
	require.NoError(t, hungUp.HangUp(t.Context()))
	hungUp.end(agentHangup)
	select {
	case <-p[0].Exited():
		require.Fail(t, "the process ended before its notice was over")
	default:
	}

	<-p[0].Exited()
	elsewhere := agent.New(other)
	placed, err := elsewhere.Place(t.Context(), s.Secrets.InboundKey, refused.request())
	require.NoError(t, err)
	elsewhere.Adopt(placed)
	require.NoError(t, elsewhere.PostHangUp(t.Context()))
	for _, c := range []*phoneCall{talking, created} {
		theirs := agent.New(other)
		theirs.Adopt(c.placed)
		if c == talking {
			c.keptTalking(before)
		}
		require.NoError(t, theirs.PostHangUp(t.Context()))
	}
	comeUp(t, p[0]) // the harness asks it how the calls ended
	talking.survives(agentHangup, fate{})
	created.survives(agentHangup, fate{})
}

// statusAt is the HTTP status of an address, 0 when nobody answers.
func statusAt(t *testing.T, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}
