package livekit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/livekit/protocol/auth"
)

// ErrAutoCreates: a leg that joins after we have deleted its room makes it anew, and a phone rings for nobody until the sweep.
var ErrAutoCreates = errors.New("LiveKit makes rooms by itself when somebody joins: set room.auto_create to false in its configuration")

// checkRooms asks whether somebody who may not create rooms could join one that is not there. It joins nobody: LiveKit answers
// "success" when it would make the room, and 404 when it would not (livekit-server v1.13.5, pkg/service/rtcservice.go v0Validate,
// roomallocator.go ValidateCreateRoom). Whatever else comes says nothing.
func (s *session) checkRooms(ctx context.Context, c *http.Client) error {
	token, err := auth.NewAccessToken(s.creds.APIKey, s.creds.APISecret).SetValidFor(tokenTTL).SetIdentity(probeRoom).
		SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: probeRoom}).ToJWT()
	if err != nil {
		return nil //nolint:nilerr // the other checks say what is wrong with the key
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.api+"/rtc/validate", nil)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	reply, err := c.Do(request)
	if err != nil {
		return nil //nolint:nilerr // it answered a moment ago; this is no proof of anything
	}
	defer func() { _ = reply.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(reply.Body, 100))
	if err == nil && reply.StatusCode == http.StatusOK && string(body) == "success" {
		return ErrAutoCreates
	}
	return nil
}
