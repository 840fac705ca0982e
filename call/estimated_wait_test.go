package call_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

func TestEstimateWait(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		place, freed int
		want         time.Duration
		known        bool
	}{
		"the next":                     {1, 60, 2 * time.Second, true},
		"the tenth":                    {10, 60, 20 * time.Second, true},
		"lines that stand still":       {10, 3, 400 * time.Second, true},
		"too few to tell":              {1, 2, 0, false},
		"nothing got free":             {1, 0, 0, false},
		"a call that does not wait":    {0, 60, 0, false},
		"more lines than one a second": {1, 240, time.Second / 2, true},
	} {
		wait, known := call.EstimateWait(tc.place, tc.freed)
		require.Equal(t, tc.known, known, name)
		require.Equal(t, tc.want, wait, name)
	}
}
