package admin

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/admin/internal/report"
	"github.com/click2call/click2call/store"
)

const (
	usualAttemptHours = 24
	maxAnswers        = 20 // ways to fail that are told
)

// GetEndpointAttempts answers how the attempts to an endpoint went, over time.
func (a *API) GetEndpointAttempts(w http.ResponseWriter, r *http.Request, endpointID oapi.EndpointID, p oapi.GetEndpointAttemptsParams) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.EndpointAttempts, error) {
		zone, err := zoneOf(p.Tz)
		if err != nil {
			return oapi.EndpointAttempts{}, err
		}
		e, err := a.Store.Endpoint(r.Context(), endpointID)
		if err != nil {
			return oapi.EndpointAttempts{}, storeError(err)
		}
		since, step, slots := report.EndpointSlots(time.Now(), cmp.Or(value(p.Hours), usualAttemptHours), zone)
		sums, err := a.Store.AttemptSums(r.Context(), e.ID, since, step, slots)
		if err != nil {
			return oapi.EndpointAttempts{}, storeError(err)
		}
		return attemptsView(report.NewEndpointReport(sums, slots), since, step), nil
	})
}

func attemptsView(r report.EndpointReport, since time.Time, step time.Duration) oapi.EndpointAttempts {
	view := oapi.EndpointAttempts{
		Since: since.UTC(), StepSeconds: int(step.Seconds()), Attempts: r.All.Made, Succeeded: r.All.Succeeded, P50Ms: r.All.Took(50), P95Ms: r.All.Took(95),
		Failures: answerCounts(r.Failures),
	}
	for i, s := range r.Slots {
		begins := since.Add(time.Duration(i) * step).UTC()
		view.Slots = append(view.Slots, oapi.AttemptSlot{Begins: begins, Attempts: s.Made, Succeeded: s.Succeeded, P95Ms: s.Took(95)})
	}
	return view
}

// answerCounts puts the commonest first.
func answerCounts(counts map[store.DeliveryAnswer]int) []oapi.AnswerCount {
	all := []oapi.AnswerCount{}
	for _, a := range slices.Sorted(maps.Keys(counts)) {
		all = append(all, oapi.AnswerCount{Answer: string(a), Count: counts[a]})
	}
	slices.SortStableFunc(all, func(x, y oapi.AnswerCount) int { return cmp.Compare(y.Count, x.Count) })
	return all[:min(len(all), maxAnswers)]
}
