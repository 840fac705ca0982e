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

const (
	maxReportRange = 400 * 24 * time.Hour
	reportTimeout  = 28 * time.Second // below requestTimeout, so that it is the database that is named
	maxAgents      = 200
)

type reportQuery struct {
	since, until     time.Time
	trunkID, agentID string
	tz               *string
}

// gather counts the calls that a query chooses.
func (a *API) gather(ctx context.Context, q reportQuery) (*report.Report, *time.Location, error) {
	zone, err := zoneOf(q.tz)
	if err != nil {
		return nil, nil, err
	}
	if !q.since.Before(q.until) || q.until.Sub(q.since) > maxReportRange {
		return nil, nil, problem.Invalid(problem.Field{Field: "until", Message: "must be after since, by at most 400 days"})
	}
	ctx, cancel := context.WithTimeout(ctx, reportTimeout)
	defer cancel()
	gathered := report.New(q.since, q.until, zone)
	chosen := store.EndedFilter{Since: q.since, Until: q.until, TrunkID: q.trunkID, AgentID: q.agentID}
	sums, left, err := a.Store.ReportSums(ctx, chosen)
	if err != nil {
		return nil, nil, storeError(err)
	}
	gathered.AddSums(sums)
	for _, span := range left {
		chosen.Since, chosen.Until = span.Since, span.Until
		err = a.Store.EndedCalls(ctx, chosen, func(e store.EndedCall) error {
			gathered.Add(e)
			return nil
		})
		if err != nil {
			return nil, nil, storeError(err)
		}
	}
	return gathered, zone, nil
}

// GetReport answers outcomes over time.
func (a *API) GetReport(w http.ResponseWriter, r *http.Request, p oapi.GetReportParams) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.Report, error) {
		q := reportQuery{since: p.Since, until: p.Until, trunkID: value(p.TrunkID), agentID: value(p.AgentID), tz: p.Tz}
		gathered, zone, err := a.gather(r.Context(), q)
		if err != nil {
			return oapi.Report{}, err
		}
		names, err := a.labels(r.Context())
		if err != nil {
			return oapi.Report{}, err
		}
		view := reportView(gathered, names)
		view.Since, view.Until, view.Tz = q.since.UTC(), q.until.UTC(), zone.String()
		return view, nil
	})
}

func countsView(c report.Counts) oapi.OutcomeCounts {
	return oapi.OutcomeCounts{
		Calls: c.Calls, Answered: c.Answered, NotAnswered: c.NotAnswered, Failed: c.Failed,
		AnswerRate: c.AnswerRate(), AverageTalkSeconds: c.AverageTalk(),
	}
}

func reportView(g *report.Report, names labels) oapi.Report {
	view := oapi.Report{
		Totals: countsView(g.Totals),
		PostDialDelay: oapi.PostDialDelay{
			Calls: g.Delay.Calls(), AverageSeconds: g.Delay.Average(), P50Seconds: g.Delay.Percentile(50), P95Seconds: g.Delay.Percentile(95),
		},
		Days: []oapi.ReportDay{}, Hours: []oapi.ReportHour{}, Trunks: []oapi.ReportTrunk{}, Agents: []oapi.ReportAgent{}, Reasons: []oapi.ReportReason{},
	}
	for _, d := range g.Days() {
		view.Days = append(view.Days, oapi.ReportDay{Date: d.Date, Since: d.Since, Until: d.Until, Counts: countsView(d.Counts)})
	}
	for _, h := range g.Hours() {
		view.Hours = append(view.Hours, oapi.ReportHour{Weekday: h.Key.Weekday, Hour: h.Key.Hour, Counts: countsView(h.Counts)})
	}
	for _, t := range g.Trunks() {
		view.Trunks = append(view.Trunks, oapi.ReportTrunk{TrunkID: t.Key, Label: names[t.Key], Counts: countsView(t.Counts)})
	}
	agents := g.Agents()
	view.AgentsTruncated = len(agents) > maxAgents
	for _, t := range agents[:min(len(agents), maxAgents)] {
		view.Agents = append(view.Agents, oapi.ReportAgent{AgentID: t.Key, Counts: countsView(t.Counts)})
	}
	for _, reason := range g.Reasons() {
		view.Reasons = append(view.Reasons, oapi.ReportReason{
			CallStatus: string(reason.Key.CallStatus), DisconnectReason: string(reason.Key.Reason),
			SIPDisconnectCode: statusCode(reason.Key.SIPCode), Calls: reason.Counts.Calls,
		})
	}
	return view
}

// ExportReport answers one grouping as CSV.
func (a *API) ExportReport(w http.ResponseWriter, r *http.Request, p oapi.ExportReportParams) {
	q := reportQuery{since: p.Since, until: p.Until, trunkID: value(p.TrunkID), agentID: value(p.AgentID), tz: p.Tz}
	gathered, _, err := a.gather(r.Context(), q)
	if err != nil {
		a.problem(w, r, err)
		return
	}
	names, err := a.labels(r.Context())
	if err != nil {
		a.problem(w, r, err)
		return
	}
	header, rows := reportTable(gathered, p.Group, names)
	out := startCSV(w, "report-"+p.Group, header)
	for _, row := range rows {
		out.row(row)
	}
	out.flush()
}

var countColumns = []string{"calls", "answered", "not_answered", "failed", "answer_rate", "average_talk_seconds"}

func reportTable(g *report.Report, group string, names labels) (header []string, rows [][]string) {
	add := func(c report.Counts, cells ...string) { rows = append(rows, append(cells, countCells(c)...)) }
	switch group {
	case "day":
		header = append([]string{"date"}, countColumns...)
		for _, d := range g.Days() {
			add(d.Counts, d.Date)
		}
	case "hour":
		header = append([]string{"weekday", "hour"}, countColumns...)
		for _, h := range g.Hours() {
			add(h.Counts, strconv.Itoa(h.Key.Weekday), strconv.Itoa(h.Key.Hour))
		}
	case "trunk":
		header = append([]string{"trunk_id", "trunk"}, countColumns...)
		for _, t := range g.Trunks() {
			add(t.Counts, t.Key, safeCell(names[t.Key]))
		}
	case "agent":
		header = append([]string{"agent_id"}, countColumns...)
		for _, t := range g.Agents() {
			add(t.Counts, safeCell(t.Key))
		}
	default:
		header = []string{"call_status", "disconnect_reason", "sip_disconnect_code", "calls"}
		for _, reason := range g.Reasons() {
			code := ""
			if reason.Key.SIPCode != 0 {
				code = strconv.Itoa(reason.Key.SIPCode)
			}
			rows = append(rows, []string{string(reason.Key.CallStatus), string(reason.Key.Reason), code, strconv.Itoa(reason.Counts.Calls)})
		}
	}
	return header, rows
}

func countCells(c report.Counts) []string {
	return []string{
		strconv.Itoa(c.Calls), strconv.Itoa(c.Answered), strconv.Itoa(c.NotAnswered), strconv.Itoa(c.Failed),
		decimal(c.AnswerRate(), 4), decimal(c.AverageTalk(), 1),
	}
}

func decimal(v *float64, digits int) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', digits, 64)
}
