package livekit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

// TestFaultOf: the replies of LiveKit that say that nothing can be dialed, among those that do not.
func TestFaultOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dial call.Dial
		want livekit.Fault
	}{
		{call.Dial{State: call.DialAnswered, SIPCode: 200}, livekit.Dialable},
		{call.Dial{State: call.DialRefused, SIPCode: 486}, livekit.Dialable},
		{call.Dial{State: call.DialRefused, SIPCode: 503}, livekit.Dialable},
		{call.Dial{State: call.DialRefused, SIPCode: 401}, livekit.RefusedLogin},
		{call.Dial{State: call.DialRefused, SIPCode: 407}, livekit.RefusedLogin},
		{call.Dial{State: call.DialRefused, Detail: "server required auth, but no username or password was provided"}, livekit.RefusedLogin},
		{call.Dial{State: call.DialRefused, Detail: "no common codec"}, livekit.Dialable},
		{call.Dial{State: call.DialRangOut}, livekit.Dialable},
		{call.Dial{State: call.DialNotSent, Detail: "no response from servers"}, livekit.NoSIPService},
		{call.Dial{State: call.DialNotSent, Detail: "CPU exhausted"}, livekit.NoVerdict},
		{call.Dial{State: call.DialNotSent, Detail: "the store could not be reached"}, livekit.NoVerdict},
		{call.Dial{State: call.DialUnknown}, livekit.NoVerdict},
		{call.Dial{State: call.DialCancelled}, livekit.NoVerdict},
		{call.Dial{State: call.DialNoAgent}, livekit.NoVerdict},
	} {
		require.Equal(t, c.want, livekit.FaultOf(c.dial, nil), "%+v", c.dial)
	}
}

// TestUnknownTrunkOverTheWire: LiveKit's not_found for a trunk, and for a room, which is no trunk's fault.
func TestUnknownTrunkOverTheWire(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]livekit.Fault{
		"requested sip trunk does not exist": livekit.UnknownTrunk,
		"object cannot be found":             livekit.UnknownTrunk,
		"requested room does not exist":      livekit.NoVerdict,
	} {
		f := newFake(t).on("CreateSIPParticipant", jsonError(404, `{"code":"not_found","msg":"`+text+`"}`))
		d, err := f.client().Dial(t.Context(), dialRequest(time.Second))
		require.Error(t, err)
		require.Equal(t, want, livekit.FaultOf(d, err), text)
	}
}
