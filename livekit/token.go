package livekit

import (
	"context"
	"fmt"
	"time"

	"github.com/livekit/protocol/auth"
	lk "github.com/livekit/protocol/livekit"

	"github.com/click2call/click2call/call"
)

// AgentTokenTTL is how long an agent has to join with a token. LiveKit refreshes the token of whoever is connected.
const AgentTokenTTL = 10 * time.Minute

// AgentToken mints what the agent's browser joins the call's room with: this room only, the microphone and
// listening, no rights over the room. No data either: LiveKit's SIP service answers participants' RPCs, which would show the dialed
// string and hang up in the customer's name; keys go through [Client.SendKeys]. It asks nothing of LiveKit. The URL is always ws:// or wss://.
func (c *Client) AgentToken(ctx context.Context, id call.ID) (wsURL, token string, err error) {
	s, err := c.open(ctx)
	if err != nil {
		return "", "", fmt.Errorf("mint agent token of %s: %w", id, err)
	}
	g := &auth.VideoGrant{RoomJoin: true, Room: id.Room()}
	g.SetCanPublish(true)
	g.SetCanPublishSources([]lk.TrackSource{lk.TrackSource_MICROPHONE})
	g.SetCanPublishData(false)
	g.SetCanSubscribe(true)
	g.SetCanUpdateOwnMetadata(false)
	token, err = auth.NewAccessToken(s.creds.APIKey, s.creds.APISecret).
		SetIdentity(call.AgentIdentity).
		SetVideoGrant(g).
		SetValidFor(AgentTokenTTL).
		ToJWT()
	if err != nil {
		return "", "", fmt.Errorf("mint agent token of %s: %w: set the API key and secret", id, ErrUnauthorized)
	}
	return s.wsURL, token, nil
}
