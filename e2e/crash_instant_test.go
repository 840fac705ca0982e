package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestWorkerKilledInTheInstantOfDialing kills the worker a few milliseconds after /connect, each time a little later, so
// that it dies before, in and after the request that sends the INVITE. Whatever it was, the phone rings at most once, and
// the outcome agrees with what the carrier saw.
func TestWorkerKilledInTheInstantOfDialing(t *testing.T) {
	t.Parallel()
	s, processes := crashSite(t, setting{mode: webhook}, "api", "worker")
	var calls []*phoneCall
	for _, later := range []time.Duration{0, 5, 10, 20, 40, 80} {
		c := s.call(t, ringsFor(2*time.Second)).enter()
		require.NoError(t, c.Connect(t.Context()))
		<-time.After(later * time.Millisecond) // not to wait for anything: to die at another instant
		processes[1].Kill()
		comeUp(t, processes[1])
		calls = append(calls, c)
	}
	for i, c := range calls {
		name := fmt.Sprintf("call %d", i+1)
		if c.inviteCame() {
			t.Log(name, "was dialed")
			c.hearEachOther()
			c.dropLine()
			c.survives(customerHangup, fate{})
			continue
		}
		t.Log(name, "was not dialed")
		c.survives(dialUnknown, fate{maybeDialed: true})
	}
}

// inviteCame waits until the carrier has seen the call's INVITE or the call has ended without one.
func (c *phoneCall) inviteCame() bool {
	c.t.Helper()
	var came bool
	require.Eventually(c.t, func() bool {
		var r callRecord
		came = len(c.lines()) > 0
		return came || c.Record(c.t.Context(), &r) == nil && r.Status == "ended"
	}, afterCrash, poll, "neither an INVITE nor an end")
	return came
}
