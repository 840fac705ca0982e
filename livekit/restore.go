package livekit

import (
	"context"
	"fmt"

	"github.com/livekit/protocol/auth"
	lk "github.com/livekit/protocol/livekit"

	"github.com/click2call/click2call/call"
)

// RestoreLeg makes the leg of an answered call whole after LiveKit has restarted its session. LiveKit's SIP service 1.8.0 then joins with the
// attributes of the first moment, so that the leg of people who talk says "dialing", and asks for no sound: it does that when
// a microphone is published, and that was before. heard is false for a call on hold, whose customer is to hear nobody.
// [ErrNotConnected] when the leg is not there. Idempotent.
func (c *Client) RestoreLeg(ctx context.Context, id call.ID, heard bool) error {
	op := fmt.Sprintf("restore the leg of %s", id)
	s, ctx, cancel, err := c.request(ctx, grants{video: &auth.VideoGrant{RoomAdmin: true, Room: id.Room()}})
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	defer cancel()
	list, err := s.participants(ctx, id)
	if err != nil {
		return fail(op, err)
	}
	leg := call.LegGone
	for _, p := range list {
		if p.Identity == id.CustomerIdentity() {
			leg = legOf(p)
		}
	}
	if leg.Absent() {
		return fmt.Errorf("%s: %w", op, ErrNotConnected)
	}
	if !leg.Answered() {
		_, err := s.rooms.UpdateParticipant(ctx, &lk.UpdateParticipantRequest{Room: id.Room(), Identity: id.CustomerIdentity(),
			Attributes: map[string]string{lk.AttrSIPCallStatus: string(call.LegActive)}})
		if err != nil {
			return fail(op, err)
		}
	}
	mics := hearersOf(id, list).mics
	if !heard || len(mics) == 0 {
		return nil
	}
	_, err = s.rooms.UpdateSubscriptions(ctx, &lk.UpdateSubscriptionsRequest{
		Room: id.Room(), Identity: id.CustomerIdentity(), TrackSids: mics, Subscribe: true})
	if err != nil {
		return fail(op, err)
	}
	return nil
}
