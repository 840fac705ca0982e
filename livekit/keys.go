package livekit

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/livekit/protocol/auth"
	lk "github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/click2call/click2call/call"
)

const (
	// keyDigits are the keys of a telephone, each at its event code (RFC 4733 section 3.2).
	keyDigits = "0123456789*#ABCD"
	// keypadIdle is how long a keypad stays in the room after its last key: people press one key after the other, and joining
	// takes a tenth of a second. It also lets the last key go out before the keypad leaves.
	keypadIdle = 10 * time.Second
	// keypadSettles is how long a keypad that has joined waits with its first key: LiveKit has been seen to lose what comes within its
	// first milliseconds, and nobody acknowledges a key.
	keypadSettles = 500 * time.Millisecond
	// joinTimeout is for one way into a room, media connection included.
	joinTimeout = 5 * time.Second
	// maxKeypads bounds the keypads of one process.
	maxKeypads = 500
	// keypadPrefix begins the identity of a keypad. It is neither "sip", which pages take for the customer, nor the agent's.
	keypadPrefix = "c2c-keys-"
)

// ErrNotConnected: the customer's leg is not answered, or is gone.
var ErrNotConnected = errors.New("the customer is not connected")

// SendKeys has the customer's end hear digits, of 0-9 * # A-D, as telephone events. The keys of one call go out in the order of
// the calls of SendKeys in this process; LiveKit's SIP service plays two of them a second. It returns when LiveKit has them.
//
// LiveKit has no request for this (RoomService.SendData makes user packets, which its SIP service does not read; livekit-sip
// v1.8.0, pkg/sip/room.go), so a participant that nobody sees joins the room for it. Only that one may publish data: the agent's
// page must not. [ErrNotConnected] when there is no leg that was answered. Not idempotent. Errors never hold the digits.
func (c *Client) SendKeys(ctx context.Context, id call.ID, digits string) error {
	op := fmt.Sprintf("send keys in %s", id)
	s, err := c.open(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	for {
		k, err := c.keypads.of(id)
		if err == nil {
			err = k.send(ctx, s, digits)
		}
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, errPutAway):
			return fmt.Errorf("%s: %w", op, err)
		}
	}
}

// errPutAway never leaves this file: the keypad was idle for too long just now, and the next is another.
var errPutAway = errors.New("the keypad was put away")

// Close leaves every room that this process has joined. Requests still work.
func (c *Client) Close() { c.keypads.closeAll() }

// keypads are the rooms that this process is in to send keys. The zero value is ready.
type keypads struct {
	mu   sync.Mutex
	open map[call.ID]*keypad
}

// of is the call's keypad, which may have to join yet.
func (all *keypads) of(id call.ID) (*keypad, error) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if k := all.open[id]; k != nil {
		return k, nil
	}
	if len(all.open) >= maxKeypads {
		return nil, fmt.Errorf("%w: %d calls are sending keys at this moment", ErrUnavailable, len(all.open))
	}
	k := &keypad{id: id, turn: make(chan struct{}, 1)}
	k.idle = time.AfterFunc(keypadIdle, func() { all.retire(k) })
	if all.open == nil {
		all.open = map[call.ID]*keypad{}
	}
	all.open[id] = k
	return k, nil
}

// retire closes a keypad that nobody has used for a while.
func (all *keypads) retire(k *keypad) {
	select {
	case k.turn <- struct{}{}:
	default: // it is in use
		k.idle.Reset(keypadIdle)
		return
	}
	all.mu.Lock()
	if all.open[k.id] == k {
		delete(all.open, k.id)
	}
	all.mu.Unlock()
	k.putAway()
}

func (all *keypads) closeAll() {
	all.mu.Lock()
	open := all.open
	all.open = nil
	all.mu.Unlock()
	for _, k := range open {
		k.idle.Stop()
		k.turn <- struct{}{}
		k.putAway()
	}
}

// keypad is one call's. Everything but id and turn belongs to who holds the turn.
type keypad struct {
	id      call.ID
	turn    chan struct{}
	idle    *time.Timer
	room    *lksdk.Room // nil: outside
	retired bool        // no longer the call's
}

// putAway needs the turn, and gives it up.
func (k *keypad) putAway() {
	k.leave()
	k.retired = true
	<-k.turn
}

func (k *keypad) send(ctx context.Context, s *session, digits string) error {
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return fmt.Errorf("%w: other keys of this call are on their way: %w", ErrUnavailable, ctx.Err())
	}
	if k.retired {
		return errPutAway
	}
	k.idle.Reset(keypadIdle)
	if k.room == nil || k.room.ConnectionState() == lksdk.ConnectionStateDisconnected {
		if err := k.join(ctx, s); err != nil {
			return err
		}
	}
	leg := k.room.GetParticipantByIdentity(k.id.CustomerIdentity())
	if leg == nil || !legStatus(leg.Attributes()).Answered() {
		return ErrNotConnected
	}
	for _, key := range digits {
		code := strings.IndexRune(keyDigits, key)
		if code < 0 {
			return fmt.Errorf("%w: not a key of a telephone", ErrRefused)
		}
		// livekit-sip plays the text, and knows the letters in lower case only (media-sdk dtmf.go, charToEvent).
		err := k.room.LocalParticipant.PublishDataPacket(&lk.SipDTMF{Code: uint32(code), Digit: strings.ToLower(string(key))},
			lksdk.WithDataPublishReliable(true), lksdk.WithDataPublishDestination([]string{k.id.CustomerIdentity()}))
		if err != nil {
			k.leave()
			return fmt.Errorf("%w: the data channel: %w", ErrUnavailable, err)
		}
	}
	return nil
}

func (k *keypad) join(ctx context.Context, s *session) error {
	g := &auth.VideoGrant{RoomJoin: true, Room: k.id.Room(), Hidden: true}
	g.SetCanPublish(false)
	g.SetCanPublishData(true)
	g.SetCanSubscribe(false)
	room, err := s.join(ctx, keypadPrefix+rand.Text()[:10], g)
	if err != nil {
		return err
	}
	k.room = room
	select {
	case <-time.After(keypadSettles):
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: join the room: %w", ErrUnavailable, ctx.Err())
	}
}

func (k *keypad) leave() {
	if k.room != nil {
		k.room.Disconnect()
		k.room = nil
	}
}

// join takes a participant of ours into a room, with just these rights. The caller has it leave.
func (s *session) join(ctx context.Context, identity string, g *auth.VideoGrant, options ...lksdk.ConnectOption) (*lksdk.Room, error) {
	token, err := s.token(identity, g)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	room := lksdk.NewRoom(lksdk.NewRoomCallback())
	// The SDK's log would hold what is sent.
	options = append([]lksdk.ConnectOption{
		lksdk.WithLogger(logger.GetDiscardLogger()), lksdk.WithAutoSubscribe(false), lksdk.WithDisableRegionDiscovery(),
		lksdk.WithConnectTimeout(joinTimeout),
	}, options...)
	if err := room.JoinWithContextAndToken(ctx, s.wsURL, token, options...); err != nil {
		return nil, fmt.Errorf("%w: join the room: %w", ErrUnavailable, withoutToken(err, token))
	}
	return room, nil
}

func (s *session) token(identity string, g *auth.VideoGrant) (string, error) {
	token, err := auth.NewAccessToken(s.creds.APIKey, s.creds.APISecret).SetIdentity(identity).SetVideoGrant(g).SetValidFor(tokenTTL).ToJWT()
	if err != nil {
		return "", fmt.Errorf("mint a token: %w: set the API key and secret", ErrUnauthorized)
	}
	return token, nil
}

// withoutToken is err without the token that LiveKit's words may repeat.
func withoutToken(err error, token string) error {
	return errors.New(strings.ReplaceAll(err.Error(), token, "…"))
}
