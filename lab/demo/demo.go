package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/click2call/click2call/lab/agent"
	"github.com/click2call/click2call/lab/carrier"
	"github.com/click2call/click2call/lab/crm"
	"github.com/click2call/click2call/lab/world"
)

const (
	ringFor = 2 * time.Second
	talkFor = 4 * time.Second

	// CarrierHz is the tone that the carrier sends.
	CarrierHz = 440

	callWithin   = 90 * time.Second // the whole call, webhook included
	settleWithin = 10 * time.Second // room and line, after the webhook
	lookEvery    = 50 * time.Millisecond
)

// Record is what GET /calls/{id} says of a call.
type Record struct {
	CallID           string     `json:"call_id"`
	Status           string     `json:"status"`
	CallStatus       *string    `json:"call_status"`
	DisconnectReason *string    `json:"disconnect_reason"`
	SIPCode          *int       `json:"sip_disconnect_code"`
	DurationSeconds  int        `json:"duration_seconds"`
	CreatedAt        time.Time  `json:"created_at"`
	ConnectedAt      *time.Time `json:"connected_at"`
	AnsweredAt       *time.Time `json:"answered_at"`
	EndedAt          *time.Time `json:"ended_at"`
}

// Result is the call as every end saw it.
type Result struct {
	Placed   agent.Response
	Record   Record        // the product
	Webhooks []crm.Request // the CRM, oldest first
	Line     carrier.Call  // the carrier
	Invites  int           // for the number, all calls
	LineUsed bool          // a line to the number is still in use
	RoomLeft bool          // LiveKit still has the room
	Heard    agent.Heard   // the agent, while the customer talked
}

// Run makes the call: the agent joins, the customer rings for two seconds, both sides hear a tone for four, and the
// customer hangs up. The error says why there is no result; whether the result is right is for Check to say.
func Run(ctx context.Context, w *world.World) (Result, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, callWithin, fmt.Errorf("the call took longer than %s", callWithin))
	defer cancel()
	number := carrier.Number("200", ringFor, talkFor)
	a := agent.New(w.ProductURL())
	defer a.Leave()
	var r Result
	var err error
	r.Placed, err = a.Place(ctx, w.Secrets.InboundKey, map[string]string{
		"case_id": "demo-case", "customer_number": number, "agent_id": "demo-agent", "customer_crm_id": "demo-customer",
	})
	if err != nil {
		return r, fmt.Errorf("place the call: %w", err)
	}
	if err := a.Join(ctx, r.Placed); err != nil {
		return r, fmt.Errorf("join and connect: %w", err)
	}
	if _, err := a.Await(ctx, "customer_active"); err != nil {
		return r, fmt.Errorf("wait for the answer: %w", err)
	}
	r.Heard = listen(ctx, a)
	if _, err := w.CRM.WaitFor(ctx, r.Placed.CallID); err != nil {
		return r, fmt.Errorf("wait for the webhook: %w", err)
	}
	return r, look(ctx, w, a, &r, world.TrunkPrefix+number)
}

// listen returns what the agent hears as soon as that is the carrier's tone and no longer LiveKit's ringing tone, or
// when the customer should have stopped talking.
func listen(ctx context.Context, a *agent.Agent) agent.Heard {
	ctx, cancel := context.WithTimeout(ctx, talkFor)
	defer cancel()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		h := a.Heard()
		if near(h.Hz, CarrierHz) && h.Packets > 0 {
			return h
		}
		select {
		case <-ctx.Done():
			return h
		case <-ticker.C:
		}
	}
}

// look asks every end how the call went. Room and line are given a moment: they are released beside the webhook.
func look(ctx context.Context, w *world.World, a *agent.Agent, r *Result, dialed string) error {
	if err := a.Record(ctx, &r.Record); err != nil {
		return fmt.Errorf("read the call's record: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		rooms, err := w.Rooms(ctx)
		if err != nil {
			return err
		}
		r.RoomLeft = slices.Contains(rooms, r.Placed.Room)
		r.LineUsed = slices.ContainsFunc(w.Carrier.Lines(), func(c carrier.Call) bool { return c.Number == dialed })
		if !r.RoomLeft && !r.LineUsed {
			break
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
			continue
		}
		break
	}
	book := w.Carrier.Number(dialed)
	r.Invites = book.Invites
	if len(book.List) > 0 {
		r.Line = book.List[len(book.List)-1]
	}
	r.Webhooks = w.CRM.ForCall(r.Placed.CallID)
	return nil
}

// TemporalURL is the call's page in Temporal Web.
func TemporalURL(w *world.World, callID string) string {
	return strings.Join([]string{w.Servers.TemporalUI(), "namespaces", "default", "workflows", callID}, "/")
}
