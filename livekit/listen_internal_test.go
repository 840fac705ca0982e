package livekit

import (
	"context"
	"testing"
	"time"

	lk "github.com/livekit/protocol/livekit"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

// TestListener plays what LiveKit says of the leg until its dial is refused.
func TestListener(t *testing.T) {
	t.Parallel()
	const gone = lk.ParticipantInfo_DISCONNECTED
	says := func(sid, status string, state lk.ParticipantInfo_State) *lk.ParticipantInfo {
		return &lk.ParticipantInfo{Identity: "sip-x", Sid: sid, State: state, Attributes: map[string]string{lk.AttrSIPCallStatus: status}}
	}
	for name, tc := range map[string]struct {
		said []*lk.ParticipantInfo
		want call.Rang
	}{
		"it comes and goes":               {[]*lk.ParticipantInfo{says("PA_1", "dialing", 0), says("PA_1", "dialing", gone)}, call.RangNo},
		"in one message":                  {[]*lk.ParticipantInfo{says("PA_1", "dialing", gone)}, call.RangNo},
		"it rang within that message":     {[]*lk.ParticipantInfo{says("PA_1", "ringing", gone)}, call.RangYes},
		"it is not seen to leave":         {[]*lk.ParticipantInfo{says("PA_1", "dialing", 0)}, call.RangUnknown},
		"nothing is heard":                {nil, call.RangUnknown},
		"its session restarts, and stays": {[]*lk.ParticipantInfo{says("PA_1", "dialing", gone), says("PA_2", "dialing", 0)}, call.RangUnknown},
		"its session restarts, and goes":  {[]*lk.ParticipantInfo{says("PA_1", "dialing", gone), says("PA_2", "dialing", 0), says("PA_2", "dialing", gone)}, call.RangNo},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &Listener{leg: "sip-x", over: map[string]bool{}, left: make(chan struct{}), gone: make(chan struct{})}
			for _, p := range tc.said {
				require.NoError(t, l.HandleMessage(&lk.SignalResponse{Message: &lk.SignalResponse_Update{Update: &lk.ParticipantUpdate{Participants: []*lk.ParticipantInfo{p}}}}))
			}
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			require.Equal(t, tc.want, l.Rang(ctx))
		})
	}
}
