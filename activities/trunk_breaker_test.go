package activities_test

import (
	"slices"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
)

// TestDialsJudgeTheirTrunk: each attempt that was written down tells for or against its own trunk, and operators hear what comes of it.
func TestDialsJudgeTheirTrunk(t *testing.T) {
	t.Parallel()
	rooms, calls := firstThen(call.Dial{State: call.DialRefused, SIPCode: 503}, call.RangNo), twoTrunks()
	calls.breaker = call.DefaultBreakerRule()
	book, told := newFaultBook(), &alertBook{}
	a, env := calling(t, rooms, calls)
	a.Faults = &activities.Faults{Store: book, Alerts: told, Log: zerolog.Nop()}
	require.Equal(t, call.DialAnswered, run[call.Dial](t, env, a.Dial, dialInput(calls)).State)
	words := map[string]bool{}
	for !words["trk_a failed"] || !words["trk_b worked"] {
		select {
		case word := <-book.noted:
			words[word] = true
		case <-time.After(5 * time.Second):
			require.FailNow(t, "nobody judged", "%v", words)
		}
	}
	require.Eventually(t, func() bool { return len(told.all()) == 2 }, 5*time.Second, 10*time.Millisecond)
	require.ElementsMatch(t, []string{"trunk_open trk_a", "trunk_closed trk_b"}, told.all())
	require.False(t, slices.ContainsFunc(told.all(), func(s string) bool { return s == "trunk_open trk_b" }))
}

func TestNoBreakerIsSet(t *testing.T) {
	t.Parallel()
	rooms, calls := firstThen(call.Dial{State: call.DialRefused, SIPCode: 503}, call.RangNo), newFakeCalls()
	book := newFaultBook()
	a, env := calling(t, rooms, calls)
	a.Faults = &activities.Faults{Store: book, Alerts: &alertBook{}, Log: zerolog.Nop()}
	require.Equal(t, 503, run[call.Dial](t, env, a.Dial, dialInput(calls)).SIPCode)
	require.Eventually(t, func() bool { calls.mu.Lock(); defer calls.mu.Unlock(); return len(calls.ends) == 1 }, 5*time.Second, 10*time.Millisecond)
	time.Sleep(50 * time.Millisecond) // what would judge comes right after
	for len(book.noted) > 0 {
		require.NotContains(t, <-book.noted, "failed")
	}
}
