package call_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

func TestTrunkNumbers(t *testing.T) {
	t.Parallel()
	var n call.TrunkNumbers
	for _, v := range []*float64{n.ASR(), n.NER(), n.SER(), n.ACD(), n.ShortShare(), n.SRDFailed()} {
		require.Nil(t, v, "nothing was dialed")
	}
	began := time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)
	add := func(state call.DialState, code int, took time.Duration, talk *time.Duration) {
		n.Add(call.Attempt{State: state, SIPCode: code, StartedAt: began, EndedAt: began.Add(took)}, talk)
	}
	add(call.DialAnswered, 200, 8*time.Second, new(60*time.Second))
	add(call.DialAnswered, 200, 8*time.Second, new(12*time.Second))
	add(call.DialAnswered, 200, 8*time.Second, nil) // they talk
	add(call.DialRefused, 486, 4*time.Second, new(time.Duration(0)))
	add(call.DialRefused, 503, 2*time.Second, new(time.Duration(0)))
	add(call.DialRefused, 302, 3*time.Second, new(time.Duration(0)))
	add(call.DialRangOut, 0, 45*time.Second, new(time.Duration(0)))
	add(call.DialNoReply, 0, 32*time.Second, new(time.Duration(0)))
	add(call.DialNotSent, 0, time.Second, new(time.Duration(0))) // no seizure
	add(call.DialUnknown, 0, time.Second, new(time.Duration(0)))
	require.Equal(t, 8, n.Seizures)
	require.InDelta(t, 3.0/8, *n.ASR(), 1e-9)
	require.InDelta(t, 6.0/8, *n.NER(), 1e-9, "503 and no reply are the network's")
	require.InDelta(t, 3.0/7, *n.SER(), 1e-9, "without the one that was redirected")
	require.InDelta(t, 36, *n.ACD(), 1e-9)
	require.InDelta(t, 0.5, *n.ShortShare(), 1e-9)
	require.InDelta(t, 3, *n.SRDFailed(), 1e-9)
}
