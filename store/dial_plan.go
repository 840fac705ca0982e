package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/click2call/click2call/call"
)

// DialPlan is through which trunks a call is tried, in their order, and as whom each shows us.
type DialPlan struct {
	Call   call.Call
	Route  string // its name; empty: none matched, or there is none
	Trunks []PlannedTrunk
	All    call.Limits   // of the whole installation
	Wait   time.Duration // how long the call may wait for a line

	Breaker call.BreakerRule
}

// PlannedTrunk is a trunk of a plan.
type PlannedTrunk struct {
	call.Trunk
	DID string
}

// DialPlan plans the dial of an accepted call as routes and trunks stand now, three trunks at the most. The trunk that the call was placed
// with keeps the prefix of that moment, and is the plan when no trunk is enabled any more. ErrNotFound when there is no such call.
func (s *Store) DialPlan(ctx context.Context, id call.ID, at time.Time) (DialPlan, error) {
	c, pinned, err := s.CallWithTrunk(ctx, id)
	if err != nil {
		return DialPlan{}, err
	}
	planned, err := s.planRoute(ctx, call.RouteQuestion{CallID: id, Number: c.CustomerNumber, Purpose: c.Purpose, AgentID: c.AgentID, At: at})
	if err != nil {
		return DialPlan{}, fmt.Errorf("plan the dial of %s: %w", id, err)
	}
	if len(planned.Trunks) == 0 || c.TrunkFixed {
		planned.Trunks = []call.Trunk{pinned}
	}
	plan := DialPlan{Call: c, Route: planned.Name}
	for _, t := range planned.Trunks {
		p := PlannedTrunk{Trunk: t, DID: c.DID}
		switch {
		case t.ID == pinned.ID:
			p.Prefix = pinned.Prefix
		case c.DID == pinned.DefaultDID: // neither the CRM nor a route chose it
			p.DID = t.DefaultDID
		}
		plan.Trunks = append(plan.Trunks, p)
	}
	settings, err := s.Settings(ctx)
	if err != nil && !errors.Is(err, ErrNotFound) { // nobody has set any yet
		return DialPlan{}, fmt.Errorf("plan the dial of %s: %w", id, err)
	}
	plan.All, plan.Wait = settings.Limits, settings.Admission.QueueWait
	plan.Breaker = settings.Breaker
	return plan, nil
}

// PlanRoute says how a call would leave now, for the dial preview. It counts no turn.
func (s *Store) PlanRoute(ctx context.Context, q call.RouteQuestion) (call.RoutePlan, error) {
	plan, err := s.planRoute(ctx, q)
	if err != nil {
		return call.RoutePlan{}, fmt.Errorf("plan a route: %w", err)
	}
	return plan, nil
}

// PlaceRoute says through which trunk a call is placed and which caller ID it shows when the CRM chooses none. ErrNotFound when no
// trunk is enabled. A round robin of caller IDs goes on by one.
func (s *Store) PlaceRoute(ctx context.Context, q call.RouteQuestion) (trunk call.Trunk, did string, err error) {
	plan, err := s.planRoute(ctx, q)
	if err == nil && len(plan.Trunks) == 0 {
		err = ErrNotFound
	}
	if err == nil && plan.RoundRobin {
		if q.Turn, err = s.NextTurn(ctx, plan.RouteID); err == nil {
			plan, err = s.planRoute(ctx, q)
		}
	}
	if err != nil {
		return call.Trunk{}, "", fmt.Errorf("pick a trunk: %w", err)
	}
	if plan.DID == "" {
		plan.DID = plan.Trunks[0].DefaultDID
	}
	return plan.Trunks[0], plan.DID, nil
}

func (s *Store) planRoute(ctx context.Context, q call.RouteQuestion) (call.RoutePlan, error) {
	routes, err := s.Routes(ctx)
	if err != nil {
		return call.RoutePlan{}, err
	}
	trunks, err := s.Trunks(ctx)
	if err != nil {
		return call.RoutePlan{}, err
	}
	faults, err := s.DialFaults(ctx)
	if err != nil {
		return call.RoutePlan{}, err
	}
	ailing := map[string]bool{}
	for _, f := range faults {
		ailing[f.TrunkID] = ailing[f.TrunkID] || f.Holds(q.At)
	}
	open, err := s.OpenBreakers(ctx)
	if err != nil {
		return call.RoutePlan{}, err
	}
	for _, b := range open {
		ailing[b.TrunkID] = ailing[b.TrunkID] || b.Holds(q.At) && !q.CallID.Probes()
	}
	return call.PlanRoute(routes, trunks, ailing, q), nil
}
