package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

const (
	// purgeBatch is how many calls are purged in one transaction, and purgePause how long calls that live have the database to
	// themselves before the next.
	purgeBatch = 200
	purgePause = 50 * time.Millisecond
	// purgeAgain is after how long all old calls are gone through once more: an old delivery may have been replayed.
	purgeAgain = 7 * 24 * time.Hour
)

// Retention says how long each kind of data is kept, counted from when its call was placed. 0: for ever.
type Retention struct {
	Responses time.Duration // what a CRM answered to a webhook: headers and body
	Attempts  time.Duration // each attempt to deliver an outcome that arrived or was given up
	Timelines time.Duration // the course of a call
	Numbers   time.Duration // the customer's number, in the call and in its webhook's body, once that arrived or was given up
	Calls     time.Duration // the call, its outcome and its delivery, once that arrived or was given up: the statistics go with them
	Audit     time.Duration // an entry of the audit log, from when it was made
}

// purge is what becomes of one kind of data. Its statements have one place for a range of calls.
type purge struct {
	what       string
	age        time.Duration
	statements []string
}

// endedBetween are the calls that were placed in a range and are over: two values, its beginning and its end.
const endedBetween = `(SELECT call_id FROM calls WHERE accepted_at IS NOT NULL AND created_at >= ? AND created_at < ? AND call_status IS NOT NULL)`

func (s *Store) purges(keep Retention) []purge {
	finished := `(SELECT event_id FROM deliveries WHERE state IN ('delivered', 'dead') AND call_id IN ` + endedBetween + `)`
	// An outcome that is still on its way keeps its call and its bytes, however old it is.
	settled := strings.TrimSuffix(endedBetween, ")") + ` AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.call_id = calls.call_id
		AND d.state IN ('pending', 'parked')))`
	numbered := strings.TrimSuffix(settled, ")") + ` AND customer_number <> '')` // what was done is not written again
	return []purge{
		{"responses", keep.Responses, []string{`UPDATE delivery_attempts SET response_body = ` + s.target.noBytes() + `, response_headers = '{}'
			WHERE (length(response_body) > 0 OR response_headers <> '{}') AND event_id IN ` + finished}},
		{"attempts", keep.Attempts, []string{`DELETE FROM delivery_attempts WHERE event_id IN ` + finished}},
		{"timelines", keep.Timelines, []string{`DELETE FROM call_timeline WHERE call_id IN ` + endedBetween}},
		{"numbers", keep.Numbers, []string{
			`UPDATE deliveries SET body = ` + s.target.bodyWithoutNumber() + ` WHERE call_id IN ` + numbered,
			`UPDATE calls SET customer_number = '' WHERE call_id IN ` + numbered,
		}},
		{"calls", keep.Calls, []string{
			`DELETE FROM deliveries WHERE call_id IN ` + settled,
			`DELETE FROM calls WHERE call_id IN ` + settled,
		}},
	}
}

// noBytes is an empty value of a column of bytes.
func (t target) noBytes() string {
	if t.dialect == dialectPostgres {
		return `''::bytea`
	}
	return `x''`
}

// bodyWithoutNumber is the webhook's body without the number of its call.
func (t target) bodyWithoutNumber() string {
	const number = `(SELECT customer_number FROM calls WHERE calls.call_id = deliveries.call_id)`
	if t.dialect == dialectPostgres {
		return `convert_to(replace(convert_from(body, 'UTF8'), '"phone_to":"' || ` + number + ` || '"', '"phone_to":""'), 'UTF8')`
	}
	return `CAST(replace(CAST(body AS text), '"phone_to":"' || ` + number + ` || '"', '"phone_to":""') AS blob)`
}

// Purge deletes what is older than it is to be kept, a few hundred calls at a time with a pause after each. It goes on where a purge that
// was cut off stood, and any number of processes may run it: each batch is one transaction, and one process's.
func (s *Store) Purge(ctx context.Context, now time.Time, keep Retention) error {
	var failed []error
	for _, p := range s.purges(keep) {
		if p.age > 0 {
			failed = append(failed, s.purgeCalls(ctx, now, p))
		}
	}
	if keep.Audit > 0 {
		failed = append(failed, s.purgeAudit(ctx, now.Add(-keep.Audit)))
	}
	return errors.Join(failed...)
}

func (s *Store) purgeCalls(ctx context.Context, now time.Time, p purge) error {
	for {
		more, err := s.purgeSome(ctx, now, p)
		if err != nil {
			return fmt.Errorf("purge %s: %w", p.what, err)
		}
		if !more {
			return nil
		}
		if err := rest(ctx); err != nil {
			return err
		}
	}
}

// purgeSome purges the next few calls, and reports whether there are more.
func (s *Store) purgeSome(ctx context.Context, now time.Time, p purge) (more bool, err error) {
	until := now.Add(-p.age)
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if _, err := s.exec(ctx, tx, `INSERT INTO retention (what, done_until, begun_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
			p.what, stamp(time.Unix(0, 0)), stamp(now)); err != nil {
			return err
		}
		var done struct {
			Until stamp `db:"done_until"`
			Begun stamp `db:"begun_at"`
		}
		if err := s.get(ctx, tx, &done, `SELECT done_until, begun_at FROM retention WHERE what = ?`+s.target.forUpdate(), p.what); err != nil {
			return err
		}
		from := time.Time(done.Until)
		if now.Sub(time.Time(done.Begun)) > purgeAgain {
			from, done.Begun = time.Unix(0, 0), stamp(now)
		}
		if !from.Before(until) {
			return nil
		}
		to, err := s.endOfBatch(ctx, tx, from, until)
		if err != nil {
			return err
		}
		for _, statement := range p.statements {
			if _, err := s.exec(ctx, tx, statement, stamp(from), stamp(to)); err != nil {
				return err
			}
		}
		more = to.Before(until)
		_, err = s.exec(ctx, tx, `UPDATE retention SET done_until = ?, begun_at = ? WHERE what = ?`, stamp(to), done.Begun, p.what)
		return err
	})
	return more, err
}

// endOfBatch is the moment before which about purgeBatch calls were placed, until at the latest.
func (s *Store) endOfBatch(ctx context.Context, tx *sqlx.Tx, from, until time.Time) (time.Time, error) {
	var next stamp
	err := s.get(ctx, tx, &next, `SELECT created_at FROM calls WHERE accepted_at IS NOT NULL AND created_at >= ? AND created_at < ?
		ORDER BY created_at LIMIT 1 OFFSET `+fmt.Sprint(purgeBatch), stamp(from), stamp(until))
	switch {
	case errors.Is(err, ErrNotFound):
		return until, nil
	case err != nil:
		return until, err
	case !time.Time(next).After(from):
		return from.Add(time.Microsecond), nil // so many of one microsecond
	}
	return time.Time(next), nil
}

func (s *Store) purgeAudit(ctx context.Context, before time.Time) error {
	for {
		n, err := s.exec(ctx, s.write, `DELETE FROM audit_log WHERE audit_id IN (SELECT audit_id FROM audit_log ORDER BY audit_id LIMIT ?) AND at < ?`,
			maxPurge, stamp(before))
		if err != nil {
			return fmt.Errorf("purge the audit log: %w", err)
		}
		if n < maxPurge {
			return nil
		}
		if err := rest(ctx); err != nil {
			return err
		}
	}
}

// rest lets the calls that live have the database to themselves for a moment.
func rest(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(purgePause):
		return nil
	}
}
