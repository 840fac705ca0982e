package chaos

import (
	"context"
	"database/sql"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	_ "github.com/lib/pq" // the driver "postgres"
	"github.com/livekit/protocol/livekit"
	"github.com/rs/zerolog"

	"github.com/click2call/click2call/lab/carrier"
	"github.com/click2call/click2call/lab/world"
)

// Limits are those of a trunk: what its carrier must never see more of. 0 is no limit.
type Limits struct {
	Lines     int // calls at once
	PerSecond int // INVITEs
}

// trunkOf is a carrier and the product's trunk that leads to it.
type trunkOf struct {
	name    string
	carrier *carrier.Carrier
	id      string // of the product's trunk; "" when the product has only that one
	limits  Limits
}

// firstCarrier stands before the world's carrier in the order of the trunks. It refuses calls above its lines, some numbers always, and
// now and then everything for a while, as a carrier on a bad day does.
type firstCarrier struct {
	*carrier.Carrier

	operator *world.Operator // who told the product of it
	began    time.Time
	well     atomic.Bool // from now on it takes every call
}

const (
	illEvery = time.Minute
	illFor   = 20 * time.Second
)

// badReplies are what it says to some numbers, as the numbers of scenarios; those that are "" it plays as the other carrier does.
var badReplies = []string{
	carrier.Number("503", 0, 0), carrier.Number("403", 0, 0), carrier.Number("500", 2*time.Second, 0), carrier.Number("408", 0, 0), "", "", "", "", "", "", "", "",
}

func (f *firstCarrier) plan(number string) carrier.Plan {
	h := fnv.New32a()
	_, _ = h.Write([]byte(number)) // never fails
	reply := badReplies[h.Sum32()%uint32(len(badReplies))]
	switch {
	case f.well.Load():
		return carrier.PlanFor(number)
	case time.Since(f.began)%illEvery > illEvery-illFor:
		return carrier.PlanFor(badReplies[0])
	case reply != "":
		return carrier.PlanFor(reply)
	default:
		return carrier.PlanFor(number)
	}
}

// openCarriers starts the first carrier, and has the product dial through it first. The world's carrier is the second one, or none of the
// product's where there is to be only one. Without trunks in the plan all is as the world has it.
func openCarriers(ctx context.Context, w *world.World, plan Plan) (all []trunkOf, first *firstCarrier, err error) {
	last := trunkOf{name: "carrier", carrier: w.Carrier}
	if plan.Trunks == 0 {
		return []trunkOf{last}, nil, nil
	}
	first = &firstCarrier{began: time.Now()}
	first.well.Store(plan.Trunks == 1)
	first.Carrier = carrier.New(carrier.Config{SIPAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0", Lines: plan.First.Lines, Plan: first.plan, Logger: zerolog.Nop()})
	if err := first.Start(context.WithoutCancel(ctx)); err != nil {
		return nil, nil, err
	}
	all, err = plan.setUp(ctx, w, first, last)
	if err != nil {
		_ = first.Close()
	}
	return all, first, err
}

// setUp tells the product of its carriers, as an operator does.
func (p Plan) setUp(ctx context.Context, w *world.World, first *firstCarrier, last trunkOf) ([]trunkOf, error) {
	o, err := w.LogIn(ctx)
	if err != nil {
		return nil, err
	}
	first.operator = o
	id, err := w.NewTrunk(ctx, &livekit.SIPOutboundTrunkInfo{
		Name: "first", Address: first.SIPAddr(), Numbers: []string{world.TrunkDID}, Transport: livekit.SIPTransport_SIP_TRANSPORT_UDP,
	})
	if err != nil {
		return nil, err
	}
	var was struct {
		Trunks []struct {
			ID      string `json:"trunk_id"`
			LiveKit string `json:"livekit_trunk_id"`
		} `json:"trunks"`
	}
	var made struct {
		ID string `json:"trunk_id"`
	}
	if err := o.Do(ctx, http.MethodGet, "/trunks", nil, &was); err != nil {
		return nil, err
	}
	if err := o.Do(ctx, http.MethodPost, "/trunks", trunkInput("first", id, true, true, p.First), &made); err != nil {
		return nil, err
	}
	all := []trunkOf{{"first carrier", first.Carrier, made.ID, p.First}}
	for _, t := range was.Trunks {
		if err := o.Do(ctx, http.MethodPut, "/trunks/"+t.ID, trunkInput("last", t.LiveKit, false, p.Trunks > 1, p.Last), nil); err != nil {
			return nil, err
		}
		if p.Trunks > 1 {
			last.id, last.limits, last.name = t.ID, p.Last, "second carrier"
			all = append(all, last)
		}
	}
	return all, p.settle(ctx, o)
}

func trunkInput(label, liveKit string, first, enabled bool, l Limits) map[string]any {
	return map[string]any{
		"label": label, "livekit_trunk_id": liveKit, "prefix": world.TrunkPrefix, "default_did": world.TrunkDID, "default": first, "enabled": enabled,
		"max_concurrent_calls": l.Lines, "max_calls_per_second": l.PerSecond,
	}
}

// settle switches the queue, one live call per agent, and a breaker that opens soon on.
func (p Plan) settle(ctx context.Context, o *world.Operator) error {
	var s map[string]any
	if err := o.Do(ctx, http.MethodGet, "/settings", nil, &s); err != nil {
		return err
	}
	delete(s, "livekit_webhook_url")
	if l, ok := s["livekit"].(map[string]any); ok {
		delete(l, "api_secret")
	}
	s["limits"] = map[string]any{
		"max_concurrent_calls": 0, "max_calls_per_second": 0, "queue_wait_seconds": int(p.QueueWait.Seconds()), "one_call_per_agent": true,
	}
	s["breaker"] = map[string]any{"dials": 6, "share_percent": 50, "minimum": 3}
	return o.Do(ctx, http.MethodPut, "/settings", s, nil)
}

// Attempt is a dial in the product's own book: which trunk, when it took its line, and when it gave it back.
type Attempt struct {
	CallID   string
	Trunk    string // its id in the product
	Claimed  time.Time
	Released time.Time // zero: not yet
}

// maxAttempts bounds the book of attempts: three for each of the most calls that a run makes.
const maxAttempts = 20_000

// readAttempts reads the book of attempts in the database: what nobody is shown, and every limit rests on.
func readAttempts(ctx context.Context, database string) ([]Attempt, error) {
	db, err := sql.Open("postgres", database)
	if err != nil {
		return nil, fmt.Errorf("read the attempts: %w", err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(ctx, `SELECT call_id, trunk_id, started_at, released_at FROM dial_attempts ORDER BY started_at LIMIT $1`, maxAttempts)
	if err != nil {
		return nil, fmt.Errorf("read the attempts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []Attempt
	for rows.Next() {
		var a Attempt
		var released sql.NullTime
		if err := rows.Scan(&a.CallID, &a.Trunk, &a.Claimed, &released); err != nil {
			return nil, fmt.Errorf("read the attempts: %w", err)
		}
		a.Released = released.Time
		all = append(all, a)
	}
	return slices.Clip(all), rows.Err()
}
