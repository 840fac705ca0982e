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
)

// targets and what can be done to each.
var targets = []struct {
	name    Target
	actions []Action
}{
	{API, []Action{Kill, Pause, Restart}},
	{Worker, []Action{Kill, Pause, Restart}},
	{Temporal, []Action{Kill, Pause, Restart}},
	{Postgres, []Action{Kill, Pause, Restart}},
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
}

// do breaks the targets of a fault, waits, and mends them.
func (b breakables) do(ctx context.Context, f Fault) error {
	for _, s := range f.Strikes {
		if err := b.strike(s); err != nil {
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

func (b breakables) strike(s Strike) error {
	switch s.Action {
	case Kill:
		b.parts[s.Target].Kill()
	case Restart:
		b.parts[s.Target].Stop()
	case Pause:
		return b.parts[s.Target].Pause()
	case Cut:
		b.links[s.Target].Stop()
	}
	return nil
}

// inOrderOfNeed puts what others need to come up before those.
func inOrderOfNeed(strikes []Strike) []Strike {
	rank := func(s Strike) int {
		switch {
		case s.Action == Pause, s.Action == Cut:
			return 0
		case s.Target == LiveKit, s.Target == SIP: // they end when they start without Redis
			return 2
		case s.Target == API, s.Target == Worker:
			return 3
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
	default:
		return b.parts[s.Target].Start(ctx)
	}
}
