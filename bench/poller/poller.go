// Package poller is the other way to write a call in Temporal: a workflow that wakes up by a timer every second to look
// whether the customer is still there. The benchmark runs it beside the product to measure what that costs.
//
// Never here: anything that the product uses.
package poller

import (
	"context"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

const (
	// TaskQueue is where the poller's worker takes its work.
	TaskQueue = "bench-poller"

	lookEvery   = time.Second
	activityFor = 10 * time.Second
	// maxLooks keeps the history below Temporal's limit of 51,200 events: eleven a look.
	maxLooks = 4000
)

// Input says whom to call, into a room that exists.
type Input struct{ Room, Trunk, Number, DID string }

// Activities are the poller's requests to LiveKit.
type Activities struct {
	Rooms *lksdk.RoomServiceClient
	SIP   *lksdk.SIPClient
}

// Register adds the workflow and its activities to a worker of TaskQueue.
func Register(r worker.Registry, a *Activities) {
	r.RegisterWorkflow(Call)
	r.RegisterActivity(a)
}

// Call dials the customer and looks once a second until he has been there and is gone; then it deletes the room. It returns how
// often it looked.
func Call(ctx workflow.Context, in Input) (looks int, err error) {
	var a *Activities
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: activityFor, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1},
	})
	if err := workflow.ExecuteActivity(ctx, a.Dial, in).Get(ctx, nil); err != nil {
		return 0, err
	}
	for seen := false; looks < maxLooks; looks++ {
		if err := workflow.Sleep(ctx, lookEvery); err != nil {
			return looks, err
		}
		var there bool
		if err := workflow.ExecuteActivity(ctx, a.Look, in).Get(ctx, &there); err != nil {
			continue // LiveKit may answer the next time
		}
		if seen && !there {
			break
		}
		seen = seen || there
	}
	return looks, workflow.ExecuteActivity(ctx, a.Close, in).Get(ctx, nil)
}

// Dial has LiveKit call the customer and does not wait for the answer.
func (a *Activities) Dial(ctx context.Context, in Input) error {
	_, err := a.SIP.CreateSIPParticipant(ctx, &livekit.CreateSIPParticipantRequest{
		SipTrunkId: in.Trunk, SipCallTo: in.Number, SipNumber: in.DID, RoomName: in.Room, ParticipantIdentity: "sip-customer",
	})
	return err
}

// Look reports whether the customer is in the room.
func (a *Activities) Look(ctx context.Context, in Input) (bool, error) {
	list, err := a.Rooms.ListParticipants(ctx, &livekit.ListParticipantsRequest{Room: in.Room})
	if err != nil {
		return false, err
	}
	for _, p := range list.GetParticipants() {
		if p.GetIdentity() == "sip-customer" {
			return true, nil
		}
	}
	return false, nil
}

// Close deletes the room.
func (a *Activities) Close(ctx context.Context, in Input) error {
	_, err := a.Rooms.DeleteRoom(ctx, &livekit.DeleteRoomRequest{Room: in.Room})
	return err
}
