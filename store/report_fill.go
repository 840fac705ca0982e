package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// fillStep is about how many calls are summed in one transaction.
const fillStep = 5_000

// FillReports sums the calls that were there before reports had sums, the newest first, a few at a time with a pause after each. What it
// adds is the difference between the calls and their sums, so it also mends sums. It goes on where one that was cut off stood; any number
// of processes may do it, each step is one's. Told, which may be nil, hears back to when the sums reach after each step.
func (s *Store) FillReports(ctx context.Context, told func(from time.Time)) error {
	return s.fillReports(ctx, fillStep, told)
}

func (s *Store) fillReports(ctx context.Context, step int, told func(from time.Time)) error {
	for {
		from, more := int64(0), false
		err := s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) (err error) {
			from, more, err = s.fillSome(ctx, tx, step)
			return err
		})
		if err != nil {
			return fmt.Errorf("fill the sums of reports: %w", err)
		}
		if !more {
			return nil
		}
		if told != nil {
			told(time.Unix(from, 0).UTC())
		}
		if err := rest(ctx); err != nil {
			return err
		}
	}
}

// RebuildReports has all sums of reports compared with the calls once more; [Store.FillReports] does it. Reports read what was not
// compared yet from the calls themselves.
func (s *Store) RebuildReports(ctx context.Context, now time.Time) error {
	if _, err := s.exec(ctx, s.write, `UPDATE report_filled SET filled_from = ?`, beginOf(now, daySpan)+2*daySpan); err != nil {
		return fmt.Errorf("rebuild the sums of reports: %w", err)
	}
	return nil
}

// filledFrom is the second back to which all calls are in the sums; 0: all are.
func (s *Store) filledFrom(ctx context.Context, q sqlx.QueryerContext) (from int64, err error) {
	return from, s.get(ctx, q, &from, `SELECT filled_from FROM report_filled`)
}

// fillSome sums the next few calls. More is false when all are.
func (s *Store) fillSome(ctx context.Context, tx *sqlx.Tx, step int) (from int64, more bool, err error) {
	if err := s.lockName(ctx, tx, reportLock); err != nil {
		return 0, false, err
	}
	hi, err := s.filledFrom(ctx, tx)
	if err != nil || hi == 0 {
		return 0, false, err
	}
	lo := int64(0)
	var oldest stamp
	err = s.get(ctx, tx, &oldest, `SELECT created_at FROM calls WHERE accepted_at IS NOT NULL AND created_at < ?
		ORDER BY created_at DESC, call_id DESC LIMIT 1 OFFSET `+fmt.Sprint(step), stamp(time.Unix(hi, 0)))
	switch {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return 0, false, err
	default: // at least one quarter of an hour, however many calls it has
		lo = max(0, min(beginOf(time.Time(oldest), quarterSpan)+quarterSpan, hi-quarterSpan))
	}
	for _, t := range reportTables() {
		if err := s.mendSums(ctx, tx, t, lo, hi); err != nil {
			return 0, false, err
		}
	}
	_, err = s.exec(ctx, tx, `UPDATE report_filled SET filled_from = ?`, lo)
	return lo, true, err
}

// mendSums adds to a table what the calls from lo to before hi say and their sums and changes do not. Outcomes go on meanwhile: each
// statement sees one moment, in which an outcome and its change are both there or neither is.
func (s *Store) mendSums(ctx context.Context, tx *sqlx.Tx, t reportTable, lo, hi int64) error {
	// A quarter of an hour that has no calls may have wrong sums: those before the first call are looked at with it.
	since, until := stamp(time.Unix(lo, 0)), stamp(time.Unix(hi, 0))
	calls := `SELECT ` + changeColumns + ` FROM (SELECT ` + s.target.quarterOf("created_at") + ` AS begins, trunk_id, agent_id, call_status,
			COALESCE(disconnect_reason, '') AS disconnect_reason, COALESCE(sip_disconnect_code, 0) AS sip_code,
			COALESCE(ring_seconds, 0) AS ring_seconds, 1 AS calls, CASE WHEN call_status = 'ANSWERED' THEN COALESCE(duration_seconds, 0) ELSE 0 END AS talk_seconds
		FROM calls WHERE accepted_at IS NOT NULL AND call_status IS NOT NULL AND created_at >= ? AND created_at < ?) AS ended WHERE ` + t.of
	told := `SELECT ` + changeColumns + ` FROM report_changes WHERE begins >= ? AND begins < ? AND ` + t.of
	_, err := s.exec(ctx, tx, t.difference(`begins`,
		`SELECT `+t.columns()+` FROM (`+calls+`) AS c UNION ALL SELECT `+t.negative()+` FROM (`+told+`) AS d
		UNION ALL SELECT `+t.negative()+` FROM `+t.name+` WHERE span = ? AND begins >= ? AND begins < ?`),
		quarterSpan, since, until, lo, hi, quarterSpan, lo, hi)
	if err != nil {
		return err
	}
	firstDay, lastDay := floorTo(lo, daySpan), floorTo(hi+daySpan-1, daySpan)
	_, err = s.exec(ctx, tx, t.difference(fmt.Sprintf("begins / %d * %d", daySpan, daySpan),
		`SELECT `+t.columns()+` FROM `+t.name+` WHERE span = ? AND begins >= ? AND begins < ?
		UNION ALL SELECT `+t.negative()+` FROM `+t.name+` WHERE span = ? AND begins >= ? AND begins < ?`),
		daySpan, quarterSpan, firstDay, lastDay, daySpan, firstDay, lastDay)
	return err
}

// difference inserts the sums of what untold selects where they are not 0, in spans that begin at an expression.
func (t reportTable) difference(begins, untold string) string {
	keys := strings.Join(t.keys, ", ")
	wrong := make([]string, len(t.values))
	for i, v := range t.values {
		wrong[i] = "SUM(" + v + ") <> 0"
	}
	return `INSERT INTO ` + t.name + ` (span, ` + t.columns() + `) SELECT CAST(? AS integer), ` + begins + ` AS begins_at, ` + keys + `, ` + t.sums() + `
		FROM (` + untold + `) AS untold GROUP BY begins_at, ` + keys + ` HAVING ` + strings.Join(wrong, " OR ") + t.upsert()
}

// quarterOf is the second in which a moment's quarter of an hour begins.
func (t target) quarterOf(column string) string {
	if t.dialect == dialectPostgres {
		return `floor(extract(epoch FROM ` + column + `) / 900)::bigint * 900`
	}
	return column + ` / 900000000 * 900`
}
