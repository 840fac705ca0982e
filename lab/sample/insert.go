package sample

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

const received = "https://crm.example.com/hooks/click2call"

// insert writes the call with its timeline, its delivery and the attempts.
func (c call) insert(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO calls (call_id, case_id, customer_crm_id, agent_id, customer_number, did, trunk_id, status, watch_every_us,
			created_at, accepted_at, connected_at, answered_at, ended_at, call_status, disconnect_reason, sip_disconnect_code, duration_seconds, ring_seconds, hangup_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, 'ended', 1000000, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.id, c.caseID, c.crmID, c.agent, c.number, c.trunk.did, c.trunk.id, c.created.UnixMicro(), c.created.UnixMicro(), stamp(c.connected), stamp(c.answered),
		c.ended.UnixMicro(), c.outcome.status, c.outcome.reason, sql.NullInt64{Int64: int64(c.outcome.code), Valid: c.outcome.code != 0}, c.talk, c.ring, c.outcome.by)
	if err != nil {
		return fmt.Errorf("insert call: %w", err)
	}
	for n, e := range c.timeline() {
		_, err := tx.ExecContext(ctx, `INSERT INTO call_timeline (call_id, n, at, source, name, detail) VALUES (?, ?, ?, ?, ?, ?)`,
			c.id, n, e.at.UnixMicro(), e.source, e.name, e.detail)
		if err != nil {
			return fmt.Errorf("insert timeline: %w", err)
		}
	}
	if err := c.insertDelivery(ctx, tx); err != nil {
		return fmt.Errorf("insert delivery: %w", err)
	}
	r := rand.New(rand.NewPCG(uint64(c.created.UnixMicro()), 2))
	for i, a := range c.delivery.attempts {
		if err := c.insertAttempt(ctx, tx, i+1, a, r); err != nil {
			return fmt.Errorf("insert attempt: %w", err)
		}
	}
	return nil
}

func (c call) insertDelivery(ctx context.Context, tx *sql.Tx) error {
	d := c.delivery
	var last attempt
	if len(d.attempts) > 0 {
		last = d.attempts[len(d.attempts)-1]
	}
	var delivered, dead *time.Time
	switch d.state {
	case "delivered":
		delivered = &last.at
	case "dead":
		dead = &last.at
	default:
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO deliveries (event_id, call_id, endpoint_id, body, state, automatic_attempts, replay_attempts, probe_attempts,
			schedule_from, created_at, next_attempt_at, delivered_at, dead_at, dead_run, last_status, last_error, last_class)
		VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, ?, ?, ?, ?, '', ?, ?, ?)`,
		c.event, c.id, c.endpoint, d.body, d.state, len(d.attempts), c.ended.UnixMicro(), stamp(last.next), stamp(delivered), stamp(dead), last.status, last.error, last.class)
	return err
}

func (c call) insertAttempt(ctx context.Context, tx *sql.Tx, n int, a attempt, r *rand.Rand) error {
	sent, err := json.Marshal(map[string][]string{
		"Content-Type": {"application/json"}, "User-Agent": {"click2call/1.0"}, "Webhook-Id": {c.event}, "Webhook-Timestamp": {strconv.FormatInt(a.at.Unix(), 10)},
		"Webhook-Signature": {"v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="}, "X-Api-Key": {"[redacted]"}, "X-Click2call-Attempt": {strconv.Itoa(n)},
	})
	if err != nil {
		return fmt.Errorf("render request headers: %w", err)
	}
	answered := "{}"
	if a.status != 0 {
		answered = `{"Content-Type":["application/json"],"Date":["` + a.at.UTC().Format(time.RFC1123) + `"],"Server":["crm"]}`
	}
	dns, connect, tls, first, total := a.latencies(r)
	_, err = tx.ExecContext(ctx, `INSERT INTO delivery_attempts (event_id, n, cause, replay_id, started_at, url, status, error_class, error, remote_addr, dns_us, connect_us,
			tls_us, first_byte_us, total_us, request_headers, response_headers, response_body, truncated, next_attempt_at, endpoint_id)
		VALUES (?, ?, 'automatic', '', ?, ?, ?, ?, ?, '203.0.113.20:443', ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)`,
		c.event, n, a.at.UnixMicro(), received, a.status, a.class, a.error, dns, connect, tls, first, total, string(sent), answered, []byte(a.response), stamp(a.next), c.endpoint)
	return err
}

// stamp is a moment as the store's SQLite keeps it.
func stamp(t *time.Time) sql.NullInt64 {
	if t == nil {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: true}
}
