package fakelivekit

import (
	"context"
	"strings"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/twitchtv/twirp"
)

// room is one call's room. The agent is in it from the beginning.
type room struct {
	info *livekit.Room
	leg  *livekit.ParticipantInfo // nil: nobody was dialed, or the leg left
	up   chan struct{}            // closed when the leg is answered
	gone chan struct{}            // closed when the room is deleted
}

// roomService answers only what served names; the rest of the interface is never reached.
type roomService struct {
	livekit.RoomService
	s *Server
}

type sipService struct {
	livekit.SIP
	s *Server
}

func (r roomService) CreateRoom(_ context.Context, req *livekit.CreateRoomRequest) (*livekit.Room, error) {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	if have := r.s.rooms[req.GetName()]; have != nil {
		return have.info, nil
	}
	made := &room{up: make(chan struct{}), gone: make(chan struct{}), info: &livekit.Room{
		Sid: "RM_" + req.GetName(), Name: req.GetName(), Metadata: req.GetMetadata(), CreationTime: time.Now().Unix(),
		EmptyTimeout: req.GetEmptyTimeout(), DepartureTimeout: req.GetDepartureTimeout(),
	}}
	r.s.rooms[req.GetName()] = made
	return made.info, nil
}

func (r roomService) DeleteRoom(_ context.Context, req *livekit.DeleteRoomRequest) (*livekit.DeleteRoomResponse, error) {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	have := r.s.rooms[req.GetRoom()]
	if have == nil {
		return nil, twirp.NotFoundError("requested room does not exist")
	}
	close(have.gone)
	delete(r.s.rooms, req.GetRoom())
	return &livekit.DeleteRoomResponse{}, nil
}

func (r roomService) ListRooms(_ context.Context, req *livekit.ListRoomsRequest) (*livekit.ListRoomsResponse, error) {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	list := &livekit.ListRoomsResponse{}
	for _, name := range req.GetNames() {
		if have := r.s.rooms[name]; have != nil {
			list.Rooms = append(list.Rooms, have.info)
		}
	}
	if len(req.GetNames()) == 0 {
		for _, have := range r.s.rooms {
			list.Rooms = append(list.Rooms, have.info)
		}
	}
	return list, nil
}

func (r roomService) ListParticipants(_ context.Context, req *livekit.ListParticipantsRequest) (*livekit.ListParticipantsResponse, error) {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	have := r.s.rooms[req.GetRoom()]
	if have == nil {
		return nil, twirp.NewError(twirp.Unavailable, "no response from servers")
	}
	list := &livekit.ListParticipantsResponse{Participants: []*livekit.ParticipantInfo{{
		Sid: "PA_agent_" + req.GetRoom(), Identity: "agent", State: livekit.ParticipantInfo_ACTIVE, IsPublisher: true,
	}}}
	if have.leg != nil {
		list.Participants = append(list.Participants, have.leg)
	}
	return list, nil
}

// CreateSIPParticipant rings for Answer and answers. A room that is deleted meanwhile ends the dial as LiveKit does.
func (p sipService) CreateSIPParticipant(ctx context.Context, req *livekit.CreateSIPParticipantRequest) (*livekit.SIPParticipantInfo, error) {
	s := p.s
	have := s.enter(req.GetRoomName(), req.GetParticipantIdentity(), "ringing")
	if have == nil {
		return nil, twirp.NotFoundError("requested room does not exist")
	}
	info := &livekit.SIPParticipantInfo{
		ParticipantId: "PA_" + req.GetParticipantIdentity(), ParticipantIdentity: req.GetParticipantIdentity(), RoomName: req.GetRoomName(),
		SipCallId: "SCL_" + strings.TrimPrefix(req.GetParticipantIdentity(), "sip-"),
	}
	if !req.GetWaitUntilAnswered() {
		time.AfterFunc(s.Answer, func() { s.answer(have) })
		return info, nil
	}
	ringing := time.NewTimer(s.Answer)
	defer ringing.Stop()
	select {
	case <-ringing.C:
		s.answer(have)
		return info, nil
	case <-have.gone:
		return nil, twirp.NewError(twirp.Canceled, "room was deleted")
	case <-ctx.Done():
		return nil, twirp.NewError(twirp.Canceled, "request was cancelled")
	}
}

func (s *Server) enter(name, identity, status string) *room {
	s.mu.Lock()
	defer s.mu.Unlock()
	have := s.rooms[name]
	if have != nil {
		have.leg = leg(identity, status)
	}
	return have
}

// leg is never changed once it is in a room: replies that hold it may be on their way.
func leg(identity, status string) *livekit.ParticipantInfo {
	return &livekit.ParticipantInfo{
		Sid: "PA_" + identity, Identity: identity, State: livekit.ParticipantInfo_ACTIVE, Kind: livekit.ParticipantInfo_SIP,
		Attributes: map[string]string{livekit.AttrSIPCallStatus: status},
	}
}

func (s *Server) answer(r *room) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.leg == nil {
		return
	}
	r.leg = leg(r.leg.GetIdentity(), "active")
	select {
	case <-r.up: // a second dial
	default:
		close(r.up)
	}
}

// AwaitAnswer returns when the leg in a room is answered.
func (s *Server) AwaitAnswer(ctx context.Context, name string) error {
	s.mu.Lock()
	have := s.rooms[name]
	s.mu.Unlock()
	if have == nil {
		return twirp.NotFoundError("requested room does not exist")
	}
	select {
	case <-have.up:
		return nil
	case <-have.gone:
		return twirp.NewError(twirp.Canceled, "room was deleted")
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// HangUp has the customer of a room hang up, and reports whether there was one.
func (s *Server) HangUp(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	have := s.rooms[name]
	if have == nil || have.leg == nil {
		return false
	}
	have.leg = nil
	return true
}

// Talking is how many answered legs there are now.
func (s *Server) Talking() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rooms {
		if r.leg != nil && r.leg.GetAttributes()[livekit.AttrSIPCallStatus] == "active" {
			n++
		}
	}
	return n
}
