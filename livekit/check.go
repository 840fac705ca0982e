package livekit

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/livekit/protocol/auth"
	lk "github.com/livekit/protocol/livekit"
	"github.com/twitchtv/twirp"
)

// What can be wrong with credentials, each a sentence for the operator who typed them.
var (
	ErrUnreachable = errors.New("no LiveKit server answers at this URL")
	ErrWrongKey    = errors.New("LiveKit does not know this API key")
	ErrWrongSecret = errors.New("the API secret does not belong to this API key")
	ErrClock       = errors.New("the clocks of this machine and of LiveKit differ by more than a minute")
	ErrNoSIP       = errors.New("this LiveKit server has no SIP: it needs Redis and the LiveKit SIP service")
)

// probeRoom is a room that nobody has: asking for it costs LiveKit nothing.
const probeRoom = "c2c-probe"

// CheckCredentials tries creds on LiveKit with three cheap requests that change nothing, and returns nil or an error that wraps
// one of ErrUnreachable, ErrWrongKey, ErrWrongSecret, ErrClock, ErrNoSIP and, when all else is right, ErrAutoCreates. It cannot prove that the SIP service itself is
// up, nor that the carrier accepts a trunk: only a call does that.
func (c *Client) CheckCredentials(ctx context.Context, creds Credentials) error {
	if creds.APIKey == "" {
		return fmt.Errorf("check credentials: %w: it is empty", ErrWrongKey)
	}
	if creds.APISecret == "" {
		return fmt.Errorf("check credentials: %w: it is empty", ErrWrongSecret)
	}
	probe := &Client{http: c.http, dialHTTP: c.dialHTTP, listHTTP: c.listHTTP, credentials: func(context.Context) (Credentials, error) { return creds, nil }}
	if err := probe.ping(ctx); err != nil {
		return fmt.Errorf("check credentials: %w", diagnose(err))
	}
	s, ctx, cancel, err := probe.request(ctx, grants{sip: &auth.SIPGrant{Admin: true}})
	if err != nil {
		return fmt.Errorf("check credentials: %w", err)
	}
	defer cancel()
	if _, err = s.sip.ListSIPOutboundTrunk(ctx, &lk.ListSIPOutboundTrunkRequest{Page: &lk.Pagination{Limit: 1}}); err != nil {
		return fmt.Errorf("check credentials: %w", diagnoseSIP(err))
	}
	if err := s.checkRooms(ctx, probe.http); err != nil {
		return fmt.Errorf("check credentials: %w", err)
	}
	return nil
}

// Ping reports whether LiveKit answers and accepts our credentials.
func (c *Client) Ping(ctx context.Context) error {
	err := c.ping(ctx)
	switch {
	case err == nil:
		return nil
	case isReply(err):
		return fail("ping LiveKit", err)
	default:
		return fmt.Errorf("ping LiveKit: %w", err)
	}
}

// ping returns Twirp's error as it is.
func (c *Client) ping(ctx context.Context) error {
	s, ctx, cancel, err := c.request(ctx, grants{video: &auth.VideoGrant{RoomList: true}})
	if err != nil {
		return err
	}
	defer cancel()
	_, err = s.rooms.ListRooms(ctx, &lk.ListRoomsRequest{Names: []string{probeRoom}})
	return err
}

func isReply(err error) bool {
	var te twirp.Error
	return errors.As(err, &te)
}

// diagnose reads LiveKit's refusals. Its middleware answers 401 with plain text: "invalid API key: …" or "invalid token: …,
// error: …" (livekit-server pkg/service/auth.go). That text repeats the token, so it goes no further than this.
func diagnose(err error) error {
	if !isReply(err) {
		return err
	}
	if cause := localCause(err); cause != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, cause)
	}
	status, body := fromIntermediary(err)
	switch {
	case strings.Contains(body, "invalid api key"):
		return ErrWrongKey
	case strings.Contains(body, "not valid yet"), strings.Contains(body, "expired"), strings.Contains(body, "used before issued"):
		return ErrClock
	case status == "401", code(err) == twirp.Unauthenticated, code(err) == twirp.PermissionDenied:
		return ErrWrongSecret
	case status != "":
		return fmt.Errorf("%w: something else answered with HTTP status %s", ErrUnreachable, status)
	}
	return fmt.Errorf("%w: %s", kind(err), message(err))
}

func diagnoseSIP(err error) error {
	switch code(err) {
	case twirp.Internal, twirp.Unimplemented, twirp.BadRoute:
		if localCause(err) == nil {
			return ErrNoSIP
		}
	}
	return diagnose(err)
}
