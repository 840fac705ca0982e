package livekit

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/livekit/protocol/auth"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/click2call/click2call/call"
)

const (
	listenerPrefix = "c2c-listens-"
	// legLeaves is how long after the dial's reply the word that the leg has left may come: it was sent before the reply.
	legLeaves = 2 * time.Second
)

// Listener hears every change of the customer's leg while a dial is under way, so that it is known whether a phone rang.
//
// LiveKit's reply to a dial does not tell. Its SIP service sets the leg's sip.callStatus to "ringing" at the first 180 to 199 (livekit-sip
// v1.8.0, pkg/sip/outbound.go), and takes the leg out of the room after a refusal, both on one connection; livekit-server passes both
// on at once and in this order (v1.13.5, pkg/rtc/room.go, onParticipantUpdate). So whoever is in the room all the while, and
// has seen the leg come and go, has seen it ring if it rang. A poll would miss a phone that rang for a moment.
type Listener struct {
	room  *lksdk.Room
	left  chan struct{} // closed when the leg left
	heard sync.Once

	mu   sync.Mutex
	rang bool
	gap  bool // the listener's own connection was interrupted
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
	l := &Listener{left: make(chan struct{})}
	leg := id.CustomerIdentity()
	callback := lksdk.NewRoomCallback()
	callback.OnReconnecting, callback.OnDisconnected = l.interrupted, l.interrupted
	callback.OnParticipantConnected = func(p *lksdk.RemoteParticipant) { l.sees(leg, p) }
	callback.OnAttributesChanged = func(_ map[string]string, p lksdk.Participant) { l.sees(leg, p) }
	callback.OnParticipantDisconnected = func(p *lksdk.RemoteParticipant) {
		l.sees(leg, p)
		if p.Identity() == leg {
			l.heard.Do(func() { close(l.left) })
		}
	}
	if l.room, err = s.joinAs(ctx, listenerPrefix+rand.Text()[:10], g, callback); err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	return l, nil
}

func (l *Listener) interrupted() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gap = true
}

// sees may be called by several goroutines; a status never goes back.
func (l *Listener) sees(leg string, p lksdk.Participant) {
	if p.Identity() != leg {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rang = l.rang || legStatus(p.Attributes()) != call.LegDialing
}

// Rang says whether a phone rang in a dial that LiveKit has replied to. It waits until the leg was seen to leave, for 2 s at most.
func (l *Listener) Rang(ctx context.Context) call.Rang {
	timer := time.NewTimer(legLeaves)
	defer timer.Stop()
	gone := true
	select {
	case <-l.left:
	case <-timer.C:
		gone = false
	case <-ctx.Done():
		gone = false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.rang:
		return call.RangYes
	case !gone || l.gap:
		return call.RangUnknown
	default:
		return call.RangNo
	}
}

// Close leaves the room.
func (l *Listener) Close() { l.room.Disconnect() }
