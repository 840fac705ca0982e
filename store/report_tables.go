package store

import (
	"strings"
	"time"

	"github.com/click2call/click2call/call"
)

// The spans of the sums of reports, in seconds. What a report says by the wall clock it reads by quarters of an hour, of which every time
// zone's days and hours are made; the rest by days, with quarters at both ends.
const (
	quarterSpan = int64(sumBucket / time.Second)
	daySpan     = int64(24 * time.Hour / time.Second)
)

// reportTable is one of those that hold the sums of reports: see migration 00270.
type reportTable struct {
	name   string
	keys   []string // besides span and begins
	values []string
	of     string // which calls it counts
}

func reportTables() []reportTable {
	return []reportTable{
		{"report_outcomes", []string{"trunk_id", "call_status", "disconnect_reason", "sip_code"}, []string{"calls", "talk_seconds"}, "TRUE"},
		{"report_agents", []string{"trunk_id", "agent_id", "call_status"}, []string{"calls", "talk_seconds"}, "TRUE"},
		{"report_rings", []string{"trunk_id", "ring_seconds"}, []string{"calls"}, "call_status = '" + string(call.Answered) + "'"},
	}
}

// columns are those of a table without its span.
func (t reportTable) columns() string {
	return "begins, " + strings.Join(t.keys, ", ") + ", " + strings.Join(t.values, ", ")
}

// negative is columns, to be taken off.
func (t reportTable) negative() string {
	return "begins, " + strings.Join(t.keys, ", ") + ", -" + strings.Join(t.values, ", -")
}

// sums are the table's values of a group.
func (t reportTable) sums() string {
	all := make([]string, len(t.values))
	for i, v := range t.values {
		all[i] = "CAST(SUM(" + v + ") AS bigint) AS " + v
	}
	return strings.Join(all, ", ")
}

// upsert ends an INSERT whose values are added to those that are there.
func (t reportTable) upsert() string {
	all := make([]string, len(t.values))
	for i, v := range t.values {
		all[i] = v + " = " + t.name + "." + v + " + excluded." + v
	}
	return " ON CONFLICT (span, begins, " + strings.Join(t.keys, ", ") + ") DO UPDATE SET " + strings.Join(all, ", ")
}

// changes of the sums, as triggers write them down.
const changeColumns = `begins, trunk_id, agent_id, call_status, disconnect_reason, sip_code, ring_seconds, calls, talk_seconds`

type reportChange struct {
	Begins      int64           `db:"begins"`
	TrunkID     string          `db:"trunk_id"`
	AgentID     string          `db:"agent_id"`
	CallStatus  call.CallStatus `db:"call_status"`
	Reason      call.Reason     `db:"disconnect_reason"`
	SIPCode     int             `db:"sip_code"`
	RingSeconds int             `db:"ring_seconds"`
	Calls       int64           `db:"calls"`
	TalkSeconds int64           `db:"talk_seconds"`
}

// beginOf is the second in which the span of a moment begins.
func beginOf(t time.Time, span int64) int64 { return floorTo(t.Unix(), span) }

func floorTo(at, span int64) int64 { return at - ((at%span)+span)%span }
