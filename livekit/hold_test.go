package livekit_test

import (
	"testing"

	lk "github.com/livekit/protocol/livekit"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

func sounding(p *lk.ParticipantInfo, tracks ...string) *lk.ParticipantInfo {
	for _, sid := range tracks {
		p.Tracks = append(p.Tracks, &lk.TrackInfo{Sid: sid, Type: lk.TrackType_AUDIO})
	}
	return p
}

func TestSetHold(t *testing.T) {
	t.Parallel()
	id := call.NewID()
	agent := sounding(participant("agent", "PA_1", lk.ParticipantInfo_ACTIVE, ""), "TR_mic")
	leg := sounding(participant(id.CustomerIdentity(), "PA_2", lk.ParticipantInfo_ACTIVE, "active"), "TR_leg")
	player := sounding(participant("c2c-hold-music", "PA_3", lk.ParticipantInfo_ACTIVE, ""), "TR_music")
	f := newFake(t).on("UpdateSubscriptions", ok(&lk.UpdateSubscriptionsResponse{}))
	room := func(all ...*lk.ParticipantInfo) {
		f.on("ListParticipants", ok(&lk.ListParticipantsResponse{Participants: all}))
	}
	c, told := f.client(), 0
	updates := func() (all []string) {
		for _, r := range f.requests("UpdateSubscriptions")[told:] {
			u := decode(t, r.body, new(lk.UpdateSubscriptionsRequest))
			require.Equal(t, id.Room(), u.Room)
			require.True(t, r.grants.Video.RoomAdmin)
			hears := " hears "
			if !u.Subscribe {
				hears = " does not hear "
			}
			all = append(all, u.Identity+hears+u.TrackSids[0])
			told++
		}
		return all
	}
	customer := id.CustomerIdentity()

	room(agent, leg, player)
	known, err := c.SetHold(t.Context(), id, true, "")
	require.NoError(t, err)
	require.Equal(t, []string{customer + " does not hear TR_mic", "agent does not hear TR_leg"}, updates())
	known, err = c.SetHold(t.Context(), id, true, known)
	require.NoError(t, err)
	require.Empty(t, updates(), "nothing has changed")

	back := sounding(participant("agent", "PA_9", lk.ParticipantInfo_ACTIVE, ""), "TR_mic2")
	room(back, leg, player)
	_, err = c.SetHold(t.Context(), id, true, known)
	require.NoError(t, err)
	require.Equal(t, []string{customer + " does not hear TR_mic2", "agent does not hear TR_leg"}, updates(), "the agent came back with another microphone")

	_, err = c.SetHold(t.Context(), id, false, "")
	require.NoError(t, err)
	require.Equal(t, []string{customer + " hears TR_mic2", "agent hears TR_leg", customer + " does not hear TR_music"}, updates())

	room(agent)
	_, err = c.SetHold(t.Context(), id, true, "")
	require.ErrorIs(t, err, livekit.ErrNotConnected)
	require.Empty(t, updates())
}
