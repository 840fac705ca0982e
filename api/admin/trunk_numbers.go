package admin

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/admin/internal/report"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/store"
)

// How long the numbers of trunks may be asked for at once.
const (
	maxTrunkDays  = 92 * 24 * time.Hour
	maxTrunkHours = 8 * 24 * time.Hour
	byHour        = "hour"
)

// trunkSpans gathers the numbers of trunks over time.
func (a *API) trunkSpans(ctx context.Context, since, until time.Time, tz, trunkID *string, by string) ([]report.TrunkSpan, *time.Location, error) {
	zone, err := zoneOf(tz)
	if err != nil {
		return nil, nil, err
	}
	longest := maxTrunkDays
	if by == byHour {
		longest = maxTrunkHours
	}
	if !since.Before(until) || until.Sub(since) > longest {
		return nil, nil, problem.Invalid(problem.Field{Field: "until", Message: "must be after since, by at most 92 days, or 8 by hour"})
	}
	ctx, cancel := context.WithTimeout(ctx, reportTimeout)
	defer cancel()
	gathered := report.NewTrunkReport(zone, by == byHour)
	err = a.Store.EndedAttempts(ctx, since, until, value(trunkID), func(e store.EndedAttempt) error {
		gathered.Add(e.Attempt, e.Talk)
		return nil
	})
	return gathered.Spans(), zone, storeError(err)
}

// GetTrunkNumbers answers how trunks did over time.
func (a *API) GetTrunkNumbers(w http.ResponseWriter, r *http.Request, p oapi.GetTrunkNumbersParams) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.TrunkNumbersReport, error) {
		spans, zone, err := a.trunkSpans(r.Context(), p.Since, p.Until, p.Tz, p.TrunkID, p.By)
		if err != nil {
			return oapi.TrunkNumbersReport{}, err
		}
		names, err := a.labels(r.Context())
		if err != nil {
			return oapi.TrunkNumbersReport{}, err
		}
		view := oapi.TrunkNumbersReport{Since: p.Since.UTC(), Until: p.Until.UTC(), Tz: zone.String(), Rows: make([]oapi.TrunkNumbers, len(spans))}
		for i, s := range spans {
			n := s.Numbers
			view.Rows[i] = oapi.TrunkNumbers{TrunkID: s.TrunkID, Label: names[s.TrunkID], Begins: s.Begins, Seizures: n.Seizures, Answered: n.Answered,
				Asr: n.ASR(), Ner: n.NER(), Ser: n.SER(), AcdSeconds: n.ACD(), ShortShare: n.ShortShare(), SrdFailedSeconds: n.SRDFailed()}
		}
		return view, nil
	})
}

var trunkNumberColumns = []string{"begins", "trunk_id", "trunk", "seizures", "answered", "asr", "ner", "ser", "acd_seconds", "short_share", "srd_failed_seconds"}

// ExportTrunkNumbers answers the same as CSV.
func (a *API) ExportTrunkNumbers(w http.ResponseWriter, r *http.Request, p oapi.ExportTrunkNumbersParams) {
	spans, _, err := a.trunkSpans(r.Context(), p.Since, p.Until, p.Tz, p.TrunkID, p.By)
	if err != nil {
		a.problem(w, r, err)
		return
	}
	names, err := a.labels(r.Context())
	if err != nil {
		a.problem(w, r, err)
		return
	}
	out := startCSV(w, "trunks-"+p.By, trunkNumberColumns)
	for _, s := range spans {
		n := s.Numbers
		out.row([]string{s.Begins.Format(time.RFC3339), s.TrunkID, safeCell(names[s.TrunkID]), strconv.Itoa(n.Seizures), strconv.Itoa(n.Answered),
			decimal(n.ASR(), 4), decimal(n.NER(), 4), decimal(n.SER(), 4), decimal(n.ACD(), 1), decimal(n.ShortShare(), 4), decimal(n.SRDFailed(), 3)})
	}
	out.flush()
}
