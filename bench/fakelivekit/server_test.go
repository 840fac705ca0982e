package fakelivekit_test

import (
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/bench/fakelivekit"
)

const key, secret = "devkey", "secret_at_least_32_chars_long_xxxxxxxx"

func TestACall(t *testing.T) {
	t.Parallel()
	fake, err := fakelivekit.Start(t.Context(), key, secret)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, fake.Close()) })
	fake.Answer = time.Millisecond
	rooms, sip := lksdk.NewRoomServiceClient(fake.URL(), key, secret), lksdk.NewSIPClient(fake.URL(), key, secret)

	_, err = rooms.CreateRoom(t.Context(), &livekit.CreateRoomRequest{Name: "r"})
	require.NoError(t, err)
	leg, err := sip.CreateSIPParticipant(t.Context(), &livekit.CreateSIPParticipantRequest{
		SipTrunkId: "ST", SipCallTo: "1", RoomName: "r", ParticipantIdentity: "sip-1", WaitUntilAnswered: true,
	})
	require.NoError(t, err)
	require.Equal(t, "sip-1", leg.GetParticipantIdentity())
	require.NoError(t, fake.AwaitAnswer(t.Context(), "r"))
	require.Equal(t, 1, fake.Talking())
	list, err := rooms.ListParticipants(t.Context(), &livekit.ListParticipantsRequest{Room: "r"})
	require.NoError(t, err)
	require.Len(t, list.GetParticipants(), 2)
	require.Equal(t, "active", list.GetParticipants()[1].GetAttributes()["sip.callStatus"])

	require.True(t, fake.HangUp("r"))
	require.False(t, fake.HangUp("r"))
	list, err = rooms.ListParticipants(t.Context(), &livekit.ListParticipantsRequest{Room: "r"})
	require.NoError(t, err)
	require.Len(t, list.GetParticipants(), 1, "the agent stays")
	_, err = rooms.DeleteRoom(t.Context(), &livekit.DeleteRoomRequest{Room: "r"})
	require.NoError(t, err)
	_, err = rooms.ListParticipants(t.Context(), &livekit.ListParticipantsRequest{Room: "r"})
	require.ErrorContains(t, err, "unavailable")
	require.Equal(t, map[string]int{"CreateRoom": 1, "CreateSIPParticipant": 1, "ListParticipants": 3, "DeleteRoom": 1}, fake.Counts())
}

func TestADeletedRoomEndsTheDial(t *testing.T) {
	t.Parallel()
	fake, err := fakelivekit.Start(t.Context(), key, secret)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, fake.Close()) })
	fake.Answer = time.Hour
	rooms, sip := lksdk.NewRoomServiceClient(fake.URL(), key, secret), lksdk.NewSIPClient(fake.URL(), key, secret)
	_, err = rooms.CreateRoom(t.Context(), &livekit.CreateRoomRequest{Name: "r"})
	require.NoError(t, err)
	dialed := make(chan error, 1)
	go func() {
		_, err := sip.CreateSIPParticipant(t.Context(), &livekit.CreateSIPParticipantRequest{
			SipTrunkId: "ST", SipCallTo: "1", RoomName: "r", ParticipantIdentity: "sip-1", WaitUntilAnswered: true,
		})
		dialed <- err
	}()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		list, err := rooms.ListParticipants(t.Context(), &livekit.ListParticipantsRequest{Room: "r"})
		assert.NoError(c, err)
		assert.Len(c, list.GetParticipants(), 2, "the leg rings")
	}, 10*time.Second, time.Millisecond)
	_, err = rooms.DeleteRoom(t.Context(), &livekit.DeleteRoomRequest{Room: "r"})
	require.NoError(t, err)
	require.ErrorContains(t, <-dialed, "canceled")
}

func TestStrangersAreRefused(t *testing.T) {
	t.Parallel()
	fake, err := fakelivekit.Start(t.Context(), key, secret)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, fake.Close()) })
	for _, c := range []*lksdk.RoomServiceClient{
		lksdk.NewRoomServiceClient(fake.URL(), "other", secret), lksdk.NewRoomServiceClient(fake.URL(), key, secret+"x"),
	} {
		_, err = c.ListRooms(t.Context(), &livekit.ListRoomsRequest{})
		require.Error(t, err)
	}
	_, err = lksdk.NewRoomServiceClient(fake.URL(), key, secret).GetParticipant(t.Context(), &livekit.RoomParticipantIdentity{})
	require.Error(t, err, "what the fake does not have is not made up")
	require.Empty(t, fake.Counts())
}
