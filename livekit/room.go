package livekit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/livekit/protocol/auth"
	lk "github.com/livekit/protocol/livekit"
	"github.com/twitchtv/twirp"

	"github.com/click2call/click2call/call"
)

// roomMargin is how much longer LiveKit keeps a room than we need it. We delete rooms ourselves; LiveKit's timeouts are
// for the day when nobody of us is left to do it.
const roomMargin = time.Minute

// OpenRoom creates the call's room, empty. Doing it again is harmless. LiveKit closes the room by itself when nobody came
// within the connect timeout, or everybody left for longer than that and than the rejoin grace, plus a minute: an agent may join, leave, and
// come back for /connect.
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
		DepartureTimeout: wholeSeconds(max(k.AgentRejoinGrace, k.ConnectTimeout) + roomMargin),
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
	s, ctx, cancel, err := c.request(ctx, grants{video: &auth.VideoGrant{RoomCreate: true, RoomAdmin: true, Room: id.Room()}})
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	defer cancel()
	_, err = s.rooms.DeleteRoom(ctx, &lk.DeleteRoomRequest{Room: id.Room()})
	if err != nil && (serverDied(err) || code(err) == twirp.NotFound && s.forgotten(ctx, id)) {
		// LiveKit deletes a room only on its server, and gives a room a new server only when it is created.
		if _, err := s.rooms.CreateRoom(ctx, &lk.CreateRoomRequest{Name: id.Room()}); err != nil {
			return fail(op, err)
		}
		_, err = s.rooms.DeleteRoom(ctx, &lk.DeleteRoomRequest{Room: id.Room()})
	}
	if err != nil && code(err) != twirp.NotFound {
		return fail(op, err)
	}
	return nil
}

// serverDied reports whether LiveKit could not delete a room because the server that has it is gone, or does not answer. LiveKit strikes
// a dead server off its list only when another one starts more than 5 s later; one that was killed and came back sooner stays
// on it for ever. Creating the room gives it another server once those 5 s are over, and fails before (livekit-server v1.11.0:
// pkg/service/roomservice.go, DeleteRoom; pkg/routing/redisrouter.go, RemoveDeadNodes; pkg/routing/selector/utils.go).
func serverDied(err error) bool {
	if localCause(err) != nil {
		return false
	}
	return strings.Contains(message(err), "could not find object") || strings.Contains(message(err), "no response from servers")
}

// forgotten reports whether somebody is in a room that LiveKit does not know. A SIP leg that joins while its room is being deleted
// comes into the closing room, after the server has dropped the room from its list: the phone rings on, and no deletion finds it
// (livekit-server v1.11.0: pkg/service/roommanager.go, deleteRoom and StartSession).
func (s *session) forgotten(ctx context.Context, id call.ID) bool {
	there, err := s.participants(ctx, id)
	return err == nil && len(there) > 0
}

func wholeSeconds(d time.Duration) uint32 { return uint32((d + time.Second - 1) / time.Second) }

// roomsAtOnce is how many rooms are asked for by name in one request: 20 KB of names.
const roomsAtOnce = 500

// RoomsAmong returns those of ids whose rooms LiveKit has now.
func (c *Client) RoomsAmong(ctx context.Context, ids []call.ID) ([]call.ID, error) {
	var there []call.ID
	for some := range slices.Chunk(ids, roomsAtOnce) {
		names := make([]string, len(some))
		for i, id := range some {
			names[i] = id.Room()
		}
		found, err := c.listRooms(ctx, names)
		if err != nil {
			return nil, err
		}
		there = append(there, found...)
	}
	return there, nil
}

// CallRooms lists the calls whose rooms LiveKit has now. LiveKit gives all its rooms in one reply; of a hundred thousand that is 30 MB, of which
// only the names are kept. It fails beyond some 800,000 rooms, and where the reply ends too early.
func (c *Client) CallRooms(ctx context.Context) ([]call.ID, error) { return c.listRooms(ctx, nil) }

func (c *Client) listRooms(ctx context.Context, names []string) ([]call.ID, error) {
	s, ctx, cancel, err := c.request(ctx, grants{video: &auth.VideoGrant{RoomList: true}})
	if err != nil {
		return nil, fmt.Errorf("list rooms: %w", err)
	}
	defer cancel()
	rooms := s.rooms
	if names == nil {
		rooms = s.list
	}
	list, err := rooms.ListRooms(ctx, &lk.ListRoomsRequest{Names: names})
	if err != nil {
		return nil, fail("list rooms", err)
	}
	ids := make([]call.ID, 0, len(list.Rooms))
	for _, r := range list.Rooms {
		if id, ours := call.IDFromRoom(r.Name); ours {
			ids = append(ids, id)
		}
	}
	return ids, nil
}
