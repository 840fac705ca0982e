-- +goose Up
CREATE TABLE deliveries (
    event_id           TEXT        PRIMARY KEY,
    call_id            TEXT        NOT NULL UNIQUE REFERENCES calls (call_id),
    endpoint_id        TEXT        REFERENCES endpoints (endpoint_id),
    body               BLOB        NOT NULL,
    state              TEXT        NOT NULL CHECK (state IN ('pending', 'delivered', 'dead', 'parked')),
    automatic_attempts INTEGER     NOT NULL,
    replay_attempts    INTEGER     NOT NULL,
    probe_attempts     INTEGER     NOT NULL,
    schedule_from      INTEGER     NOT NULL,
    created_at         INTEGER     NOT NULL,
    next_attempt_at    INTEGER,
    delivered_at       INTEGER,
    dead_at            INTEGER,
    dead_run           TEXT        NOT NULL,
    last_status        INTEGER     NOT NULL,
    last_error         TEXT        NOT NULL
) STRICT;
CREATE INDEX deliveries_due ON deliveries (state, next_attempt_at);
CREATE INDEX deliveries_parked ON deliveries (endpoint_id, state, created_at, event_id);
CREATE INDEX deliveries_to_probe ON deliveries (endpoint_id, state, probe_attempts, created_at);
