package store_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

// tolerated are the faults of plans that are meant; each must be there.
var tolerated = []struct{ fault, why string }{
	{"calls by nothing: reads all of calls calls_newest", "the newest of all: it ends with the page"},
	{"the calls that ended last: reads all of calls calls_by_end", "the latest of all: it ends with the page"},
	{"deliveries by nothing: reads all of (d|deliveries) deliveries_newest", "the newest of all: it ends with the page"},
	{"the audit log: reads all of audit_log .*", "the newest of all: it ends with the page"},
	{"old data is purged: reads all of audit_log.*", "the oldest of all: it ends with the first thousand"},
	{"a customer is forgotten: reads all of c .*", "SQLite has few calls, and this is rare; PostgreSQL has an index"},
	{"the replays.*: reads all of replays replays_newest", "one statement for the first page and the next; a few replays a day are kept, for 90 days"},
	{"housekeeping: reads all of replays ?", "a few replays a day are kept, for 90 days"},
	{"calls by number.*: reads .*", "the last digits of a number have no order that an index could have"},
	{"the audit log by time: reads .*", "from the newest entry on: the log's order is that of time, though no index says so"},
	{"deliveries by (trunk|call status).*: reads .*", "what is known of the call only; from the newest on, most pages are soon full"},
	{"deliveries by (case|call id).*: sorts", "a case has 200 calls at most, and a call one delivery"},
	{"deliveries by most states: reads all of (d|deliveries) deliveries_newest", "nearly all are wanted: it ends with the page"},
	{"deliveries by waiting.*: (sorts|reads .*)", "what has not arrived is little, or an outage that is looked at once"},
	{"the (ledger's sums|overview's calls): reads all of (sum_changes|all_sums) ?", "the changes of seconds: workers fold them"},
	{"(a report|the trunks' counts): reads all of (report_changes|all_sums) ?", "the changes of seconds: workers fold them"},
	{"the sums of reports are made: reads all of (report_changes|untold) ?.*", "the changes of seconds, and what differs among a step's few thousand calls"},
	{"the calls on hold: reads all of calls calls_held", "it holds the calls on hold at this moment, and nothing else"},
	{"the ledger's live calls: sorts", "as many calls as live at once"},
	{"(a call is dialed|calls wait for a line|a trunk is judged): reads all of trunk_breakers.*", "a row for each trunk at most"},
	{"a call is dialed: (sorts|reads all of (routes|dial_faults).*)", "200 routes and a fault for each trunk at most"},
	{"calls wait for a line: (sorts|reads all of (dial_queue|t|routes|dial_faults) ?.*)", "who waits for a line now, at most for minutes; the trunks"},
	{"a do-not-call list: reads all of do_not_call_(lists|imports).*", "a hundred lists at most; the newest imports: it ends with the page; those of a list that is deleted, once"},
	{"a replay by .*: (sorts|reads .*)", "all that a replay chooses is written down in order, 100,000 at most"},
	{"the trunks' records: sorts", "the calls of the time that is asked for, a day's"},
	{"the delivery of a call: sorts", "an outcome has one for each endpoint, a hundred at most"},
	{"events are told: (sorts|reads all of (event_outbox|o) ?.*)", "an event lives for a minute, and there is none while no endpoint wants it"},
	{"a call's timeline: sorts", "a call has 500 entries at most"},
	{"a delivery's attempts: sorts", "a delivery has some dozens"},
}

// unmissed are indexes without which SQLite goes another way that is no fault.
var unmissed = map[string]string{
	"deliveries_parked": "deliveries_by_endpoint leads to them as well; this one keeps it to the few that are parked",
	"replays_open":      "few replays are kept at all",

	"dial_attempts_by_trunk": "dial_attempts_begun leads to a trunk's latest dials as well, past those of all other trunks",
}

// TestPlans has both databases say how they would run all that is asked of tables that grow. No statement may read the whole of
// one, or sort it for a page, and each index must be missed by a statement when it is gone.
func TestPlans(t *testing.T) {
	t.Parallel()
	needed, missed := map[int]bool{}, map[string][]string{}
	for _, database := range []planner{planSQLite(storetest.SQLite(t)), planPostgres(storetest.Postgres(t))} {
		fill(t, database.store)
		asked, sites := record(t, database.store)
		requireAllAsked(t, sites)
		tx := database.begin(t)
		for fault, statement := range database.faults(t, tx, asked) {
			why := toleratedBy(fault)
			needed[why] = true
			if why < 0 {
				t.Errorf("%s, %s: add an index that serves this, or say in tolerated why none is needed:\n%s", database.name, fault, statement)
			}
		}
		if database.name == "SQLite" { // PostgreSQL's choice among what is left hangs on its statistics
			missed = database.dropIndexes(t, tx, asked)
		}
	}
	for i, e := range tolerated {
		require.True(t, needed[i], "nothing is wrong any more with %q: take it out of tolerated", e.fault)
	}
	require.NotEmpty(t, missed)
	for index, faults := range missed {
		if why := unmissed[index]; why != "" {
			assert.Empty(t, faults, "%s is missed: take it out of unmissed", index)
			continue
		}
		assert.NotEmpty(t, faults, "nothing is slower without the index %s: drop it, or add the query that needs it to queries()", index)
		t.Logf("%s is missed: %s", index, strings.Join(faults, "; "))
	}
}

// toleratedBy is the place in tolerated that allows a fault, -1 when none does.
func toleratedBy(fault string) int {
	return slices.IndexFunc(tolerated, func(e struct{ fault, why string }) bool {
		return regexp.MustCompile("^(" + e.fault + ")$").MatchString(fault)
	})
}

// record asks everything, and returns the statements by query, and where the package made them.
func record(t *testing.T, s *store.Store) (asked map[string][]store.Statement, sites []string) {
	t.Helper()
	asked, now := map[string][]store.Statement{}, ""
	recorded := s.Recorded(func(made store.Statement) {
		asked[now], sites = append(asked[now], made), append(sites, made.Sites...)
	})
	for _, q := range queries() {
		now = q.name
		require.NoError(t, q.ask(t.Context(), recorded), q.name)
	}
	return asked, sites
}

var planned = regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE)\b`)

// faults are what is wrong with the plans, by "query: fault", with the statement.
func (p planner) faults(t *testing.T, tx *sqlx.Tx, asked map[string][]store.Statement) map[string]string {
	t.Helper()
	found := map[string]string{}
	for name, statements := range asked {
		for _, s := range statements {
			if !planned.MatchString(s.Query) {
				continue
			}
			faults, err := p.explain(t.Context(), tx, s)
			require.NoError(t, err, s.Query)
			for _, fault := range faults {
				found[name+": "+fault] = s.Query
			}
		}
	}
	return found
}

// dropIndexes takes each index away in turn, and returns what is wrong with the plans without it. Unique ones stay: they are
// there for their rule.
func (p planner) dropIndexes(t *testing.T, tx *sqlx.Tx, asked map[string][]store.Statement) map[string][]string {
	t.Helper()
	var indexes []string
	require.NoError(t, tx.SelectContext(t.Context(), &indexes, p.indexes))
	run := func(statement string) {
		_, err := tx.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	missed := map[string][]string{}
	for _, index := range indexes {
		run("SAVEPOINT whole")
		run("DROP INDEX " + index)
		missed[index] = nil
		for fault := range p.faults(t, tx, asked) {
			if toleratedBy(fault) < 0 {
				missed[index] = append(missed[index], p.name+", "+fault)
			}
		}
		run("ROLLBACK TO SAVEPOINT whole")
	}
	return missed
}
