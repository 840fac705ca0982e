package call_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

func TestBreakerRule(t *testing.T) {
	t.Parallel()
	rule := call.BreakerRule{Dials: 20, Share: 50, Minimum: 5}
	require.False(t, rule.Opens(4, 4), "too few to say")
	require.True(t, rule.Opens(5, 5))
	require.False(t, rule.Opens(9, 20))
	require.True(t, rule.Opens(10, 20))
	require.False(t, call.BreakerRule{}.Opens(20, 20), "no breaker")
	require.NoError(t, rule.Validate())
	require.NoError(t, call.BreakerRule{}.Validate())
	require.NoError(t, call.DefaultBreakerRule().Validate())
	for _, wrong := range []call.BreakerRule{{-1, 50, 5}, {201, 50, 5}, {20, 0, 5}, {20, 101, 5}, {20, 50, 0}, {20, 50, 21}} {
		require.Error(t, wrong.Validate(), "%+v", wrong)
	}
}

func TestWhatAnAttemptSaysOfItsTrunk(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		attempt        call.Attempt
		failed, worked bool
	}{
		"503":                              {call.Attempt{State: call.DialRefused, SIPCode: 503}, true, false},
		"403":                              {call.Attempt{State: call.DialRefused, SIPCode: 403}, true, false},
		"no reply":                         {call.Attempt{State: call.DialNoReply}, true, false},
		"408, and nothing rang":            {call.Attempt{State: call.DialRefused, SIPCode: 408, Rang: call.RangNo}, true, false},
		"408, and who knows":               {call.Attempt{State: call.DialRefused, SIPCode: 408}, false, false},
		"486":                              {call.Attempt{State: call.DialRefused, SIPCode: 486}, false, true},
		"404":                              {call.Attempt{State: call.DialRefused, SIPCode: 404}, false, true},
		"answered":                         {call.Attempt{State: call.DialAnswered, SIPCode: 200}, false, true},
		"the agent hung up while it rang":  {call.Attempt{State: call.DialCancelled}, false, false},
		"rang out, or never began to ring": {call.Attempt{State: call.DialRangOut}, false, false},
		"LiveKit took no dial":             {call.Attempt{State: call.DialNotSent}, false, false},
	} {
		require.Equal(t, []bool{c.failed, c.worked}, []bool{c.attempt.TrunkFailed(), c.attempt.TrunkWorked()}, name)
	}
}

func TestATrickleOfCallsProbes(t *testing.T) {
	t.Parallel()
	n := 0
	for range 20_000 {
		if id := call.NewID(); id.Probes() {
			n++
			require.True(t, id.Probes())
		}
	}
	require.InDelta(t, 1000, n, 200)
	require.False(t, call.ID("").Probes(), "a preview is no call")
}
