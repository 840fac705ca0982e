package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

// A leg that rang and is gone for seconds without an answer is told of: LiveKit may not be able to pass the carrier's reply on. What
// the call is told is how it stood before.
func TestWatchTellsOfALegThatRangInVain(t *testing.T) {
	t.Parallel()
	w := watch(t)
	id := w.add(call.StatusRinging, func(look int) (livekit.Room, error) {
		if look <= 2 {
			return livekit.Room{Exists: true, Agent: true, Leg: call.LegRinging, LegSID: "PA_leg"}, nil
		}
		return livekit.Room{Exists: true, Agent: true, Leg: call.LegGone}, nil
	})
	began := time.Now()
	e := w.next(t)
	require.Equal(t, id, e.id)
	require.Equal(t, call.ParticipantCustomer, e.Participant)
	require.Equal(t, call.LegRinging, e.Status)
	require.Equal(t, call.SourcePoll, e.Source)
	require.Greater(t, time.Since(began), 3*time.Second, "the dial's reply comes at once, as a rule, and ends the call")
	require.WithinDuration(t, began.Add(2*time.Second), e.At, 2*time.Second, "since the first look that missed it")
}

// TestWatchMissesNoLegOfACallThatWaits: in a queue for a line there is an agent, and no leg. The agent is missed as ever.
func TestWatchMissesNoLegOfACallThatWaits(t *testing.T) {
	t.Parallel()
	w := watch(t)
	left := make(chan struct{})
	id := w.add(call.StatusQueued, func(int) (livekit.Room, error) {
		select {
		case <-left:
			return livekit.Room{Exists: true, Leg: call.LegGone}, nil
		default:
			return livekit.Room{Exists: true, Agent: true, Leg: call.LegGone}, nil
		}
	})
	require.Empty(t, w.eventsAfterLooks(t, id, 7), "longer than a leg may be missed that rang")
	close(left)
	e := w.next(t)
	require.Equal(t, call.ParticipantAgent, e.Participant)
}
