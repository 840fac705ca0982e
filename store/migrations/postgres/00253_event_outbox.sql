-- +goose Up
-- Events of calls that are under way, and of trunks, on their way to the endpoints that want them; written with what they tell of. They
-- are worth nothing late: a row lives for a minute, or an hour.
CREATE TABLE event_outbox (
    event_id        text        PRIMARY KEY,
    endpoint_id     text        NOT NULL REFERENCES endpoints (endpoint_id),
    subject         text        NOT NULL,
    sequence        bigint      NOT NULL,
    type            text        NOT NULL,
    body            bytea       NOT NULL,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    attempts        integer     NOT NULL,
    lease_by        text        NOT NULL,
    lease_until     timestamptz
);
-- One endpoint hears of one call, or trunk, in this order.
CREATE INDEX event_outbox_in_order ON event_outbox (endpoint_id, subject, sequence);
