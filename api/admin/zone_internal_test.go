package admin

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestZonesOfBrowsers: whatever zone a browser reports, the console works.
func TestZonesOfBrowsers(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for name, clock := range map[string]string{
		"": "12:00", "UTC": "12:00", "Asia/Kolkata": "17:30", "Asia/Calcutta": "17:30", "Europe/Kyiv": "14:00", "America/Argentina/Buenos_Aires": "09:00",
		"Etc/GMT+5": "07:00", "+05:30": "17:30", "-0330": "08:30", "Etc/Unknown": "12:00", "Antarctica/Newly_Founded": "12:00",
	} {
		zone, err := zoneOf(&name)
		require.NoError(t, err, name)
		require.Equal(t, clock, noon.In(zone).Format("15:04"), name)
	}
	for _, name := range []string{"Local", "Nowhere", "../../etc/passwd", "+25:00", "asia", "Asia/Kolkata; DROP", "undefined"} {
		_, err := zoneOf(&name)
		require.Error(t, err, name)
	}
}
