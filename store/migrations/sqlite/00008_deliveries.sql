-- +goose Up
CREATE TABLE deliveries (
    event_id        TEXT        PRIMARY KEY,
    call_id         TEXT        NOT NULL UNIQUE REFERENCES calls (call_id),
    endpoint_id     TEXT        REFERENCES endpoints (endpoint_id),
    body            BLOB        NOT NULL,
    state           TEXT        NOT NULL CHECK (state IN ('pending', 'delivered', 'dead', 'parked')),
    attempts        INTEGER     NOT NULL,
    created_at      INTEGER     NOT NULL,
    next_attempt_at INTEGER,
    delivered_at    INTEGER,
    dead_at         INTEGER,
    last_status     INTEGER     NOT NULL,
    last_error      TEXT        NOT NULL
) STRICT;
CREATE INDEX deliveries_due ON deliveries (state, next_attempt_at);
