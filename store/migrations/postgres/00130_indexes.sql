-- +goose Up
-- Those that wait are found by their state, and are few but in an outage of the CRM's.
DROP INDEX deliveries_due;
-- calls_by_outcome leads to the calls without one, and a replay's primary key to what it has left.
DROP INDEX calls_live;
DROP INDEX replay_items_left;
-- Few deliveries are ever parked: the others need no entry.
DROP INDEX deliveries_parked;
CREATE INDEX deliveries_parked ON deliveries (endpoint_id, created_at, event_id) WHERE state = 'parked';
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint_id, created_at, call_id);
CREATE INDEX calls_unaccepted  ON calls (created_at)                      WHERE accepted_at IS NULL;
CREATE INDEX calls_by_reason   ON calls (disconnect_reason, created_at)   WHERE disconnect_reason IS NOT NULL;
CREATE INDEX calls_by_sip_code ON calls (sip_disconnect_code, created_at) WHERE sip_disconnect_code IS NOT NULL;
