package world

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
)

const (
	trunkName      = "lab carrier"
	liveKitTimeout = 5 * time.Second
)

// ensureTrunk returns the trunk that leads to the carrier. A kept world has it already, and the product's settings
// name it by its id.
func (w *World) ensureTrunk(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, liveKitTimeout)
	defer cancel()
	client := lksdk.NewSIPClient(w.Servers.LiveKitURL(), w.Secrets.LiveKitKey, w.Secrets.LiveKitSecret)
	have, err := client.ListSIPOutboundTrunk(ctx, &livekit.ListSIPOutboundTrunkRequest{})
	if err != nil {
		return "", fmt.Errorf("list LiveKit's trunks: %w", err)
	}
	address := w.Carrier.SIPAddr()
	for _, t := range have.GetItems() {
		if t.GetName() == trunkName && t.GetAddress() == address {
			return t.GetSipTrunkId(), nil
		}
	}
	return w.NewTrunk(ctx, &livekit.SIPOutboundTrunkInfo{
		Name: trunkName, Address: address, Numbers: []string{TrunkDID}, Transport: livekit.SIPTransport_SIP_TRANSPORT_UDP,
	})
}

// NewTrunk makes a trunk at LiveKit and returns its id.
func (w *World) NewTrunk(ctx context.Context, trunk *livekit.SIPOutboundTrunkInfo) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, liveKitTimeout)
	defer cancel()
	client := lksdk.NewSIPClient(w.Servers.LiveKitURL(), w.Secrets.LiveKitKey, w.Secrets.LiveKitSecret)
	made, err := client.CreateSIPOutboundTrunk(ctx, &livekit.CreateSIPOutboundTrunkRequest{Trunk: trunk})
	if err != nil {
		return "", fmt.Errorf("create the trunk %q: %w", trunk.GetName(), err)
	}
	return made.GetSipTrunkId(), nil
}

// LoseTrunk makes LiveKit forget the trunk to the carrier.
func (w *World) LoseTrunk(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, liveKitTimeout)
	defer cancel()
	client := lksdk.NewSIPClient(w.Servers.LiveKitURL(), w.Secrets.LiveKitKey, w.Secrets.LiveKitSecret)
	if _, err := client.DeleteSIPTrunk(ctx, &livekit.DeleteSIPTrunkRequest{SipTrunkId: w.TrunkID}); err != nil {
		return fmt.Errorf("delete the trunk to the carrier: %w", err)
	}
	return nil
}

// RestoreTrunk gives LiveKit a trunk to the carrier again, and returns its id: another one than before.
func (w *World) RestoreTrunk(ctx context.Context) (id string, err error) {
	w.TrunkID, err = w.ensureTrunk(ctx)
	return w.TrunkID, err
}

// Rooms are the names of the rooms that LiveKit has now, sorted.
func (w *World) Rooms(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, liveKitTimeout)
	defer cancel()
	client := lksdk.NewRoomServiceClient(w.Servers.LiveKitURL(), w.Secrets.LiveKitKey, w.Secrets.LiveKitSecret)
	list, err := client.ListRooms(ctx, &livekit.ListRoomsRequest{})
	if err != nil {
		return nil, fmt.Errorf("list LiveKit's rooms: %w", err)
	}
	names := make([]string, 0, len(list.GetRooms()))
	for _, r := range list.GetRooms() {
		names = append(names, r.GetName())
	}
	slices.Sort(names)
	return names, nil
}
