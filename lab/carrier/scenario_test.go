package carrier_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		number, name string
		ring, talk   time.Duration
	}{
		{"9530251797", "default", 1500 * time.Millisecond, 0},
		{"9002000105", "answer", time.Second, 5 * time.Second},
		{"00919002000105", "answer", time.Second, 5 * time.Second},
		{"+919004861200", "refuse-486", 12 * time.Second, 0},
		{"9004860000", "refuse-486", 0, 0},
		{"9004990000", "default", 1500 * time.Millisecond, 0},
		{"9000000000", "swallow", 4 * time.Minute, 0},
		{"9001800500", "ring-for-ever", 4 * time.Minute, 0},
		{"9002990000", "hang-up-at-once", 0, 50 * time.Millisecond},
		{"9002101703", "answer-tenths", 1700 * time.Millisecond, 300 * time.Millisecond},
		{"900486", "default", 1500 * time.Millisecond, 0},
		{"", "default", 1500 * time.Millisecond, 0},
		{"agent", "default", 1500 * time.Millisecond, 0},
	} {
		plan := carrier.PlanFor(tt.number)
		require.Equal(t, tt.name, plan.Name, tt.number)
		require.Equal(t, tt.ring, plan.Ring, tt.number)
		require.Equal(t, tt.talk, plan.Talk, tt.number)
	}
	require.Equal(t, "9004860200", carrier.Number("486", 2*time.Second, 0))
	require.Equal(t, "9002101703", carrier.Number("210", 1700*time.Millisecond, 300*time.Millisecond))
	require.Equal(t, "9002000105", carrier.Number("200", time.Second, 5*time.Second))
}

func TestCodesAreDistinct(t *testing.T) {
	t.Parallel()
	codes, names := map[string]bool{}, map[string]bool{}
	for _, s := range carrier.Scenarios() {
		require.Regexp(t, `^[0-9]{3}$`, s.Code)
		require.False(t, codes[s.Code] || names[s.Name], s.Code)
		codes[s.Code], names[s.Name] = true, true
	}
}

func TestReadmeHoldsTheTable(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	require.Contains(t, string(readme), "\n"+carrier.Table()+"\n", "copy what carrier.Table() returns into README.md:\n%s", carrier.Table())
}
