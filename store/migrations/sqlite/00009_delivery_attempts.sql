-- +goose Up
CREATE TABLE delivery_attempts (
    event_id         TEXT        NOT NULL REFERENCES deliveries (event_id) ON DELETE CASCADE,
    n                INTEGER     NOT NULL,
    cause            TEXT        NOT NULL CHECK (cause IN ('automatic', 'replay', 'probe')),
    replay_id        TEXT        NOT NULL,
    started_at       INTEGER     NOT NULL,
    url              TEXT        NOT NULL,
    status           INTEGER     NOT NULL,
    error_class      TEXT        NOT NULL,
    error            TEXT        NOT NULL,
    remote_addr      TEXT        NOT NULL,
    dns_us           INTEGER     NOT NULL,
    connect_us       INTEGER     NOT NULL,
    tls_us           INTEGER     NOT NULL,
    first_byte_us    INTEGER     NOT NULL,
    total_us         INTEGER     NOT NULL,
    request_headers  TEXT        NOT NULL,
    response_headers TEXT        NOT NULL,
    response_body    BLOB        NOT NULL,
    truncated        INTEGER     NOT NULL,
    next_attempt_at  INTEGER,
    PRIMARY KEY (event_id, n, cause)
) STRICT;
CREATE UNIQUE INDEX delivery_attempts_replay ON delivery_attempts (event_id, replay_id) WHERE replay_id <> '';
