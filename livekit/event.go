package livekit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/livekit/protocol/auth"
	lk "github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/utils/protojson"
	"github.com/livekit/protocol/webhook"

	"github.com/click2call/click2call/call"
)

// maxEventBytes is the net under the caller's own limit.
const maxEventBytes = 256 << 10

// eventLag is how old an event may look and still be taken as fresh. LiveKit stamps events with whole seconds.
const eventLag = time.Second

// ErrForged: a request to the webhook was not signed by our LiveKit, or is out of date. Answer 401.
var ErrForged = errors.New("not a LiveKit event signed with our key")

// Event is one verified LiveKit event. LiveKit may deliver it twice, late, or in another order.
type Event struct {
	ID     string          // LiveKit's, the same in every delivery
	Name   string          // for example participant_left
	CallID call.ID         // "" when the room is none of ours
	Room   *call.RoomEvent // nil when the event says nothing about the end of a call
}

// ReceiveEvent verifies and reads a LiveKit webhook request. It returns [ErrForged] when the key, the signature, the
// hash of the body or the expiry is wrong, and an *http.MaxBytesError when the body is too long. Duplicates are the
// receiver's to notice, by Event.ID.
func (c *Client) ReceiveEvent(r *http.Request) (Event, error) {
	creds, err := c.credentials(r.Context())
	if err != nil {
		return Event{}, fmt.Errorf("read LiveKit credentials: %w", err)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxEventBytes))
	if err != nil {
		return Event{}, fmt.Errorf("read LiveKit event: %w", err)
	}
	event, err := verified(r.Context(), r.Header, body, creds)
	if err != nil {
		return Event{}, err
	}
	out := Event{ID: event.Id, Name: event.Event}
	if id, ours := call.IDFromRoom(event.GetRoom().GetName()); ours {
		out.CallID, out.Room = id, roomEvent(id, event, time.Now())
	}
	return out, nil
}

// verified checks body against its signed header. The verifier reads a request, so it gets one made of both.
func verified(ctx context.Context, header http.Header, body []byte, creds Credentials) (*lk.WebhookEvent, error) {
	if creds.APIKey == "" || creds.APISecret == "" {
		return nil, fmt.Errorf("verify LiveKit event: %w: no API key and secret are set", ErrForged)
	}
	signed := (&http.Request{Header: header, Body: io.NopCloser(bytes.NewReader(body))}).WithContext(ctx)
	if _, err := webhook.Receive(signed, auth.NewSimpleKeyProvider(creds.APIKey, creds.APISecret)); err != nil {
		return nil, fmt.Errorf("verify LiveKit event: %w: %w", ErrForged, err)
	}
	event := new(lk.WebhookEvent)
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true, AllowPartial: true}).Unmarshal(body, event); err != nil {
		return nil, fmt.Errorf("parse LiveKit event: %w", err)
	}
	return event, nil
}

// attributeDisconnectCode is set by a fork of livekit-sip (rahul20110/sip) just before the leg leaves.
const attributeDisconnectCode = "sip.disconnectCode"

// roomEvent returns what the event says about the end of the call, nil when that is nothing.
func roomEvent(id call.ID, e *lk.WebhookEvent, received time.Time) *call.RoomEvent {
	if e.Event != webhook.EventParticipantLeft && e.Event != webhook.EventParticipantConnectionAborted {
		return nil
	}
	p := e.GetParticipant()
	if p.GetDisconnectReason() == lk.DisconnectReason_ROOM_DELETED {
		return nil // we deleted the room, and know why
	}
	out := &call.RoomEvent{
		At:      happenedAt(e.CreatedAt, received),
		SID:     p.GetSid(),
		Reason:  leaveReasons[p.GetDisconnectReason()],
		Source:  call.SourceWebhook,
		EventID: e.Id,
	}
	switch p.GetIdentity() {
	case call.AgentIdentity:
		out.Participant = call.ParticipantAgent
	case id.CustomerIdentity():
		out.Participant, out.Status = call.ParticipantCustomer, legStatus(p.GetAttributes())
		out.SIPCode, _ = strconv.Atoi(p.GetAttributes()[attributeDisconnectCode]) // absent upstream: 0
	default:
		return nil
	}
	return out
}

// happenedAt is the best guess at the moment of an event: when it came in, unless it is older than the way here takes;
// then the middle of the second that LiveKit stamped it with.
func happenedAt(createdAt int64, received time.Time) time.Time {
	created := time.Unix(createdAt, 0)
	if createdAt > 0 && received.Sub(created) > eventLag {
		return created.Add(500 * time.Millisecond).UTC()
	}
	return received.UTC()
}
