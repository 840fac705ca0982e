-- +goose Up
CREATE TABLE deliveries (
    event_id           text        PRIMARY KEY,
    call_id            text        NOT NULL UNIQUE REFERENCES calls (call_id),
    endpoint_id        text        REFERENCES endpoints (endpoint_id),
    body               bytea       NOT NULL,
    state              text        NOT NULL CHECK (state IN ('pending', 'delivered', 'dead', 'parked')),
    automatic_attempts integer     NOT NULL,
    replay_attempts    integer     NOT NULL,
    probe_attempts     integer     NOT NULL,
    schedule_from      integer     NOT NULL,
    created_at         timestamptz NOT NULL,
    next_attempt_at    timestamptz,
    delivered_at       timestamptz,
    dead_at            timestamptz,
    dead_run           text        NOT NULL,
    last_status        integer     NOT NULL,
    last_error         text        NOT NULL
);
CREATE INDEX deliveries_due ON deliveries (state, next_attempt_at);
CREATE INDEX deliveries_parked ON deliveries (endpoint_id, state, created_at, event_id);
CREATE INDEX deliveries_to_probe ON deliveries (endpoint_id, state, probe_attempts, created_at);
