package admin

import (
	"context"
	"net/http"
	"time"
	_ "time/tzdata" // operators' time zones, also where the machine knows none

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/admin/internal/report"
	"github.com/click2call/click2call/api/health"
	"github.com/click2call/click2call/store"
)

const (
	maxLiveCalls = 200
	latestCalls  = 8
	trunkPast    = time.Hour
)

// observation is what the overview shows to everybody, whatever the time zone.
type observation struct {
	live       []oapi.CallSummary
	latest     []oapi.CallSummary
	truncated  bool
	deliveries oapi.DeliveryCounts
	health     oapi.SystemHealth
	setup      *oapi.Setup
}

// GetOverview answers today in numbers, live calls, and what is broken.
func (a *API) GetOverview(w http.ResponseWriter, r *http.Request, p oapi.GetOverviewParams) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.Overview, error) {
		zone, err := zoneOf(p.Tz)
		if err != nil {
			return oapi.Overview{}, err
		}
		seen, err := a.observe(r.Context(), []*time.Location{zone})
		if err != nil {
			return oapi.Overview{}, storeError(err)
		}
		return seen[zone.String()], nil
	})
}

// observe looks once for all zones, and returns each zone's overview by its name.
func (a *API) observe(ctx context.Context, zones []*time.Location) (map[string]oapi.Overview, error) {
	shared, err := a.look(ctx)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	counted := map[time.Time]oapi.TodayCounts{} // many zones share a midnight
	overviews := make(map[string]oapi.Overview, len(zones))
	for _, zone := range zones {
		midnight := report.Midnight(now, zone).UTC()
		today, done := counted[midnight]
		if !done {
			if today, err = a.today(ctx, midnight); err != nil {
				return nil, err
			}
			counted[midnight] = today
		}
		overviews[zone.String()] = oapi.Overview{
			At: now.UTC(), Today: today, LiveCalls: shared.live, LiveCallsTruncated: shared.truncated, LatestCalls: shared.latest,
			Deliveries: shared.deliveries, Health: shared.health, Setup: shared.setup,
		}
	}
	return overviews, nil
}

func (a *API) today(ctx context.Context, midnight time.Time) (oapi.TodayCounts, error) {
	c, err := a.Store.CountCalls(ctx, midnight)
	if err != nil {
		return oapi.TodayCounts{}, err
	}
	ended := report.Counts{Calls: c.Answered + c.NotAnswered + c.Failed, Answered: c.Answered}
	return oapi.TodayCounts{
		Since: midnight, Live: c.Live, Answered: c.Answered, NotAnswered: c.NotAnswered, Failed: c.Failed, AnswerRate: ended.AnswerRate(),
	}, nil
}

func (a *API) look(ctx context.Context) (observation, error) {
	live, err := a.Store.ListCalls(ctx, store.CallFilter{Live: true, Limit: maxLiveCalls})
	if err != nil {
		return observation{}, err
	}
	latest, err := a.Store.LatestEnded(ctx, latestCalls)
	if err != nil {
		return observation{}, err
	}
	waiting, err := a.Store.CountDeliveries(ctx)
	if err != nil {
		return observation{}, err
	}
	names := labels{}
	o := observation{
		live: make([]oapi.CallSummary, len(live.Calls)), latest: make([]oapi.CallSummary, len(latest)), truncated: live.Next != "",
		deliveries: oapi.DeliveryCounts{Waiting: waiting.Waiting, Dead: waiting.Dead, OldestWaitingAt: utc(waiting.OldestWaitingAt)},
	}
	facts, err := a.facts(ctx, waiting)
	if err != nil {
		return observation{}, err
	}
	o.health = healthView(health.Judge(facts))
	if o.setup, err = a.setupLeft(ctx, facts); err != nil {
		return observation{}, err
	}
	for _, t := range facts.Trunks {
		names[t.ID] = t.Label
	}
	for i, c := range live.Calls {
		o.live[i] = names.summary(c)
	}
	for i, c := range latest {
		o.latest[i] = names.summary(c)
	}
	return o, nil
}
