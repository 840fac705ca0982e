package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

const (
	maxAttempts     = 1000
	maxResponseBody = 64 << 10
	maxHeaderValues = 100
)

// Trigger says who caused an attempt.
type Trigger string

// The triggers.
const (
	TriggerAutomatic Trigger = "automatic"
	TriggerReplay    Trigger = "replay"
)

// Attempt is one try to deliver. It holds no secret: request headers are not kept.
type Attempt struct {
	EventID         string
	N               int // 1 for the first of its trigger
	Trigger         Trigger
	StartedAt       time.Time
	URL             string
	Status          int    // HTTP status, 0 when there was no answer
	ErrorClass      string // empty when the CRM took it; else for example "timeout", "dns", "status"
	Error           string
	RemoteAddr      string        // the address that was really connected to
	DNS             time.Duration // the parts of the latency, to a microsecond
	Connect         time.Duration
	TLS             time.Duration
	FirstByte       time.Duration
	Total           time.Duration
	ResponseHeaders map[string][]string
	ResponseBody    []byte // the first 64 KiB; nil when there was none
	Truncated       bool   // there was more body or header than is kept
	NextAttemptAt   *time.Time
}

type attemptRow struct {
	EventID         string  `db:"event_id"`
	N               int     `db:"n"`
	Trigger         Trigger `db:"cause"`
	StartedAt       stamp   `db:"started_at"`
	URL             string  `db:"url"`
	Status          int     `db:"status"`
	ErrorClass      string  `db:"error_class"`
	Error           string  `db:"error"`
	RemoteAddr      string  `db:"remote_addr"`
	DNS             int64   `db:"dns_us"`
	Connect         int64   `db:"connect_us"`
	TLS             int64   `db:"tls_us"`
	FirstByte       int64   `db:"first_byte_us"`
	Total           int64   `db:"total_us"`
	ResponseHeaders string  `db:"response_headers"`
	ResponseBody    []byte  `db:"response_body"`
	Truncated       bool    `db:"truncated"`
	NextAttemptAt   *stamp  `db:"next_attempt_at"`
}

const attemptColumns = `event_id, n, cause, started_at, url, status, error_class, error, remote_addr, dns_us, connect_us,
	tls_us, first_byte_us, total_us, response_headers, response_body, truncated, next_attempt_at`

// SaveAttempt records an attempt and shows its result on the delivery. Idempotent on event id, number and trigger: the
// first record stays and counts once. What is too long is cut. ErrNotFound when there is no such delivery.
func (s *Store) SaveAttempt(ctx context.Context, a Attempt) error {
	row, err := rowOf(a)
	if err != nil {
		return fmt.Errorf("save attempt %d of %s: %w", a.N, a.EventID, err)
	}
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		known, err := s.exists(ctx, tx, `SELECT 1 FROM deliveries WHERE event_id = ?`, a.EventID)
		if err == nil && !known {
			err = ErrNotFound
		}
		if err != nil {
			return err
		}
		n, err := s.exec(ctx, tx, `INSERT INTO delivery_attempts (`+attemptColumns+`)
			VALUES (?`+strings.Repeat(`, ?`, strings.Count(attemptColumns, ","))+`) ON CONFLICT DO NOTHING`,
			row.EventID, row.N, row.Trigger, row.StartedAt, row.URL, row.Status, row.ErrorClass, row.Error, row.RemoteAddr,
			row.DNS, row.Connect, row.TLS, row.FirstByte, row.Total, row.ResponseHeaders, row.ResponseBody, row.Truncated,
			row.NextAttemptAt)
		if err != nil || n == 0 {
			return err
		}
		_, err = s.exec(ctx, tx, `UPDATE deliveries SET attempts = attempts + 1, last_status = ?, last_error = ?,
			next_attempt_at = CASE WHEN state = 'pending' THEN CAST(? AS `+s.target.timeType()+`) END WHERE event_id = ?`,
			row.Status, row.Error, row.NextAttemptAt, row.EventID)
		return err
	})
	if err != nil {
		return fmt.Errorf("save attempt %d of %s: %w", a.N, a.EventID, err)
	}
	return nil
}

func rowOf(a Attempt) (attemptRow, error) {
	if a.N < 1 || a.N > maxAttempts || (a.Trigger != TriggerAutomatic && a.Trigger != TriggerReplay) {
		return attemptRow{}, invalid("number %d must be 1 to %d, trigger %q automatic or replay", a.N, maxAttempts, a.Trigger)
	}
	headers, cut := boundHeaders(a.ResponseHeaders)
	encoded, err := json.Marshal(headers)
	if err != nil {
		return attemptRow{}, fmt.Errorf("render response headers: %w", err)
	}
	body := append([]byte{}, a.ResponseBody[:min(len(a.ResponseBody), maxResponseBody)]...) // never NULL
	return attemptRow{
		EventID: a.EventID, N: a.N, Trigger: a.Trigger, StartedAt: stamp(a.StartedAt), URL: clip(a.URL, maxText),
		Status: a.Status, ErrorClass: clip(a.ErrorClass, maxLabel), Error: clip(a.Error, maxText),
		RemoteAddr: clip(a.RemoteAddr, maxLabel),
		DNS:        a.DNS.Microseconds(), Connect: a.Connect.Microseconds(), TLS: a.TLS.Microseconds(),
		FirstByte: a.FirstByte.Microseconds(), Total: a.Total.Microseconds(),
		ResponseHeaders: string(encoded), ResponseBody: body,
		Truncated: a.Truncated || cut || len(body) < len(a.ResponseBody), NextAttemptAt: stampOf(a.NextAttemptAt),
	}, nil
}

func boundHeaders(headers map[string][]string) (bounded map[string][]string, cut bool) {
	bounded = map[string][]string{}
	count := 0
	for name, values := range headers {
		for _, v := range values {
			if count++; count > maxHeaderValues {
				return bounded, true
			}
			short := clip(v, maxText)
			cut = cut || len(short) < len(v)
			name = clip(name, maxLabel)
			bounded[name] = append(bounded[name], short)
		}
	}
	return bounded, cut
}

// Attempts returns the attempts of a delivery, oldest first, at most 1,000. Empty for an unknown event.
func (s *Store) Attempts(ctx context.Context, eventID string) ([]Attempt, error) {
	var rows []attemptRow
	err := s.list(ctx, s.read, &rows, `SELECT `+attemptColumns+` FROM delivery_attempts WHERE event_id = ?
		ORDER BY started_at, cause, n LIMIT ?`, eventID, maxAttempts)
	if err != nil {
		return nil, fmt.Errorf("list attempts of %s: %w", eventID, err)
	}
	attempts := make([]Attempt, len(rows))
	for i, r := range rows {
		if attempts[i], err = r.attempt(); err != nil {
			return nil, fmt.Errorf("read attempt %d of %s: %w", r.N, eventID, err)
		}
	}
	return attempts, nil
}

func (r attemptRow) attempt() (Attempt, error) {
	a := Attempt{
		EventID: r.EventID, N: r.N, Trigger: r.Trigger, StartedAt: time.Time(r.StartedAt), URL: r.URL, Status: r.Status,
		ErrorClass: r.ErrorClass, Error: r.Error, RemoteAddr: r.RemoteAddr, DNS: micros(r.DNS), Connect: micros(r.Connect),
		TLS: micros(r.TLS), FirstByte: micros(r.FirstByte), Total: micros(r.Total),
		Truncated: r.Truncated, NextAttemptAt: r.NextAttemptAt.time(),
	}
	if len(r.ResponseBody) > 0 { // the drivers differ in what an empty one is
		a.ResponseBody = r.ResponseBody
	}
	return a, json.Unmarshal([]byte(r.ResponseHeaders), &a.ResponseHeaders)
}

func micros(us int64) time.Duration { return time.Duration(us) * time.Microsecond }
