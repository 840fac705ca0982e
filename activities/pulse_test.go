package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPulse(t *testing.T) {
	t.Parallel()
	began := time.Now()
	fresh := func() *pulse {
		p := &pulse{began: began}
		p.last.Store(&began)
		return p
	}
	require.False(t, fresh().givenUp(began.Add(8*time.Second)), "Temporal waits for longer than that")
	require.True(t, fresh().givenUp(began.Add(11*time.Second)), "a standstill")
	steady := fresh()
	for s := range 30 {
		require.False(t, steady.givenUp(began.Add(time.Duration(s)*time.Second)), "a slow database is no standstill")
	}
	woken := fresh()
	woken.measure(began.Add(11 * time.Second)) // the beat was quicker than the dial
	require.True(t, woken.givenUp(began.Add(11*time.Second)))
}
