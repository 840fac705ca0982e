package chaos

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatOthersNeedIsMendedFirst(t *testing.T) {
	t.Parallel()
	livekit, redis, api := Strike{Restart, LiveKit}, Strike{Kill, Redis}, Strike{Kill, API}
	require.Equal(t, []Strike{redis, livekit}, inOrderOfNeed([]Strike{livekit, redis}))
	require.Equal(t, []Strike{redis, api}, inOrderOfNeed([]Strike{api, redis}))
	require.Equal(t, []Strike{{Cut, LiveKitToRedis}, livekit}, inOrderOfNeed([]Strike{livekit, {Cut, LiveKitToRedis}}))
	replaced := Strike{Replace, Temporal}
	require.Equal(t, []Strike{livekit, replaced, api}, inOrderOfNeed([]Strike{api, replaced, livekit}))
}
