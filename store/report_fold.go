package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"github.com/click2call/click2call/call"
)

const (
	// reportLock is held by who changes the sums of reports, so that no two wait for each other's rows.
	reportLock = "sums of reports"
	// foldedAtOnce keeps a statement below the databases' limits of parameters.
	foldedAtOnce = 400
)

// foldReports adds the changes to the sums of reports. Idempotent; any number of processes may do it at the same time.
func (s *Store) foldReports(ctx context.Context) error {
	for {
		folded := 0
		err := s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) (err error) {
			folded, err = s.foldReportPage(ctx, tx)
			return err
		})
		if err != nil {
			return fmt.Errorf("fold the sums of reports: %w", err)
		}
		if folded < foldPage {
			return nil
		}
	}
}

func (s *Store) foldReportPage(ctx context.Context, tx *sqlx.Tx) (int, error) {
	if err := s.lockName(ctx, tx, reportLock); err != nil {
		return 0, err
	}
	var changes []reportChange
	err := s.list(ctx, tx, &changes, `DELETE FROM report_changes WHERE change_id IN (SELECT change_id FROM report_changes ORDER BY change_id LIMIT ?)
		RETURNING `+changeColumns, foldPage)
	if err != nil {
		return 0, err
	}
	for _, t := range reportTables() {
		if err := s.addReportSums(ctx, tx, t, foldChanges(t, changes)); err != nil {
			return 0, err
		}
	}
	return len(changes), s.dropEmptySums(ctx, tx, changes)
}

// sumKey is the primary key of a sum; tables with fewer keys have nil at its end.
type sumKey [6]any

// sumValues are calls and talk seconds.
type sumValues [2]int64

// foldChanges is what changes add to a table, by quarter and by day.
func foldChanges(t reportTable, changes []reportChange) map[sumKey]sumValues {
	sums := map[sumKey]sumValues{}
	for _, c := range changes {
		if t.name == "report_rings" && c.CallStatus != call.Answered {
			continue
		}
		for _, span := range []int64{quarterSpan, daySpan} {
			key := sumKey{span, floorTo(c.Begins, span)}
			for i, k := range t.keys {
				key[2+i] = c.value(k)
			}
			v := sums[key]
			sums[key] = sumValues{v[0] + c.Calls, v[1] + c.TalkSeconds}
		}
	}
	return sums
}

func (c reportChange) value(column string) any {
	switch column {
	case "trunk_id":
		return c.TrunkID
	case "agent_id":
		return c.AgentID
	case "call_status":
		return string(c.CallStatus)
	case "disconnect_reason":
		return string(c.Reason)
	case "sip_code":
		return c.SIPCode
	default:
		return c.RingSeconds
	}
}

func (s *Store) addReportSums(ctx context.Context, tx *sqlx.Tx, t reportTable, sums map[sumKey]sumValues) error {
	keys := make([]sumKey, 0, len(sums))
	for k := range sums {
		keys = append(keys, k)
	}
	width := 2 + len(t.keys) + len(t.values)
	for some := range slices.Chunk(keys, foldedAtOnce) {
		args := make([]any, 0, width*len(some))
		for _, k := range some {
			args = append(args, k[:2+len(t.keys)]...)
			v := sums[k]
			for i := range t.values {
				args = append(args, v[i])
			}
		}
		row := "(?" + strings.Repeat(", ?", width-1) + ")"
		_, err := s.exec(ctx, tx, "INSERT INTO "+t.name+" (span, "+t.columns()+") VALUES "+row+strings.Repeat(", "+row, len(some)-1)+t.upsert(), args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// dropEmptySums deletes what a purge left without calls.
func (s *Store) dropEmptySums(ctx context.Context, tx *sqlx.Tx, changes []reportChange) error {
	type bucket struct{ span, begins int64 }
	touched := map[bucket]bool{}
	for _, c := range changes {
		if c.Calls < 0 {
			touched[bucket{quarterSpan, c.Begins}], touched[bucket{daySpan, floorTo(c.Begins, daySpan)}] = true, true
		}
	}
	for b := range touched {
		for _, t := range reportTables() {
			if _, err := s.exec(ctx, tx, "DELETE FROM "+t.name+" WHERE span = ? AND begins = ? AND calls = 0", b.span, b.begins); err != nil {
				return err
			}
		}
	}
	return nil
}
