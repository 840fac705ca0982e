package livekit_test

import (
	"testing"

	lk "github.com/livekit/protocol/livekit"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

// TestRestoreLeg: a session that LiveKit restarted says "dialing" while people talk, and hears nobody.
func TestRestoreLeg(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		leg    string // its sip.callStatus; "": there is none
		heard  bool
		status int // requests that set its status
		sound  int // requests that have it hear the agent
		err    error
	}{
		{"restarted", "dialing", true, 1, 1, nil},
		{"restarted on hold", "dialing", false, 1, 0, nil},
		{"whole", "active", true, 0, 1, nil},
		{"said goodbye", "hangup", true, 0, 0, livekit.ErrNotConnected},
		{"not there", "", true, 0, 0, livekit.ErrNotConnected},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			id := call.NewID()
			room := []*lk.ParticipantInfo{sounding(participant("agent", "PA_1", lk.ParticipantInfo_ACTIVE, ""), "TR_mic")}
			if tc.leg != "" {
				room = append(room, sounding(participant(id.CustomerIdentity(), "PA_2", lk.ParticipantInfo_ACTIVE, tc.leg), "TR_leg"))
			}
			f := newFake(t).on("ListParticipants", ok(&lk.ListParticipantsResponse{Participants: room})).
				on("UpdateParticipant", ok(&lk.ParticipantInfo{})).on("UpdateSubscriptions", ok(&lk.UpdateSubscriptionsResponse{}))
			require.ErrorIs(t, f.client().RestoreLeg(t.Context(), id, tc.heard), tc.err)

			set := f.requests("UpdateParticipant")
			require.Len(t, set, tc.status)
			for _, r := range set {
				u := decode(t, r.body, new(lk.UpdateParticipantRequest))
				require.Equal(t, map[string]string{"sip.callStatus": "active"}, u.Attributes)
				require.Equal(t, [2]string{id.Room(), id.CustomerIdentity()}, [2]string{u.Room, u.Identity})
			}
			heard := f.requests("UpdateSubscriptions")
			require.Len(t, heard, tc.sound)
			for _, r := range heard {
				u := decode(t, r.body, new(lk.UpdateSubscriptionsRequest))
				require.True(t, u.Subscribe)
				require.Equal(t, []string{"TR_mic"}, u.TrackSids)
			}
		})
	}
}
