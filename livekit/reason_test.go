package livekit

import (
	"testing"

	lk "github.com/livekit/protocol/livekit"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

func TestEveryDisconnectReasonHasAWord(t *testing.T) {
	t.Parallel()
	for value, name := range lk.DisconnectReason_name {
		word, ok := leaveReasons[lk.DisconnectReason(value)]
		require.True(t, ok, "LiveKit has the reason %s: say in leaveReasons what it means to a call", name)
		if value != int32(lk.DisconnectReason_UNKNOWN_REASON) {
			require.NotEqual(t, call.LeaveUnknown, word, name)
		}
	}
	require.Len(t, leaveReasons, len(lk.DisconnectReason_name))
}
