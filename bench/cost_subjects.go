package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/click2call/click2call/bench/poller"
	"github.com/click2call/click2call/lab/agent"
	"github.com/click2call/click2call/lab/carrier"
	"github.com/click2call/click2call/lab/history"
)

// costProduct is the product on PostgreSQL in one of its two modes.
func (b *bench) costProduct(mode string) func(context.Context) (*costed, error) {
	return func(ctx context.Context) (*costed, error) {
		count, err := newCounter(ctx, b.w.Servers.LiveKitURL())
		if err != nil {
			return nil, err
		}
		i, err := b.install(ctx, wish{name: "cost" + mode, postgres: true, liveKit: count.url(), env: []string{"ANSWER_DETECTION=" + mode}})
		if err != nil {
			count.close()
			return nil, err
		}
		if mode == "webhook" {
			b.events.Forward(i.base + eventsPath)
		}
		return &costed{
			name: "click2call, " + mode, database: i.database, counter: count, close: i.close,
			call: func(ctx context.Context, talk time.Duration) (history.Bill, error) {
				id, err := b.wholeCall(ctx, i, talk)
				if err != nil {
					return history.Bill{}, err
				}
				return billOf(ctx, i.temporal, id)
			},
		}, nil
	}
}

// billOf waits until the workflows are over, and adds up their histories.
func billOf(ctx context.Context, c client.Client, workflowIDs ...string) (history.Bill, error) {
	ctx, cancel := context.WithTimeout(ctx, phoneWithin)
	defer cancel()
	var bill history.Bill
	for _, id := range workflowIDs {
		if err := c.GetWorkflow(ctx, id, "").Get(ctx, nil); err != nil {
			return bill, fmt.Errorf("wait for workflow %s: %w", id, err)
		}
		events, err := history.Read(ctx, c, id)
		if err != nil {
			return bill, err
		}
		bill.Add(history.Count(events))
	}
	return bill, nil
}

func (b *bench) costBaseline(ctx context.Context) (*costed, error) {
	count, err := newCounter(ctx, b.w.Servers.LiveKitURL())
	if err != nil {
		return nil, err
	}
	i, err := b.installBaseline(ctx, "costbaseline", count.url())
	if err != nil {
		count.close()
		return nil, err
	}
	return &costed{name: baselineName, counter: count, close: i.close, call: func(ctx context.Context, talk time.Duration) (history.Bill, error) {
		_, err := b.wholeCall(ctx, i, talk)
		return history.Bill{}, err
	}}, nil
}

// costPoller is the workflow that polls by timer, with a worker in this process.
func (b *bench) costPoller(ctx context.Context) (*costed, error) {
	count, err := newCounter(ctx, b.w.Servers.LiveKitURL())
	if err != nil {
		return nil, err
	}
	key, secret := b.w.Secrets.LiveKitKey, b.w.Secrets.LiveKitSecret
	rooms := lksdk.NewRoomServiceClient(count.url(), key, secret)
	w, err := b.startWorker(ctx, "bench-poller", poller.TaskQueue, func(r worker.Registry, _ client.Client) {
		poller.Register(r, &poller.Activities{Rooms: rooms, SIP: lksdk.NewSIPClient(count.url(), key, secret)})
	})
	if err != nil {
		count.close()
		return nil, err
	}
	return &costed{
		name: "a workflow that polls by timer", counter: count, close: w.close,
		call: func(ctx context.Context, talk time.Duration) (history.Bill, error) {
			return b.polledCall(ctx, w.client, rooms, talk)
		},
	}, nil
}

// polledCall is one call of the poller's, with an agent in its room as in the others.
func (b *bench) polledCall(ctx context.Context, c client.Client, rooms *lksdk.RoomServiceClient, talk time.Duration) (history.Bill, error) {
	ctx, cancel := context.WithTimeout(ctx, talk+phoneWithin)
	defer cancel()
	room, number, did := "poller-"+rand.Text(), carrier.Number("200", costRings, 0), newDID()
	if _, err := rooms.CreateRoom(ctx, &livekit.CreateRoomRequest{Name: room, EmptyTimeout: 180}); err != nil {
		return history.Bill{}, fmt.Errorf("open the poller's room: %w", err)
	}
	token, err := rooms.CreateToken().SetIdentity("agent").SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: room}).ToJWT()
	if err != nil {
		return history.Bill{}, fmt.Errorf("make the poller's token: %w", err)
	}
	a := agent.New("")
	a.ReportAnswer, a.HangUpOnDrop = false, false
	defer a.Leave()
	ws := strings.Replace(b.w.Servers.LiveKitURL(), "http", "ws", 1)
	if err := a.Enter(ctx, agent.Response{Room: room, WSURL: ws, Token: token}); err != nil {
		return history.Bill{}, err
	}
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: room, TaskQueue: poller.TaskQueue}, poller.Call,
		poller.Input{Room: room, Trunk: b.w.TrunkID, Number: trunkPrefix + number, DID: did})
	if err != nil {
		return history.Bill{}, fmt.Errorf("start the poller: %w", err)
	}
	if err := b.talkOnPhone(ctx, number, did, talk); err != nil {
		return history.Bill{}, err
	}
	return billOf(ctx, c, run.GetID())
}
