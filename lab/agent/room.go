package agent

import (
	"context"
	"fmt"
	"strings"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	"github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
)

// codecs are offered in this order: the microphone's first, since an offer that goes out before the SDK has put it there
// may have LiveKit (v1.11.0) take the track for Opus; then that of the customer's track.
var codecs = []livekit.Codec{{Mime: webrtc.MimeTypePCMU}, {Mime: webrtc.MimeTypeOpus}}

// sit joins the room and publishes the microphone, unless the agent is silent.
func (a *Agent) sit(ctx context.Context, r Response) (*seat, error) {
	s := &seat{callID: r.CallID, ear: newEar()}
	s.room = lksdk.NewRoom(a.callbacks(s))
	if err := s.room.JoinWithContextAndToken(ctx, r.WSURL, r.Token,
		lksdk.WithLogger(logger.GetDiscardLogger()), lksdk.WithCodecs(codecs)); err != nil {
		return nil, err
	}
	if a.Silent {
		return s, nil
	}
	mic, err := s.publish()
	if err != nil {
		s.room.Disconnect()
		return nil, err
	}
	s.mic = mic
	return s, nil
}

// publish returns when LiveKit knows the microphone, which is when the snippet goes on to /connect.
func (s *seat) publish() (*lksdk.LocalTrackPublication, error) {
	track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: sampleRate, Channels: 1})
	if err != nil {
		return nil, fmt.Errorf("make microphone: %w", err)
	}
	if err := track.StartWrite(&hum{}, nil); err != nil {
		return nil, fmt.Errorf("start microphone: %w", err)
	}
	mic, err := s.room.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{
		Name: "microphone", Source: livekit.TrackSource_MICROPHONE,
	})
	if err != nil {
		return nil, fmt.Errorf("publish microphone: %w", err)
	}
	return mic, nil
}

// vanish closes the sockets without LiveKit's leave message. OnDisconnected is what the SDK itself calls when it has lost
// the server; it cleans up and sends nothing.
func (s *seat) vanish() { s.room.OnDisconnected(livekit.DisconnectReason_UNKNOWN_REASON) }

func isCustomer(identity string) bool { return strings.HasPrefix(identity, "sip") }

// callbacks are the snippet's event handlers. The SDK waits for callbacks, so requests go out beside them.
func (a *Agent) callbacks(s *seat) *lksdk.RoomCallback {
	cb := lksdk.NewRoomCallback()
	cb.OnParticipantConnected = func(p *lksdk.RemoteParticipant) {
		if isCustomer(p.Identity()) {
			a.diary.note("customer_joined", p.Attributes()["sip.callStatus"])
		}
	}
	cb.OnAttributesChanged = func(changed map[string]string, p lksdk.Participant) {
		status, ok := changed["sip.callStatus"]
		if !ok || !isCustomer(p.Identity()) {
			return
		}
		a.diary.note("customer_"+status, "")
		if status == "active" && a.ReportAnswer {
			go a.beside("status", func(ctx context.Context) error { return a.postStatus(ctx, s.callID, "ANSWERED") })
		}
	}
	cb.OnTrackSubscribed = func(track *webrtc.TrackRemote, _ *lksdk.RemoteTrackPublication, p *lksdk.RemoteParticipant) {
		if isCustomer(p.Identity()) && track.Kind() == webrtc.RTPCodecTypeAudio {
			a.diary.note("track", track.Codec().MimeType)
			go s.ear.listen(track)
		}
	}
	cb.OnParticipantDisconnected = func(p *lksdk.RemoteParticipant) {
		if !isCustomer(p.Identity()) {
			return
		}
		a.diary.note("customer_left", p.DisconnectReason().String())
		if a.HangUpOnDrop {
			go a.beside("hangup", func(ctx context.Context) error {
				defer a.leave(s)
				return a.postHangUp(ctx, s.callID)
			})
		}
	}
	cb.OnDisconnected = func() { a.diary.note("disconnected", s.room.DisconnectReason().String()) }
	return cb
}

// beside runs one of the snippet's requests on its own and notes how it went.
func (a *Agent) beside(name string, do func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	if err := do(ctx); err != nil {
		a.diary.note(name+"_failed", err.Error())
	}
}
