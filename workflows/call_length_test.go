package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	"github.com/click2call/click2call/call"
)

// TestALongCallCostsWhatAShortOneDoes: nothing is done by a timer while people talk, however seldom.
func TestALongCallCostsWhatAShortOneDoes(t *testing.T) {
	t.Parallel()
	short, long := costOfATalk(t, 30*time.Second), costOfATalk(t, 110*time.Minute)
	require.Equal(t, short, long)
	require.Positive(t, short.timers)
	require.Positive(t, short.activities)
}

type talkCost struct{ timers, activities, localActivities int }

func costOfATalk(t *testing.T, talk time.Duration) (cost talkCost) {
	t.Helper()
	c := newCallTest(t)
	c.SetOnTimerScheduledListener(func(string, time.Duration) { cost.timers++ })
	c.SetOnActivityCompletedListener(func(*activity.Info, converter.EncodedValue, error) { cost.activities++ })
	c.SetOnLocalActivityCompletedListener(func(*activity.Info, converter.EncodedValue, error) { cost.localActivities++ })
	c.connect(time.Second)
	c.dial = answered()
	c.customerLeft(time.Second+talk, call.LeaveOrdinary, call.LegHangup)
	require.InDelta(t, talk.Seconds(), c.run().DurationSeconds, 2)
	return cost
}
