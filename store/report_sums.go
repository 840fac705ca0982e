package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/click2call/click2call/call"
)

// ReportSums are ended calls of some time, counted. A kind may be listed more than once: add them up.
type ReportSums struct {
	Quarters []QuarterSum
	Outcomes []OutcomeSum
	Agents   []AgentSum
	Rings    []RingSum
}

// QuarterSum counts calls that were created in the quarter of an hour that begins at a moment.
type QuarterSum struct {
	Begins      time.Time
	CallStatus  call.CallStatus
	Calls       int
	TalkSeconds int64 // of answered calls, as in all sums
}

// OutcomeSum counts calls of one trunk that ended in one way. SIPCode is 0 when no reply stands behind it.
type OutcomeSum struct {
	TrunkID     string
	CallStatus  call.CallStatus
	Reason      call.Reason
	SIPCode     int
	Calls       int
	TalkSeconds int64
}

// AgentSum counts calls of one agent.
type AgentSum struct {
	AgentID     string
	CallStatus  call.CallStatus
	Calls       int
	TalkSeconds int64
}

// RingSum counts answered calls that rang for a number of seconds.
type RingSum struct{ Seconds, Calls int }

// ReportSums counts the calls that f chooses, all of one moment, and names the stretches of time that it left out: those shorter than a
// quarter of an hour at both ends, and those that are not summed yet. An agent's calls are few, and all left out. [Store.EndedCalls]
// shows what was left out.
func (s *Store) ReportSums(ctx context.Context, f EndedFilter) (sums ReportSums, left []Span, err error) {
	filled, err := s.filledFrom(ctx, s.read)
	if err != nil {
		return sums, nil, fmt.Errorf("read the sums of reports: %w", err)
	}
	lo, hi := max(beginOf(f.Since.Add(sumBucket-time.Nanosecond), quarterSpan), filled), beginOf(f.Until, quarterSpan)
	if f.AgentID != "" || lo >= hi {
		return sums, []Span{{Since: f.Since, Until: f.Until}}, nil
	}
	for _, span := range []Span{{f.Since, time.Unix(lo, 0).UTC()}, {time.Unix(hi, 0).UTC(), f.Until}} {
		if span.Since.Before(span.Until) {
			left = append(left, span)
		}
	}
	query, args := sumsQuery(lo, hi, f.TrunkID)
	var rows []partRow
	if err := s.list(ctx, s.read, &rows, query, args...); err != nil {
		return sums, nil, fmt.Errorf("read the sums of reports: %w", err)
	}
	for _, r := range rows {
		r.addTo(&sums)
	}
	return sums, left, nil
}

// The parts of the one statement that reads sums: in one statement they are of one moment.
const (
	partQuarters = "quarters"
	partOutcomes = "outcomes"
	partAgents   = "agents"
	partRings    = "rings"
	partChanges  = "changes"
)

type partRow struct {
	Part string `db:"part"`
	reportChange
}

func (r partRow) addTo(sums *ReportSums) {
	all, n := r.Part == partChanges, int(r.Calls)
	if n == 0 {
		return // mended, or purged
	}
	if all || r.Part == partQuarters {
		sums.Quarters = append(sums.Quarters, QuarterSum{time.Unix(r.Begins, 0).UTC(), r.CallStatus, n, r.TalkSeconds})
	}
	if all || r.Part == partOutcomes {
		sums.Outcomes = append(sums.Outcomes, OutcomeSum{r.TrunkID, r.CallStatus, r.Reason, r.SIPCode, n, r.TalkSeconds})
	}
	if all || r.Part == partAgents {
		sums.Agents = append(sums.Agents, AgentSum{r.AgentID, r.CallStatus, n, r.TalkSeconds})
	}
	if r.Part == partRings || all && r.CallStatus == call.Answered {
		sums.Rings = append(sums.Rings, RingSum{r.RingSeconds, n})
	}
}

// part is a SELECT of one table's sums, grouped by some of changeColumns; the others are empty.
func part(name, table string, keys ...string) string {
	empty := map[string]string{"begins": "0", "sip_code": "0", "ring_seconds": "0"}
	var columns []string
	for _, c := range strings.Split(changeColumns, ", ") {
		switch {
		case c == "calls" || c == "talk_seconds" && table != "report_rings":
			columns = append(columns, "CAST(SUM("+c+") AS bigint) AS "+c)
		case c == "talk_seconds":
			columns = append(columns, "0 AS "+c)
		case strings.Contains(" "+strings.Join(keys, " ")+" ", " "+c+" "):
			columns = append(columns, c)
		case empty[c] != "":
			columns = append(columns, empty[c]+" AS "+c)
		default:
			columns = append(columns, "'' AS "+c)
		}
	}
	return "SELECT '" + name + "' AS part, " + strings.Join(columns, ", ") + " FROM " + table +
		" WHERE span = ? AND begins >= ? AND begins < ?%s GROUP BY " + strings.Join(keys, ", ")
}

// sumsQuery reads from the second lo to before hi, both of which begin a quarter of an hour.
func sumsQuery(lo, hi int64, trunkID string) (query string, args []any) {
	of := ""
	if trunkID != "" {
		of = " AND trunk_id = ?"
	}
	var parts []string
	add := func(part string, values ...any) {
		parts = append(parts, strings.Replace(part, "%s", of, 1))
		if args = append(args, values...); trunkID != "" {
			args = append(args, trunkID)
		}
	}
	add(part(partQuarters, "report_outcomes", "begins", "call_status"), quarterSpan, lo, hi)
	for _, p := range []string{
		part(partOutcomes, "report_outcomes", "trunk_id", "call_status", "disconnect_reason", "sip_code"),
		part(partAgents, "report_agents", "agent_id", "call_status"),
		part(partRings, "report_rings", "ring_seconds"),
	} {
		firstDay, lastDay := floorTo(lo+daySpan-1, daySpan), floorTo(hi, daySpan)
		if firstDay >= lastDay {
			add(p, quarterSpan, lo, hi)
			continue
		}
		add(p, daySpan, firstDay, lastDay)
		add(p, quarterSpan, lo, firstDay)
		add(p, quarterSpan, lastDay, hi)
	}
	add("SELECT '"+partChanges+"' AS part, "+changeColumns+" FROM report_changes WHERE begins >= ? AND begins < ?%s", lo, hi)
	return strings.Join(parts, " UNION ALL "), args
}

// countTrunkSums is CountTrunkCalls by the sums; ok is false when they do not reach back to since.
func (s *Store) countTrunkSums(ctx context.Context, since time.Time) (counts map[string]CallCounts, ok bool, err error) {
	from := beginOf(since, quarterSpan)
	filled, err := s.filledFrom(ctx, s.read)
	if err != nil || filled > from {
		return nil, false, err
	}
	var rows []struct {
		TrunkID string `db:"trunk_id"`
		statusCount
	}
	err = s.list(ctx, s.read, &rows, `SELECT trunk_id, call_status, CAST(SUM(calls) AS bigint) AS n FROM (
			SELECT trunk_id, call_status, calls FROM report_outcomes WHERE span = ? AND begins >= ?
			UNION ALL SELECT trunk_id, call_status, calls FROM report_changes WHERE begins >= ?
		) AS all_sums GROUP BY trunk_id, call_status LIMIT ?`, quarterSpan, from, from, 3*maxTrunks)
	counts = map[string]CallCounts{}
	for _, r := range rows {
		if r.N != 0 {
			c := counts[r.TrunkID]
			c.add(r.statusCount)
			counts[r.TrunkID] = c
		}
	}
	return counts, err == nil, err
}
