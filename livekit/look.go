package livekit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/livekit/protocol/auth"
	lk "github.com/livekit/protocol/livekit"
	"github.com/twitchtv/twirp"

	"github.com/click2call/click2call/call"
)

// slowList is when we stop believing that a list of participants is on its way; it takes 3 ms in a quiet LiveKit.
const slowList = 250 * time.Millisecond

// Room is what one look into a call's room showed.
type Room struct {
	Exists   bool
	Agent    bool           // the agent is in the room
	AgentSID string         // LiveKit's id of the agent's session, "" when absent
	Leg      call.LegStatus // LegGone or LegNoRoom when the customer is not there, never LegUnknown for an empty room
	LegSID   string         // LiveKit's id of the customer's session, "" when absent
}

// Look says who is in the call's room. LiveKit reads participants from a store that may lag behind: one look that finds
// nobody is weak evidence (ListParticipants is eventually consistent unless api.enable_psrpc_for_get_list_participants
// is set).
func (c *Client) Look(ctx context.Context, id call.ID) (Room, error) {
	op := fmt.Sprintf("look into room of %s", id)
	s, ctx, cancel, err := c.request(ctx, grants{video: &auth.VideoGrant{RoomAdmin: true, Room: id.Room()}})
	if err != nil {
		return Room{}, fmt.Errorf("%s: %w", op, err)
	}
	defer cancel()
	list, err := s.participants(ctx, id)
	switch {
	case err == nil && len(list) > 0:
		return roomOf(id, list), nil
	case errors.Is(err, errNoRoom):
		return Room{Leg: call.LegNoRoom}, nil
	case err != nil && !mayBeMissing(err):
		return Room{}, fail(op, err)
	}
	// An empty list stands for an empty room and for no room; the list of rooms tells them apart.
	exists, roomsErr := s.roomExists(ctx, id)
	switch {
	case roomsErr != nil:
		return Room{}, fail(op, roomsErr)
	case !exists:
		return Room{Leg: call.LegNoRoom}, nil
	case err != nil:
		return Room{}, fmt.Errorf("%s: %w: %w: %s", op, ErrUnhosted, kind(err), message(err))
	}
	return Room{Exists: true, Leg: call.LegGone}, nil
}

// ErrUnhosted: LiveKit knows the room and no server of it answers for it. Either that server is slow, or it has died: then
// the room is dead, until somebody who was in it comes back. LiveKit's SIP service and the browsers try that for about 50 s.
var ErrUnhosted = errors.New("no LiveKit server answers for the room")

// errNoRoom never leaves this file.
var errNoRoom = errors.New("no such room")

// mayBeMissing: with psrpc, a room that is on no node gives "no response from servers".
func mayBeMissing(err error) bool {
	return localCause(err) == nil && (code(err) == twirp.Unavailable || code(err) == twirp.NotFound)
}

// participants lists a room. With psrpc, LiveKit takes three seconds to say that a room is on no node, so when the list is
// slow the room itself is asked for, and errNoRoom is the answer when it is not there.
func (s *session) participants(ctx context.Context, id call.ID) ([]*lk.ParticipantInfo, error) {
	type reply struct {
		list *lk.ListParticipantsResponse
		err  error
	}
	replies := make(chan reply, 1)
	go func() {
		list, err := s.rooms.ListParticipants(ctx, &lk.ListParticipantsRequest{Room: id.Room()})
		replies <- reply{list, err}
	}()
	slow := time.NewTimer(slowList)
	defer slow.Stop()
	select {
	case r := <-replies:
		return r.list.GetParticipants(), r.err
	case <-slow.C:
	}
	if exists, err := s.roomExists(ctx, id); err == nil && !exists {
		return nil, errNoRoom
	}
	r := <-replies
	return r.list.GetParticipants(), r.err
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
