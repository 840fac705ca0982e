package livekit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/livekit/protocol/auth"
	lk "github.com/livekit/protocol/livekit"
	"github.com/twitchtv/twirp"

	"github.com/click2call/click2call/call"
)

// roomMargin is how much longer LiveKit keeps a room than we need it. We delete rooms ourselves; LiveKit's timeouts are
// for the day when nobody of us is left to do it.
const roomMargin = time.Minute

// Room is what one look into a call's room showed.
type Room struct {
	Exists   bool
	Agent    bool           // the agent is in the room
	AgentSID string         // LiveKit's id of the agent's session, "" when absent
	Leg      call.LegStatus // LegGone or LegNoRoom when the customer is not there, never LegUnknown for an empty room
	LegSID   string         // LiveKit's id of the customer's session, "" when absent
}

// OpenRoom creates the call's room, empty. Doing it again is harmless. LiveKit closes the room by itself when nobody came
// within the connect timeout, or everybody left for longer than the rejoin grace, plus a minute.
func (c *Client) OpenRoom(ctx context.Context, id call.ID, k call.Knobs) error {
	op := fmt.Sprintf("open room of %s", id)
	s, ctx, cancel, err := c.request(ctx, grants{video: &auth.VideoGrant{RoomCreate: true}})
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	defer cancel()
	metadata, err := json.Marshal(map[string]call.ID{"call_id": id})
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	_, err = s.rooms.CreateRoom(ctx, &lk.CreateRoomRequest{
		Name:             id.Room(),
		EmptyTimeout:     wholeSeconds(k.ConnectTimeout + roomMargin),
		DepartureTimeout: wholeSeconds(k.AgentRejoinGrace + roomMargin),
		Metadata:         string(metadata),
	})
	if err != nil {
		return fail(op, err)
	}
	return nil
}

// CloseRoom deletes the call's room, which hangs up whoever is in it or is being dialed into it. A room that is gone
// already is no error.
func (c *Client) CloseRoom(ctx context.Context, id call.ID) error {
	op := fmt.Sprintf("close room of %s", id)
	s, ctx, cancel, err := c.request(ctx, grants{video: &auth.VideoGrant{RoomCreate: true}})
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	defer cancel()
	_, err = s.rooms.DeleteRoom(ctx, &lk.DeleteRoomRequest{Room: id.Room()})
	if err != nil && code(err) != twirp.NotFound {
		return fail(op, err)
	}
	return nil
}

// Look says who is in the call's room. LiveKit reads participants from a store that may lag behind: one look that finds
// nobody is weak evidence (facts: ListParticipants is eventually consistent unless
// api.enable_psrpc_for_get_list_participants is set).
func (c *Client) Look(ctx context.Context, id call.ID) (Room, error) {
	op := fmt.Sprintf("look into room of %s", id)
	s, ctx, cancel, err := c.request(ctx, grants{video: &auth.VideoGrant{RoomAdmin: true, Room: id.Room()}})
	if err != nil {
		return Room{}, fmt.Errorf("%s: %w", op, err)
	}
	defer cancel()
	list, err := s.rooms.ListParticipants(ctx, &lk.ListParticipantsRequest{Room: id.Room()})
	if err == nil && len(list.Participants) > 0 {
		return roomOf(id, list.Participants), nil
	}
	// An empty list stands for an empty room and for no room. With psrpc, a room that is on no node gives
	// "no response from servers" instead. The list of rooms tells them apart.
	missing := err != nil && localCause(err) == nil && (code(err) == twirp.Unavailable || code(err) == twirp.NotFound)
	if err != nil && !missing {
		return Room{}, fail(op, err)
	}
	exists, roomsErr := s.roomExists(ctx, id)
	switch {
	case roomsErr != nil:
		return Room{}, fail(op, roomsErr)
	case !exists:
		return Room{Leg: call.LegNoRoom}, nil
	case err != nil:
		return Room{}, fail(op, err)
	}
	return Room{Exists: true, Leg: call.LegGone}, nil
}

func (s *session) roomExists(ctx context.Context, id call.ID) (bool, error) {
	ctx, err := s.sign(ctx, grants{video: &auth.VideoGrant{RoomList: true}})
	if err != nil {
		return false, err
	}
	list, err := s.rooms.ListRooms(ctx, &lk.ListRoomsRequest{Names: []string{id.Room()}})
	if err != nil {
		return false, err
	}
	return len(list.Rooms) > 0, nil
}

func roomOf(id call.ID, participants []*lk.ParticipantInfo) Room {
	r := Room{Exists: true, Leg: call.LegGone}
	for _, p := range participants {
		switch p.Identity {
		case call.AgentIdentity:
			if p.State == lk.ParticipantInfo_JOINED || p.State == lk.ParticipantInfo_ACTIVE {
				r.Agent, r.AgentSID = true, p.Sid
			}
		case id.CustomerIdentity():
			r.Leg, r.LegSID = legOf(p), p.Sid
		}
	}
	return r
}

// legOf reads the status of a SIP participant. One that has left may be listed for a moment more.
func legOf(p *lk.ParticipantInfo) call.LegStatus {
	status := legStatus(p.Attributes)
	if p.State == lk.ParticipantInfo_DISCONNECTED && status != call.LegHangup {
		return call.LegGone
	}
	return status
}

// legStatus reads sip.callStatus (livekit/sip pkg/sip/participant.go). LiveKit joins the room with "dialing" set, so a
// leg without the attribute has not got further than that.
func legStatus(attributes map[string]string) call.LegStatus {
	switch s := call.LegStatus(attributes[lk.AttrSIPCallStatus]); s {
	case call.LegDialing, call.LegRinging, call.LegAutomation, call.LegActive, call.LegHangup:
		return s
	case "":
		return call.LegDialing
	default:
		return call.LegUnknown
	}
}

func wholeSeconds(d time.Duration) uint32 { return uint32((d + time.Second - 1) / time.Second) }
