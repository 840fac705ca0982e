package call_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

func trunksABC() []call.Trunk {
	return []call.Trunk{
		{ID: "a", Enabled: true}, {ID: "b", Enabled: true, Default: true}, {ID: "off"}, {ID: "c", Enabled: true}, {ID: "d", Enabled: true},
	}
}

func route(id string, m call.RouteMatch, trunks ...call.RouteTrunk) call.Route {
	return call.Route{ID: id, Name: id, Enabled: true, Match: m, Trunks: trunks}
}

func through(id string, priority, weight int) call.RouteTrunk {
	return call.RouteTrunk{TrunkID: id, Priority: priority, Weight: weight}
}

func ids(p call.RoutePlan) (ids []string) {
	for _, t := range p.Trunks {
		ids = append(ids, t.ID)
	}
	return ids
}

func asked(number string) call.RouteQuestion {
	return call.RouteQuestion{CallID: call.NewID(), Number: number, Purpose: call.PurposeService, AgentID: "sales-7", At: wallClock("Asia/Kolkata", "2026-11-30 23:30:00")}
}

func TestPlanWithoutRoutes(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"b", "a", "c"}, ids(call.PlanRoute(nil, trunksABC(), nil, asked("9530251797"))), "the default, then the others in their order, three at the most")
	require.Equal(t, []string{"a", "c", "d"}, ids(call.PlanRoute(nil, trunksABC(), map[string]bool{"b": true}, asked("9530251797"))), "an ailing trunk comes last")
	require.Equal(t, []string{"b"}, ids(call.PlanRoute(nil, []call.Trunk{{ID: "b", Enabled: true}}, map[string]bool{"b": true}, asked("9530251797"))), "and is tried when there is no other")
	require.Empty(t, ids(call.PlanRoute(nil, []call.Trunk{{ID: "b"}}, nil, asked("9530251797"))))
}

func TestRouteMatches(t *testing.T) {
	t.Parallel()
	monday := []time.Weekday{time.Monday}
	for name, c := range map[string]struct {
		match   call.RouteMatch
		matches bool
	}{
		"everything":                        {call.RouteMatch{}, true},
		"the beginning of the number":       {call.RouteMatch{Number: "953*"}, true},
		"another beginning":                 {call.RouteMatch{Number: "98*"}, false},
		"any digits":                        {call.RouteMatch{Number: "9xxx2517xx"}, true},
		"a pattern that is too short":       {call.RouteMatch{Number: "9xxx"}, false},
		"the purpose":                       {call.RouteMatch{Purposes: []call.Purpose{call.PurposePromotional, call.PurposeService}}, true},
		"another purpose":                   {call.RouteMatch{Purposes: []call.Purpose{call.PurposePromotional}}, false},
		"the group of agents":               {call.RouteMatch{AgentPrefix: "sales-"}, true},
		"another group":                     {call.RouteMatch{AgentPrefix: "care-"}, false},
		"the day":                           {call.RouteMatch{Days: monday, Zone: "Asia/Kolkata"}, true},
		"the day elsewhere":                 {call.RouteMatch{Days: []time.Weekday{time.Tuesday}, Zone: "Pacific/Auckland"}, true},
		"the hours":                         {call.RouteMatch{From: 23 * 60, To: 24 * 60, Zone: "Asia/Kolkata"}, true},
		"hours that are over":               {call.RouteMatch{From: 9 * 60, To: 23 * 60, Zone: "Asia/Kolkata"}, false},
		"hours over midnight":               {call.RouteMatch{From: 22 * 60, To: 6 * 60, Days: monday, Zone: "Asia/Kolkata"}, true},
		"hours over the midnight before":    {call.RouteMatch{From: 23*60 + 45, To: 23*60 + 40, Days: []time.Weekday{time.Sunday}, Zone: "Asia/Kolkata"}, true},
		"hours over the midnight to come":   {call.RouteMatch{From: 23*60 + 45, To: 23*60 + 40, Days: monday, Zone: "Asia/Kolkata"}, false},
		"all of it, and one thing is wrong": {call.RouteMatch{Number: "95*", AgentPrefix: "sales-", Days: []time.Weekday{time.Friday}, Zone: "Asia/Kolkata"}, false},
	} {
		plan := call.PlanRoute([]call.Route{route("r", c.match, through("c", 0, 1))}, trunksABC(), nil, asked("9530251797"))
		require.Equal(t, c.matches, plan.RouteID == "r", name)
		if c.matches {
			require.Equal(t, []string{"c"}, ids(plan), name)
		} else {
			require.Equal(t, "b", plan.Trunks[0].ID, "%s: no route means the default trunk", name)
		}
	}
}

func TestRouteWhoseTrunksAreAllDisabledIsPassedOver(t *testing.T) {
	t.Parallel()
	plan := call.PlanRoute([]call.Route{route("dead", call.RouteMatch{}, through("off", 0, 1)), route("next", call.RouteMatch{}, through("d", 0, 1))},
		trunksABC(), nil, asked("9530251797"))
	require.Equal(t, "next", plan.RouteID)
}

func TestWeightsAreShares(t *testing.T) {
	t.Parallel()
	routes := []call.Route{route("r", call.RouteMatch{}, through("d", 5, 1), through("a", 1, 3), through("b", 1, 1))}
	first := map[string]int{}
	for range 4000 {
		q := asked("9530251797")
		plan := call.PlanRoute(routes, trunksABC(), nil, q)
		require.Equal(t, plan, call.PlanRoute(routes, trunksABC(), nil, q), "the same call has the same plan")
		require.Len(t, plan.Trunks, 3)
		require.Equal(t, "d", plan.Trunks[2].ID, "a higher priority number comes later")
		first[plan.Trunks[0].ID]++
	}
	require.InDelta(t, 3000, first["a"], 200)
	require.InDelta(t, 1000, first["b"], 200)
}

func TestCallerIDs(t *testing.T) {
	t.Parallel()
	dids := []call.RouteDID{{Number: "+911600000001", Series: call.Series1600}, {Number: "+911400000001", Series: call.Series140}, {Number: "+912233445566", Series: call.SeriesStandard}}
	choose := func(c call.CallerID, change func(*call.RouteQuestion)) string {
		c.DIDs = dids
		r := route("r", call.RouteMatch{}, through("a", 0, 1))
		r.CallerID = c
		require.NoError(t, r.Validate(map[string]bool{"a": true}))
		q := asked("9530251797")
		change(&q)
		return call.PlanRoute([]call.Route{r}, trunksABC(), nil, q).DID
	}
	require.Equal(t, "+911600000001", choose(call.CallerID{Mode: call.CallerIDFixed}, func(*call.RouteQuestion) {}))
	require.Equal(t, "+911400000001", choose(call.CallerID{Mode: call.CallerIDFixed}, func(q *call.RouteQuestion) { q.Purpose = call.PurposePromotional }), "1600 may not promote")
	for turn, want := range []string{"+911600000001", "+912233445566", "+911600000001"} {
		require.Equal(t, want, choose(call.CallerID{Mode: call.CallerIDRoundRobin}, func(q *call.RouteQuestion) { q.Turn = uint64(turn) }), "140 may only promote")
	}
	sticky := call.CallerID{Mode: call.CallerIDSticky, Days: 7}
	changes, last := 0, ""
	for day := range 70 {
		got := choose(sticky, func(q *call.RouteQuestion) { q.At = q.At.AddDate(0, 0, day) })
		if got != last {
			changes++
		}
		last = got
	}
	require.LessOrEqual(t, changes, 11, "the customer sees a number for seven days")
	require.Greater(t, changes, 3)
}

// A route that is told to be unreachable never is a call's route.
func TestShadowedRoutesAreNeverTaken(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	pick := func(options ...string) string { return options[random.IntN(len(options))] }
	hidden := 0
	for range 3000 {
		match := func() call.RouteMatch {
			m := call.RouteMatch{Number: pick("", "9*", "95*", "953*", "9530251797", "9xxxxxxxxx"), AgentPrefix: pick("", "s", "sales-"), Zone: "Asia/Kolkata"}
			if random.IntN(3) == 0 {
				m.Purposes = []call.Purpose{call.Purpose(pick("service", "promotional"))}
			}
			if random.IntN(3) == 0 {
				m.From, m.To = 20*60, 24*60
			}
			return m
		}
		routes := []call.Route{route("1", match(), through("a", 0, 1)), route("2", match(), through("c", 0, 1))}
		if call.Shadowed(routes)["2"] == "" {
			continue
		}
		hidden++
		for range 20 {
			q := asked(pick("9530251797", "9811111111", "8530251797", "9531111111"))
			q.AgentID, q.Purpose = pick("sales-7", "s", "care"), call.Purpose(pick("service", "promotional", "transactional"))
			q.At = q.At.Add(time.Duration(random.IntN(24)) * time.Hour)
			require.NotEqual(t, "2", call.PlanRoute(routes, trunksABC(), nil, q).RouteID, fmt.Sprintf("%+v", routes))
		}
	}
	require.Greater(t, hidden, 100)
}

func TestRoutesThatAreWrong(t *testing.T) {
	t.Parallel()
	known := map[string]bool{"a": true}
	good := route("r", call.RouteMatch{Number: "98*", Zone: "Asia/Kolkata"}, through("a", 0, 1))
	require.NoError(t, good.Validate(known))
	for want, change := range map[string]func(*call.Route){
		"name":       func(r *call.Route) { r.Name = "" },
		"number":     func(r *call.Route) { r.Match.Number = "98" },
		"purposes":   func(r *call.Route) { r.Match.Purposes = []call.Purpose{"sales"} },
		"days":       func(r *call.Route) { r.Match.Days = []time.Weekday{7} },
		"zone":       func(r *call.Route) { r.Match.Zone = "India" },
		"1 to 20":    func(r *call.Route) { r.Trunks = nil },
		"not one of": func(r *call.Route) { r.Trunks[0].TrunkID = "gone" },
		"twice":      func(r *call.Route) { r.Trunks = append(r.Trunks, r.Trunks[0]) },
		"weight":     func(r *call.Route) { r.Trunks[0].Weight = 0 },
		"sticky":     func(r *call.Route) { r.CallerID.Mode = call.CallerIDSticky },
		"series":     func(r *call.Route) { r.CallerID.DIDs = []call.RouteDID{{Number: "+912233445566"}} },
		"E.164": func(r *call.Route) {
			r.CallerID.DIDs = []call.RouteDID{{Number: "2233445566", Series: call.SeriesStandard}}
		},
	} {
		r := good
		r.Trunks = append([]call.RouteTrunk{}, good.Trunks...)
		change(&r)
		require.ErrorContains(t, r.Validate(known), want)
	}
}
