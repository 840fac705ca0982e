package livekit

import (
	lk "github.com/livekit/protocol/livekit"

	"github.com/click2call/click2call/call"
)

// leaveReasons puts LiveKit's disconnect reasons into our words. A test fails when LiveKit has a reason that is not here.
var leaveReasons = map[lk.DisconnectReason]call.LeaveReason{
	lk.DisconnectReason_UNKNOWN_REASON:      call.LeaveUnknown,
	lk.DisconnectReason_CLIENT_INITIATED:    call.LeaveOrdinary,
	lk.DisconnectReason_DUPLICATE_IDENTITY:  call.LeaveReplaced,
	lk.DisconnectReason_MIGRATION:           call.LeaveReplaced, // the session goes on, on another node
	lk.DisconnectReason_SERVER_SHUTDOWN:     call.LeaveLost,
	lk.DisconnectReason_STATE_MISMATCH:      call.LeaveLost,
	lk.DisconnectReason_JOIN_FAILURE:        call.LeaveLost,
	lk.DisconnectReason_SIGNAL_CLOSE:        call.LeaveLost,
	lk.DisconnectReason_CONNECTION_TIMEOUT:  call.LeaveLost,
	lk.DisconnectReason_AGENT_ERROR:         call.LeaveLost, // of LiveKit's agent framework; none of ours
	lk.DisconnectReason_PARTICIPANT_REMOVED: call.LeaveRemoved,
	lk.DisconnectReason_ROOM_DELETED:        call.LeaveRemoved,
	lk.DisconnectReason_ROOM_CLOSED:         call.LeaveRemoved,
	lk.DisconnectReason_USER_UNAVAILABLE:    call.LeaveUnavailable,
	lk.DisconnectReason_USER_REJECTED:       call.LeaveRejected,
	lk.DisconnectReason_SIP_TRUNK_FAILURE:   call.LeaveTrunk,
	lk.DisconnectReason_MEDIA_FAILURE:       call.LeaveMedia,
}
