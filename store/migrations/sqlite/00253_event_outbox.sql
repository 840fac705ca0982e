-- +goose Up
-- Events of calls that are under way, and of trunks, on their way to the endpoints that want them; written with what they tell of. They
-- are worth nothing late: a row lives for a minute, or an hour.
CREATE TABLE event_outbox (
    event_id        TEXT    PRIMARY KEY,
    endpoint_id     TEXT    NOT NULL REFERENCES endpoints (endpoint_id),
    subject         TEXT    NOT NULL,
    sequence        INTEGER NOT NULL,
    type            TEXT    NOT NULL,
    body            BLOB    NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    attempts        INTEGER NOT NULL,
    lease_by        TEXT    NOT NULL,
    lease_until     INTEGER
) STRICT;
-- One endpoint hears of one call, or trunk, in this order.
CREATE INDEX event_outbox_in_order ON event_outbox (endpoint_id, subject, sequence);
