package chaos

import (
	"context"
	"fmt"
	"slices"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"

	"github.com/click2call/click2call/lab/servers"
)

// Target is a part that can be broken, or a link from one part to another.
type Target string

// The parts, and the links.
const (
	API      Target = "api"
	Worker   Target = "worker"
	Temporal Target = "temporal"
	Postgres Target = "postgres"
	Redis    Target = "redis"
	LiveKit  Target = "livekit"
	SIP      Target = "sip"
	CRM      Target = "crm"
	LiveKitB Target = "livekit-b" // of a pair
	SIPB     Target = "sip-b"

	APIToTemporal    Target = "api-temporal"
	APIToPostgres    Target = "api-postgres"
	APIToLiveKit     Target = "api-livekit" // and the browsers' way there
	WorkerToTemporal Target = "worker-temporal"
	WorkerToPostgres Target = "worker-postgres"
	WorkerToLiveKit  Target = "worker-livekit"
	WorkerToCRM      Target = "worker-crm"
	LiveKitToRedis   Target = "livekit-redis"
	SIPToRedis       Target = "sip-redis"
	SIPToLiveKit     Target = "sip-livekit"
	CRMToAPI         Target = "crm-api" // and the browsers' way there
	LiveKitBToRedis  Target = "livekit-b-redis"
	SIPBToRedis      Target = "sip-b-redis"
	SIPBToLiveKit    Target = "sip-b-livekit"
)

// breakable is a target and what can be done to it.
type breakable struct {
	name    Target
	actions []Action
}

// targets are those of a world with one LiveKit server and SIP service, or with two.
func targets(pair bool) []breakable {
	if pair {
		return slices.Concat(ofOne, ofPair)
	}
	return ofOne
}

var ofPair = []breakable{
	{LiveKitB, []Action{Kill, Pause, Restart}},
	{SIPB, []Action{Kill, Pause, Restart}},
	{LiveKitBToRedis, []Action{Cut}},
	{SIPBToRedis, []Action{Cut}},
	{SIPBToLiveKit, []Action{Cut}},
}

var ofOne = []breakable{
	{API, []Action{Kill, Pause, Restart}},
	{Worker, []Action{Kill, Pause, Restart}},
	{Temporal, []Action{Kill, Pause, Restart, Replace}},
	{Postgres, []Action{Kill, Pause, Restart, ReadOnly}},
	{Redis, []Action{Kill, Pause, Restart}},
	{LiveKit, []Action{Kill, Pause, Restart}},
	{SIP, []Action{Kill, Pause, Restart}},
	{CRM, []Action{Kill, Pause, Restart}},
	{APIToTemporal, []Action{Cut}},
	{APIToPostgres, []Action{Cut}},
	{APIToLiveKit, []Action{Cut}},
	{WorkerToTemporal, []Action{Cut}},
	{WorkerToPostgres, []Action{Cut}},
	{WorkerToLiveKit, []Action{Cut}},
	{WorkerToCRM, []Action{Cut}},
	{LiveKitToRedis, []Action{Cut}},
	{SIPToRedis, []Action{Cut}},
	{SIPToLiveKit, []Action{Cut}},
	{CRMToAPI, []Action{Cut}},
}

// part is a living thing behind a target: a *servers.Process, or the CRM, which is in this process and behaves as one.
type part interface {
	Start(ctx context.Context) error
	Stop()
	Kill()
	Pause() error
	Resume() error
}

// breakables are the living things behind the targets.
type breakables struct {
	product map[Target]*servers.Process // among the parts, too
	parts   map[Target]part
	links   map[Target]*toxiproxy.Proxy
	servers *servers.Servers
}

// do breaks the targets of a fault, waits, and mends them.
func (b breakables) do(ctx context.Context, f Fault) error {
	for _, s := range f.Strikes {
		if err := b.strike(ctx, s); err != nil {
			return fmt.Errorf("%s %s: %w", s.Action, s.Target, err)
		}
	}
	wait := time.NewTimer(f.For)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	}
	for _, s := range inOrderOfNeed(f.Strikes) {
		if err := b.mend(ctx, s); err != nil {
			return fmt.Errorf("after %s %s: %w", s.Action, s.Target, err)
		}
	}
	return nil
}

func (b breakables) strike(ctx context.Context, s Strike) error {
	switch s.Action {
	case Kill:
		b.parts[s.Target].Kill()
	case Restart:
		b.parts[s.Target].Stop()
	case Pause:
		return b.parts[s.Target].Pause()
	case Cut:
		b.links[s.Target].Stop()
	case ReadOnly:
		return b.servers.SetReadOnly(ctx, true)
	case Replace:
		return b.servers.ReplaceTemporal(ctx)
	}
	return nil
}

// inOrderOfNeed puts what others need to come up before those.
func inOrderOfNeed(strikes []Strike) []Strike {
	rank := func(s Strike) int {
		switch {
		case s.Action == Pause, s.Action == Cut, s.Action == ReadOnly:
			return 0
		case s.Target == LiveKit, s.Target == SIP, s.Target == LiveKitB, s.Target == SIPB: // they end when they start without Redis
			return 2
		case s.Action == Replace: // starts the product, which is ready with its LiveKit only
			return 3
		case s.Target == API, s.Target == Worker:
			return 4
		default:
			return 1
		}
	}
	return slices.SortedFunc(slices.Values(strikes), func(a, b Strike) int { return rank(a) - rank(b) })
}

func (b breakables) mend(ctx context.Context, s Strike) error {
	switch s.Action {
	case Pause:
		return b.parts[s.Target].Resume()
	case Cut:
		return b.links[s.Target].Start()
	case ReadOnly:
		return b.servers.SetReadOnly(ctx, false)
	case Replace:
		if err := b.servers.RestoreTemporal(ctx); err != nil {
			return err
		}
		return b.revive(ctx)
	default:
		return b.parts[s.Target].Start(ctx)
	}
}

// endsWithin is when a process that has seen another Temporal twice is gone.
const endsWithin = 10 * time.Second

// revive starts the product's processes that refuse to work with another Temporal than their own, as whatever supervises them does. A
// process that another strike of this fault keeps down is started here, too: its Temporal is back.
func (b breakables) revive(ctx context.Context) error {
	for end := time.Now().Add(endsWithin); time.Now().Before(end); {
		for _, p := range b.product {
			if p.PID() != 0 {
				continue
			}
			if err := p.Start(ctx); err != nil {
				return err
			}
		}
		if !sleep(ctx, lookEvery) {
			return nil
		}
	}
	return nil
}
