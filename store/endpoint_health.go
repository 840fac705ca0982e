package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// An endpoint's breaker opens after so many failures in a row, over at least so long, of at least two deliveries: one
// outcome that a healthy CRM cannot digest must not hold up the others, and neither must one bad moment of many calls.
const (
	breakerFailures = 10
	breakerAfter    = 30 * time.Second
)

// EndpointHealth is how an endpoint does, as its attempts told.
type EndpointHealth struct {
	Failures     int        // in a row; 0: the latest attempt went well
	FailingSince *time.Time // the first of them
	OpenedAt     *time.Time // when its breaker opened, which parks its deliveries; nil: it is closed
	Reason       string     // of the latest failure
	Holds        int        // how often its deliveries began to be held back, by the breaker or by a pause
}

// Open reports whether the breaker is open.
func (h EndpointHealth) Open() bool { return h.OpenedAt != nil }

// EndpointCounts are the endpoints by their breaker: closed, closed while attempts fail, and open.
type EndpointCounts struct {
	Well    int `db:"well"`
	Failing int `db:"failing"`
	Open    int `db:"opened"`
}

// CountEndpoints counts the endpoints by their breaker.
func (s *Store) CountEndpoints(ctx context.Context) (c EndpointCounts, err error) {
	err = s.get(ctx, s.read, &c, `SELECT COUNT(*) FILTER (WHERE opened_at IS NULL AND failures = 0) AS well,
		COUNT(*) FILTER (WHERE opened_at IS NULL AND failures > 0) AS failing, COUNT(opened_at) AS opened FROM endpoints WHERE removed_at IS NULL`)
	if err != nil {
		return EndpointCounts{}, fmt.Errorf("count endpoints: %w", err)
	}
	return c, nil
}

// EndpointResult is how an attempt went, for the endpoint's breaker.
type EndpointResult struct {
	At      time.Time
	EventID string
	OK      bool
	Gone    bool   // 410: opens the breaker at once
	Drained bool   // it was parked: the breaker that opens again does not wait for breakerAfter
	Error   string // why it failed
}

type healthRow struct {
	State        EndpointState `db:"state"`
	Failures     int           `db:"failures"`
	FailingSince *stamp        `db:"failing_since"`
	FailingEvent string        `db:"failing_event"`
	Several      bool          `db:"several_fail"`
	OpenedAt     *stamp        `db:"opened_at"`
	Reason       string        `db:"reason"`
	Holds        int           `db:"holds"`
}

const healthColumns = `state, failures, failing_since, failing_event, several_fail, opened_at, reason, holds`

func (r healthRow) health() EndpointHealth {
	return EndpointHealth{Failures: r.Failures, FailingSince: r.FailingSince.time(), OpenedAt: r.OpenedAt.time(), Reason: r.Reason, Holds: r.Holds}
}

// RecordResult tells an endpoint's breaker how an attempt went, and returns the health before and after. A success closes
// the breaker; ten failures in a row open it, if more than one delivery failed and they lasted 30 seconds or met deliveries that
// were parked; 410 opens it at once. Not idempotent. ErrNotFound when there is no such endpoint.
func (s *Store) RecordResult(ctx context.Context, endpointID string, r EndpointResult) (before, after EndpointHealth, err error) {
	row, err := s.health(ctx, s.read, endpointID, "")
	if err == nil && !(r.OK && row.Failures == 0 && row.OpenedAt == nil) {
		err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
			if row, err = s.health(ctx, tx, endpointID, s.target.forNoKeyUpdate()); err != nil {
				return err
			}
			before = row.health()
			row = row.with(r)
			return s.saveHealth(ctx, tx, endpointID, row)
		})
	} else {
		before = row.health()
	}
	if err != nil {
		return EndpointHealth{}, EndpointHealth{}, fmt.Errorf("record a result of endpoint %s: %w", endpointID, err)
	}
	return before, row.health(), nil
}

func (s *Store) health(ctx context.Context, q sqlx.QueryerContext, endpointID, lock string) (row healthRow, err error) {
	err = s.get(ctx, q, &row, `SELECT `+healthColumns+` FROM endpoints WHERE endpoint_id = ?`+lock, endpointID)
	return row, err
}

func (s *Store) saveHealth(ctx context.Context, tx *sqlx.Tx, endpointID string, r healthRow) error {
	_, err := s.exec(ctx, tx, `UPDATE endpoints SET failures = ?, failing_since = ?, failing_event = ?, several_fail = ?, opened_at = ?,
		reason = ?, holds = ? WHERE endpoint_id = ?`,
		r.Failures, r.FailingSince, r.FailingEvent, r.Several, r.OpenedAt, r.Reason, r.Holds, endpointID)
	return err
}

// with is the health after one more attempt.
func (r healthRow) with(result EndpointResult) healthRow {
	if result.OK {
		return healthRow{State: r.State, Holds: r.Holds}
	}
	at := stamp(result.At.UTC().Truncate(time.Microsecond))
	if r.Failures == 0 {
		r.FailingSince, r.FailingEvent, r.Several = &at, result.EventID, false
	}
	r.Failures++
	r.Several = r.Several || r.FailingEvent != result.EventID
	r.Reason = clip(result.Error, maxText)
	lasted := result.Drained || !time.Time(*r.FailingSince).Add(breakerAfter).After(result.At)
	enough := r.Failures >= breakerFailures && r.Several && lasted
	if r.OpenedAt == nil && (enough || result.Gone) {
		r.OpenedAt = &at
		r.Holds++
	}
	return r
}

// ProbeChoice is what a watch over an endpoint is to do next.
type ProbeChoice struct {
	Held    bool   // its deliveries are still held back, and have been so since the hold that was asked about began
	EventID string // the delivery to try the endpoint with; empty while it is paused
	Number  int    // which probe of that delivery it would be, from 1: a probe's id is made of it
	Pending bool   // the delivery is not parked: a workflow waits for it
}

// NextProbe says whether an endpoint's deliveries are still held back, and have been so since its hold number hold began.
// If so it returns the delivery to try it with: the oldest of those parked, and of those pending when none is, that were
// probed with least often, so that one outcome that the CRM cannot digest does not stand before all others. When nothing waits
// that it could be tried with, the breaker closes, and opens again at the first failure: the next delivery is the probe.
func (s *Store) NextProbe(ctx context.Context, endpointID string, hold int) (choice ProbeChoice, err error) {
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		row, err := s.health(ctx, tx, endpointID, s.target.forNoKeyUpdate())
		if err != nil {
			return err
		}
		paused := row.State == EndpointPaused
		if row.Holds != hold || (!paused && row.OpenedAt == nil) || paused {
			choice.Held = row.Holds == hold && paused
			return nil
		}
		choice, err = s.probeWith(ctx, tx, endpointID)
		if err != nil || choice.Held {
			return err
		}
		row.OpenedAt = nil
		return s.saveHealth(ctx, tx, endpointID, row)
	})
	if err != nil {
		return ProbeChoice{}, fmt.Errorf("choose a probe of endpoint %s: %w", endpointID, err)
	}
	return choice, nil
}

func (s *Store) probeWith(ctx context.Context, tx *sqlx.Tx, endpointID string) (ProbeChoice, error) {
	for _, state := range []DeliveryState{DeliveryParked, DeliveryPending} {
		var found []struct {
			EventID string `db:"event_id"`
			Probes  int    `db:"probe_attempts"`
		}
		err := s.list(ctx, tx, &found, `SELECT event_id, probe_attempts FROM deliveries WHERE endpoint_id = ? AND state = ?
			ORDER BY probe_attempts, created_at, event_id LIMIT 1`, endpointID, state)
		if err != nil {
			return ProbeChoice{}, err
		}
		if len(found) > 0 {
			return ProbeChoice{Held: true, EventID: found[0].EventID, Number: found[0].Probes + 1, Pending: state == DeliveryPending}, nil
		}
	}
	return ProbeChoice{}, nil
}
