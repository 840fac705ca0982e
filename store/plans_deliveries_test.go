package store_test

import (
	"context"
	"errors"
	"time"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func deliveryQueries() []query {
	delivered, pending, parked := rowCall(4001).EventID(), rowCall(4002).EventID(), rowCall(4003).EventID()
	attempt := func(trigger store.Trigger, replay string, n int) store.Attempt {
		a := someAttempt(store.Delivery{EventID: pending}, n)
		a.Trigger, a.ReplayID = trigger, replay
		return a
	}
	return append([]query{
		{"an attempt is made", func(ctx context.Context, s *store.Store) error {
			last, ok := attempt(store.TriggerAutomatic, "", 3), attempt(store.TriggerReplay, "rpl_2", 4)
			last.NextAttemptAt, ok.ErrorClass = nil, ""
			return errors.Join(s.SaveAttempt(ctx, attempt(store.TriggerAutomatic, "", 2)), s.SaveAttempt(ctx, last), s.SaveAttempt(ctx, ok),
				s.SaveAttempt(ctx, attempt(store.TriggerProbe, "p", 1)), told(s.AttemptOfReplay(ctx, pending, "rpl_2")))
		}},
		{"deliveries for those who listen", func(ctx context.Context, s *store.Store) error {
			after := store.DeliveryMark{CreatedAt: minute(rowsFilled - 5)}
			return errors.Join(told(s.DeliveriesSince(ctx, after)), told(s.DeliveriesOf(ctx, []string{pending, parked})))
		}},
		{"a delivery's attempts", func(ctx context.Context, s *store.Store) error { return told(s.Attempts(ctx, delivered)) }},
		{"a delivery is taken up", func(ctx context.Context, s *store.Store) error {
			return errors.Join(told(s.TakeUp(ctx, parked, "run")), told(s.TakeUp(ctx, delivered, "run")))
		}},
		{"a delivery is leased", func(ctx context.Context, s *store.Store) error {
			return errors.Join(told(s.Lease(ctx, pending, "me", time.Minute, store.DeliveryPending)), told(s.Lease(ctx, pending, "another", time.Minute)),
				s.Park(ctx, pending))
		}},
		{"parked deliveries are leased", func(ctx context.Context, s *store.Store) error {
			return errors.Join(told(s.LeaseParked(ctx, "ep_rare", "me", time.Minute, 5)), s.EndLeases(ctx, "ep_rare", "me"),
				told(s.AdoptParked(ctx, "ep_rare", 5)), told(s.WaitingEndpoints(ctx)))
		}},
		{"an endpoint's attempts", func(ctx context.Context, s *store.Store) error {
			return told(s.AttemptSums(ctx, "ep_rare", minute(4000), time.Hour, 24))
		}},
		{"the parked deliveries", func(ctx context.Context, s *store.Store) error { return told(s.Parked(ctx, "ep_rare", "", 5)) }},
		{"the parked deliveries, the next page", func(ctx context.Context, s *store.Store) error {
			return told(s.Parked(ctx, "ep_rare", parked, 5))
		}},
		{"a probe", func(ctx context.Context, s *store.Store) error {
			_, health, err := s.RecordResult(ctx, "ep_rare", store.EndpointResult{At: begin, EventID: parked, Gone: true})
			return errors.Join(err, told(s.NextProbe(ctx, "ep_rare", health.Holds)))
		}},
		{"the overview's deliveries", func(ctx context.Context, s *store.Store) error { return told(s.CountDeliveries(ctx)) }},
		{"the endpoints by breaker", func(ctx context.Context, s *store.Store) error { return told(s.CountEndpoints(ctx)) }},
		{"the ledger's deliveries", func(ctx context.Context, s *store.Store) error {
			return errors.Join(told(s.WaitingBefore(ctx, minute(rowsFilled), 5)), told(s.OverdueDeliveries(ctx, minute(rowsFilled))))
		}},
	}, append(deliveryListQueries(), replayQueries()...)...)
}

// deliveryListQueries filter by each thing, on the first page and on the next.
func deliveryListQueries() (all []query) {
	for _, f := range []struct {
		by     string
		filter store.DeliveryFilter
	}{
		{"nothing", store.DeliveryFilter{}},
		{"state", store.DeliveryFilter{States: []store.DeliveryState{store.DeliveryDead}}},
		{"waiting", store.DeliveryFilter{States: []store.DeliveryState{store.DeliveryPending, store.DeliveryParked}}},
		{"most states", store.DeliveryFilter{States: []store.DeliveryState{store.DeliveryDelivered, store.DeliveryDead}}},
		{"call status", store.DeliveryFilter{CallStatuses: []call.CallStatus{call.Failed}}},
		{"trunk", store.DeliveryFilter{TrunkID: "trk_rare"}},
		{"endpoint", store.DeliveryFilter{EndpointID: "ep_rare"}},
		{"answer", store.DeliveryFilter{Answer: "5xx", States: []store.DeliveryState{store.DeliveryDead}}},
		{"event id", store.DeliveryFilter{Search: rowCall(4004).EventID()}},
		{"call id", store.DeliveryFilter{Search: string(rowCall(4004))}},
		{"case", store.DeliveryFilter{Search: "case-2002"}},
		{"time", store.DeliveryFilter{Since: ptr(minute(100)), Until: ptr(minute(300))}},
	} {
		f.filter.Limit = 5
		next := f.filter
		next.Cursor = cursorAt(minute(3000), rowCall(3000))
		all = append(all, query{"deliveries by " + f.by, func(ctx context.Context, s *store.Store) error { return told(s.ListDeliveries(ctx, f.filter)) }},
			query{"deliveries by " + f.by + ", the next page", func(ctx context.Context, s *store.Store) error { return told(s.ListDeliveries(ctx, next)) }})
	}
	return all
}

func replayQueries() []query {
	all := []query{
		{"the replays", func(ctx context.Context, s *store.Store) error { return told(s.Replays(ctx, "", 5)) }},
		{"the replays, the next page", func(ctx context.Context, s *store.Store) error { return told(s.Replays(ctx, "rpl_200", 5)) }},
		{"the stray replays", func(ctx context.Context, s *store.Store) error { return told(s.StrayReplays(ctx, minute(rowsFilled))) }},
		{"a replay", func(ctx context.Context, s *store.Store) error {
			return errors.Join(told(s.TakeReplay(ctx, "rpl_3", "w")), told(s.ReplayItems(ctx, "rpl_3", 2, 5)), s.SaveReplayItem(ctx, "rpl_3", 4, store.ReplayFailed),
				told(s.FinishReplay(ctx, "rpl_3")))
		}},
	}
	for by, selection := range map[string]store.ReplaySelection{
		"ids":         {EventIDs: []string{rowCall(4004).EventID(), rowCall(4401).EventID()}},
		"state":       {States: []store.DeliveryState{store.DeliveryDead}},
		"time":        {Since: ptr(minute(100)), Until: ptr(minute(2000))},
		"trunk":       {TrunkID: "trk_rare", States: []store.DeliveryState{store.DeliveryDelivered}},
		"endpoint":    {EndpointID: "ep_rare"},
		"answer":      {Answer: "503"},
		"call status": {CallStatuses: []call.CallStatus{call.Failed}, States: []store.DeliveryState{store.DeliveryDelivered}},
	} {
		all = append(all, query{"a replay by " + by, func(ctx context.Context, s *store.Store) error {
			r, err := s.CreateReplay(ctx, store.NewReplay{Selection: selection, RatePerSecond: 1})
			if err == nil {
				_, err = s.SteerReplay(ctx, r.ID, store.ReplayCancelled)
			}
			return errors.Join(told(s.PreviewReplay(ctx, selection)), err)
		}})
	}
	return all
}
