package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

const (
	maxAttempts     = 1000    // that Attempts returns
	maxNumber       = 1 << 30 // of an attempt
	maxProbes       = 100     // that are kept for a delivery
	maxResponseBody = 64 << 10
	maxHeaderValues = 100
)

// Trigger says who caused an attempt.
type Trigger string

// The triggers.
const (
	TriggerAutomatic Trigger = "automatic"
	TriggerReplay    Trigger = "replay" // an operator, or a program of theirs
	TriggerProbe     Trigger = "probe"  // the watch over a failing endpoint
)

// Attempt is one try to deliver. It holds no secret: the sender redacts URL and request headers.
type Attempt struct {
	EventID         string
	N               int // 1 for the first of its trigger
	Trigger         Trigger
	ReplayID        string // of the replay or probe; empty for an automatic attempt
	Run             string // of the workflow that made it; kept when it was the delivery's last one
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
	RequestHeaders  map[string][]string
	ResponseHeaders map[string][]string
	ResponseBody    []byte     // the first 64 KiB; nil when there was none
	Truncated       bool       // there was more body or header than is kept
	NextAttemptAt   *time.Time // nil for a failed automatic attempt: it was the last one
}

type attemptRow struct {
	EventID         string  `db:"event_id"`
	N               int     `db:"n"`
	Trigger         Trigger `db:"cause"`
	ReplayID        string  `db:"replay_id"`
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
	RequestHeaders  string  `db:"request_headers"`
	ResponseHeaders string  `db:"response_headers"`
	ResponseBody    []byte  `db:"response_body"`
	Truncated       bool    `db:"truncated"`
	NextAttemptAt   *stamp  `db:"next_attempt_at"`
}

const attemptColumns = `event_id, n, cause, replay_id, started_at, url, status, error_class, error, remote_addr, dns_us, connect_us,
	tls_us, first_byte_us, total_us, request_headers, response_headers, response_body, truncated, next_attempt_at`

// SaveAttempt records an attempt and what it means for its delivery, in one transaction: one that the CRM took makes it
// delivered, a failed automatic one makes it pending until the next one, or dead without one, and nothing takes back a delivery
// that succeeded. It ends the lease of the POST.
//
// Idempotent on event id, trigger and start, and on event id and replay id: the first record stays and counts once. When
// another attempt has taken its number, it gets the next one. What is too long is cut. Of a delivery's probes only the
// latest hundred are kept. ErrNotFound when there is no such delivery.
func (s *Store) SaveAttempt(ctx context.Context, a Attempt) error {
	row, err := rowOf(a)
	if err == nil {
		err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error { return s.saveAttempt(ctx, tx, row, a.Run) })
	}
	if err != nil {
		return fmt.Errorf("save attempt %d of %s: %w", a.N, a.EventID, err)
	}
	return nil
}

func (s *Store) saveAttempt(ctx context.Context, tx *sqlx.Tx, row attemptRow, run string) error {
	known, err := s.exists(ctx, tx, `SELECT 1 FROM deliveries WHERE event_id = ?`+s.target.forUpdate(), row.EventID)
	if err == nil && !known {
		err = ErrNotFound
	}
	if err != nil {
		return err
	}
	known, err = s.exists(ctx, tx, `SELECT 1 FROM delivery_attempts WHERE event_id = ? AND cause = ?
		AND (started_at = ? OR (replay_id <> '' AND replay_id = ?))`, row.EventID, row.Trigger, row.StartedAt, row.ReplayID)
	if err != nil {
		return err
	}
	if !known {
		if err := s.insertAttempt(ctx, tx, row); err != nil {
			return err
		}
	}
	return s.showAttempt(ctx, tx, row, run)
}

func (s *Store) insertAttempt(ctx context.Context, tx *sqlx.Tx, row attemptRow) error {
	taken := 0
	err := s.get(ctx, tx, &taken, `SELECT COALESCE(MAX(n), 0) FROM delivery_attempts WHERE event_id = ? AND cause = ?`,
		row.EventID, row.Trigger)
	if err != nil {
		return err
	}
	_, err = s.exec(ctx, tx, `INSERT INTO delivery_attempts (`+attemptColumns+`, endpoint_id)
		VALUES (?`+strings.Repeat(`, ?`, strings.Count(attemptColumns, ","))+`, (SELECT COALESCE(d.endpoint_id, e.endpoint_id)
			FROM deliveries d LEFT JOIN endpoints e ON e.is_default WHERE d.event_id = ?))`,
		row.EventID, max(row.N, taken+1), row.Trigger, row.ReplayID, row.StartedAt, row.URL, row.Status, row.ErrorClass, row.Error,
		row.RemoteAddr, row.DNS, row.Connect, row.TLS, row.FirstByte, row.Total, row.RequestHeaders, row.ResponseHeaders,
		row.ResponseBody, row.Truncated, row.NextAttemptAt, row.EventID)
	if err != nil {
		return err
	}
	counter := map[Trigger]string{TriggerAutomatic: "automatic_attempts", TriggerReplay: "replay_attempts", TriggerProbe: "probe_attempts"}[row.Trigger]
	_, err = s.exec(ctx, tx, `UPDATE deliveries SET `+counter+` = `+counter+` + 1, last_status = ?, last_error = ?, last_class = ?, lease_by = '',
		lease_until = NULL, unwritten = 0 WHERE event_id = ?`, row.Status, row.Error, row.ErrorClass, row.EventID)
	if err != nil || row.Trigger != TriggerProbe {
		return err
	}
	_, err = s.exec(ctx, tx, `DELETE FROM delivery_attempts WHERE event_id = ? AND cause = ? AND n <= ?`,
		row.EventID, TriggerProbe, taken+1-maxProbes)
	return err
}

// showAttempt moves the delivery. It also does so when the attempt was known: an attempt that the CRM took must count,
// even if it came second under the id of its replay.
func (s *Store) showAttempt(ctx context.Context, tx *sqlx.Tx, row attemptRow, run string) error {
	var err error
	switch {
	case row.ErrorClass == "":
		_, err = s.exec(ctx, tx, `UPDATE deliveries SET state = ?, delivered_at = COALESCE(delivered_at, ?), dead_at = NULL,
				dead_run = '', next_attempt_at = NULL WHERE event_id = ?`,
			DeliveryDelivered, stamp(time.Time(row.StartedAt).Add(micros(row.Total))), row.EventID)
	case row.Trigger != TriggerAutomatic: // the schedule stands as it was
	case row.NextAttemptAt == nil:
		_, err = s.exec(ctx, tx, `UPDATE deliveries SET state = ?, dead_at = ?, dead_run = ?, next_attempt_at = NULL
			WHERE event_id = ? AND state IN ('pending', 'parked')`, DeliveryDead, now(), run, row.EventID)
	default:
		_, err = s.exec(ctx, tx, `UPDATE deliveries SET state = ?, next_attempt_at = ? WHERE event_id = ? AND state IN ('pending', 'parked')`,
			DeliveryPending, row.NextAttemptAt, row.EventID)
	}
	return err
}

// MarkDelivered makes a waiting delivery one that the CRM took at a moment, where the attempt itself is not known any more. Idempotent:
// nothing happens to one that does not wait.
func (s *Store) MarkDelivered(ctx context.Context, eventID string, at time.Time) error {
	_, err := s.exec(ctx, s.write, `UPDATE deliveries SET state = ?, delivered_at = COALESCE(delivered_at, ?), next_attempt_at = NULL
		WHERE event_id = ? AND state IN ('pending', 'parked')`, DeliveryDelivered, stamp(at), eventID)
	if err != nil {
		return fmt.Errorf("mark delivery %s as delivered: %w", eventID, err)
	}
	return nil
}

func rowOf(a Attempt) (attemptRow, error) {
	switch {
	case a.N < 1 || a.N > maxNumber:
		return attemptRow{}, invalid("number %d must be 1 to %d", a.N, maxNumber)
	case a.Trigger != TriggerAutomatic && a.Trigger != TriggerReplay && a.Trigger != TriggerProbe:
		return attemptRow{}, invalid("trigger %q must be automatic, replay or probe", a.Trigger)
	case (a.ReplayID == "") != (a.Trigger == TriggerAutomatic) || len(a.ReplayID) > maxLabel:
		return attemptRow{}, invalid("a replay and a probe have an id of at most %d characters, an automatic attempt has none", maxLabel)
	}
	sent, cutSent, err := encodeHeaders(a.RequestHeaders)
	if err != nil {
		return attemptRow{}, fmt.Errorf("render request headers: %w", err)
	}
	answered, cut, err := encodeHeaders(a.ResponseHeaders)
	if err != nil {
		return attemptRow{}, fmt.Errorf("render response headers: %w", err)
	}
	body := append([]byte{}, a.ResponseBody[:min(len(a.ResponseBody), maxResponseBody)]...) // never NULL
	return attemptRow{
		EventID: a.EventID, N: a.N, Trigger: a.Trigger, ReplayID: a.ReplayID, StartedAt: stamp(a.StartedAt), URL: clip(a.URL, maxText),
		Status: a.Status, ErrorClass: clip(a.ErrorClass, maxLabel), Error: clip(a.Error, maxText),
		RemoteAddr: clip(a.RemoteAddr, maxLabel),
		DNS:        a.DNS.Microseconds(), Connect: a.Connect.Microseconds(), TLS: a.TLS.Microseconds(),
		FirstByte: a.FirstByte.Microseconds(), Total: a.Total.Microseconds(),
		RequestHeaders: sent, ResponseHeaders: answered, ResponseBody: body,
		Truncated: a.Truncated || cut || cutSent || len(body) < len(a.ResponseBody), NextAttemptAt: stampOf(a.NextAttemptAt),
	}, nil
}

func encodeHeaders(headers map[string][]string) (encoded string, cut bool, err error) {
	bounded, cut := boundHeaders(headers)
	text, err := json.Marshal(bounded)
	return string(text), cut, err
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

// AttemptOfReplay returns the attempt that a replay (or probe) made for an event. ErrNotFound when there is none yet.
func (s *Store) AttemptOfReplay(ctx context.Context, eventID, replayID string) (Attempt, error) {
	var row attemptRow
	err := s.get(ctx, s.read, &row, `SELECT `+attemptColumns+` FROM delivery_attempts
		WHERE event_id = ? AND replay_id = ? AND replay_id <> ''`, eventID, replayID)
	if err != nil {
		return Attempt{}, fmt.Errorf("read the attempt of replay %s for %s: %w", replayID, eventID, err)
	}
	return row.attempt()
}

func (r attemptRow) attempt() (Attempt, error) {
	a := Attempt{
		EventID: r.EventID, N: r.N, Trigger: r.Trigger, ReplayID: r.ReplayID, StartedAt: time.Time(r.StartedAt), URL: r.URL, Status: r.Status,
		ErrorClass: r.ErrorClass, Error: r.Error, RemoteAddr: r.RemoteAddr, DNS: micros(r.DNS), Connect: micros(r.Connect),
		TLS: micros(r.TLS), FirstByte: micros(r.FirstByte), Total: micros(r.Total),
		Truncated: r.Truncated, NextAttemptAt: r.NextAttemptAt.time(),
	}
	if len(r.ResponseBody) > 0 { // the drivers differ in what an empty one is
		a.ResponseBody = r.ResponseBody
	}
	err := errors.Join(json.Unmarshal([]byte(r.RequestHeaders), &a.RequestHeaders), json.Unmarshal([]byte(r.ResponseHeaders), &a.ResponseHeaders))
	return a, err
}

func micros(us int64) time.Duration { return time.Duration(us) * time.Microsecond }
