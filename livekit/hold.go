package livekit

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/livekit/protocol/auth"
	lk "github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"

	"github.com/click2call/click2call/call"
)

// musicIdentity is who plays to a customer on hold. Pages take only "sip" for the customer.
const musicIdentity = "c2c-hold-music"

// SetHold keeps the two sides of a call from hearing each other, or lets them again. It returns what it applied that to; when
// nothing has changed since known, it does nothing: a side that comes back, or a new microphone, is heard again until it is
// applied anew. [ErrNotConnected] when there is no leg that was answered. Idempotent.
func (c *Client) SetHold(ctx context.Context, id call.ID, on bool, known string) (applied string, err error) {
	op := fmt.Sprintf("set hold of %s", id)
	s, ctx, cancel, err := c.request(ctx, grants{video: &auth.VideoGrant{RoomAdmin: true, Room: id.Room()}})
	if err != nil {
		return "", fmt.Errorf("%s: %w", op, err)
	}
	defer cancel()
	list, err := s.participants(ctx, id)
	if err != nil {
		return "", fail(op, err)
	}
	r := hearersOf(id, list)
	switch {
	case !r.talking:
		return "", fmt.Errorf("%s: %w", op, ErrNotConnected)
	case r.state() == known:
		return known, nil
	}
	for _, u := range r.updates(id, on) {
		if len(u.TrackSids) == 0 {
			continue
		}
		if _, err := s.rooms.UpdateSubscriptions(ctx, u); err != nil {
			return "", fail(op, err)
		}
	}
	return r.state(), nil
}

// hearers are the sessions and the sound of both sides.
type hearers struct {
	talking           bool
	leg, agent        string // sessions
	legs, mics, music []string
}

func hearersOf(id call.ID, participants []*lk.ParticipantInfo) (h hearers) {
	for _, p := range participants {
		switch p.Identity {
		case id.CustomerIdentity():
			h.leg, h.legs, h.talking = p.Sid, soundOf(p), legOf(p).Answered()
		case call.AgentIdentity:
			h.agent, h.mics = p.Sid, soundOf(p)
		case musicIdentity:
			h.music = soundOf(p)
		}
	}
	return h
}

func soundOf(p *lk.ParticipantInfo) (tracks []string) {
	for _, t := range p.Tracks {
		if t.Type == lk.TrackType_AUDIO {
			tracks = append(tracks, t.Sid)
		}
	}
	return tracks
}

func (h hearers) state() string {
	return strings.Join(append(append([]string{h.leg, h.agent}, h.legs...), h.mics...), " ")
}

func (h hearers) updates(id call.ID, on bool) []*lk.UpdateSubscriptionsRequest {
	updates := []*lk.UpdateSubscriptionsRequest{
		{Room: id.Room(), Identity: id.CustomerIdentity(), TrackSids: h.mics, Subscribe: !on},
	}
	if h.agent != "" {
		updates = append(updates, &lk.UpdateSubscriptionsRequest{Room: id.Room(), Identity: call.AgentIdentity, TrackSids: h.legs, Subscribe: !on})
	}
	if !on {
		updates = append(updates, &lk.UpdateSubscriptionsRequest{Room: id.Room(), Identity: id.CustomerIdentity(), TrackSids: h.music})
	}
	return updates
}

// PlayHoldMusic plays to the customer alone until ctx ends, and returns then, or when LiveKit takes the player out of the room.
func (c *Client) PlayHoldMusic(ctx context.Context, id call.ID) error {
	op := fmt.Sprintf("play hold music in %s", id)
	s, err := c.open(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	g := &auth.VideoGrant{RoomJoin: true, Room: id.Room()} // not hidden: a hidden participant's tracks reach nobody
	g.SetCanPublish(true)
	g.SetCanPublishSources([]lk.TrackSource{lk.TrackSource_MICROPHONE})
	g.SetCanPublishData(false)
	g.SetCanSubscribe(false)
	room, err := s.join(ctx, musicIdentity, g, lksdk.WithCodecs([]lk.Codec{{Mime: webrtc.MimeTypePCMU}}))
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	defer room.Disconnect()
	room.LocalParticipant.SetSubscriptionPermission(&lk.SubscriptionPermission{
		TrackPermissions: []*lk.TrackPermission{{ParticipantIdentity: id.CustomerIdentity(), AllTracks: true}},
	})
	track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000, Channels: 1})
	if err == nil {
		err = track.StartWrite(&music{sound: c.holdMusic}, nil)
	}
	if err == nil {
		_, err = room.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{Name: "hold music", Source: lk.TrackSource_MICROPHONE})
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %w", op, ErrUnavailable, err)
	}
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for room.ConnectionState() != lksdk.ConnectionStateDisconnected {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
	}
	return fmt.Errorf("%s: %w: the player was disconnected", op, ErrUnavailable)
}
