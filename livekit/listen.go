package livekit

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/livekit/protocol/auth"
	lk "github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/livekit/server-sdk-go/v2/signalling"
	"github.com/pion/webrtc/v4"
	"google.golang.org/protobuf/proto"

	"github.com/click2call/click2call/call"
)

const (
	listenerPrefix = "c2c-listens-"
	// legLeaves is how long after the dial's reply the word that the leg has left may come: livekit-server sends what concerns a
	// participant without a track every 3 s (v1.13.5, pkg/rtc/room.go, subscriberUpdateInterval).
	legLeaves = 3500 * time.Millisecond
)

// Listener hears every change of the customer's legs while a call is being dialed, so that it is known whether a phone rang.
//
// LiveKit's reply to a dial does not tell. Its SIP service sets the leg's sip.callStatus to "ringing" at the first 180 to 199 (livekit-sip
// v1.8.0, pkg/sip/outbound.go), and takes the leg out of the room after a refusal, both on one connection. livekit-server may make one
// message of several changes, and the last one tells the attributes as they last stood (v1.13.5, pkg/rtc/room.go,
// PushAndDequeueUpdates). So whoever hears that the leg left, with a sip.callStatus that never got beyond "dialing", knows that no
// phone rang. A poll would miss a phone that rang for a moment, and so does the SDK's room: of a leg that comes and goes within one
// message it tells nothing. This speaks LiveKit's signalling alone, without media.
type Listener struct {
	transport signalling.SignalTransport
	leg       string
	over      map[string]bool // sessions of earlier legs; only used by HandleMessage

	gone chan struct{} // closed when the listener's own connection was interrupted: something may have been missed
	once sync.Once     // for gone

	mu   sync.Mutex
	left chan struct{} // closed when the present leg left
	rang bool
}

// Listen joins the call's room unseen. Close it when the dial is over.
func (c *Client) Listen(ctx context.Context, id call.ID) (*Listener, error) {
	op := fmt.Sprintf("listen in %s", id)
	s, err := c.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	g := &auth.VideoGrant{RoomJoin: true, Room: id.Room(), Hidden: true}
	g.SetCanPublish(false)
	g.SetCanPublishData(false)
	g.SetCanSubscribe(false)
	token, err := s.token(listenerPrefix+rand.Text()[:10], g)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	l := &Listener{leg: id.CustomerIdentity(), over: map[string]bool{}, left: make(chan struct{}), gone: make(chan struct{})}
	quiet := logger.GetDiscardLogger()
	l.transport = signalling.NewSignalTransportWebSocket(signalling.SignalTransportWebSocketParams{
		Logger: quiet, Version: lksdk.Version, Protocol: lksdk.PROTOCOL,
		Signalling:             signalling.NewSignalling(signalling.SignallingParams{Logger: quiet}),
		SignalTransportHandler: l, SignalHandler: l,
	})
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	params := signalling.ConnectParams{ConnectTimeout: joinTimeout, Logger: quiet}
	if err := l.transport.Join(ctx, s.wsURL, token, params, nil, webrtc.SessionDescription{}); err != nil {
		l.transport.Close()
		return nil, fmt.Errorf("%s: %w: join the room: %w", op, ErrUnavailable, withoutToken(err, token))
	}
	l.transport.Start()
	return l, nil
}

// HandleMessage takes LiveKit's word; it is called by one goroutine.
func (l *Listener) HandleMessage(msg proto.Message) error {
	response, ok := msg.(*lk.SignalResponse)
	if !ok {
		return nil
	}
	for _, p := range response.GetUpdate().GetParticipants() {
		if p.GetIdentity() == l.leg && !l.over[p.GetSid()] {
			l.sees(p)
		}
	}
	if response.GetLeave() != nil {
		l.OnTransportClose()
	}
	return nil
}

func (l *Listener) sees(p *lk.ParticipantInfo) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rang = l.rang || legStatus(p.GetAttributes()) != call.LegDialing
	over := p.GetState() == lk.ParticipantInfo_DISCONNECTED
	l.over[p.GetSid()] = over
	select {
	case <-l.left:
		if !over { // LiveKit had only restarted the leg's session
			l.left = make(chan struct{})
		}
	default:
		if over {
			close(l.left)
		}
	}
}

// OnTransportClose notes that something may have been missed.
func (l *Listener) OnTransportClose() { l.once.Do(func() { close(l.gone) }) }

// Gone is closed when nothing can be heard any more, as when the room was deleted.
func (l *Listener) Gone() <-chan struct{} { return l.gone }

// SetLogger is part of [signalling.SignalHandler]; nothing is logged, since what is heard names numbers.
func (l *Listener) SetLogger(logger.Logger) {}

// Rang says whether a phone rang in a dial that LiveKit has replied to, and listens to the next one from then on. It waits until the leg
// was heard to leave, for 3.5 s at most.
func (l *Listener) Rang(ctx context.Context) call.Rang {
	l.mu.Lock()
	left := l.left
	l.mu.Unlock()
	timer := time.NewTimer(legLeaves)
	defer timer.Stop()
	heard := false
	select {
	case <-left:
		heard = true
	case <-l.gone:
	case <-timer.C:
	case <-ctx.Done():
	}
	select {
	case <-l.gone: // before or after: who knows what was missed
		heard = false
	default:
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	rang := l.rang
	l.rang, l.left = false, make(chan struct{})
	switch {
	case rang:
		return call.RangYes
	case !heard:
		return call.RangUnknown
	default:
		return call.RangNo
	}
}

// Close leaves the room.
func (l *Listener) Close() {
	leave := signalling.NewSignalling(signalling.SignallingParams{Logger: logger.GetDiscardLogger()}).SignalLeaveRequest(
		&lk.LeaveRequest{Reason: lk.DisconnectReason_CLIENT_INITIATED})
	_ = l.transport.SendMessage(leave) // a listener that LiveKit does not hear leave is gone all the same
	l.transport.Close()
}
