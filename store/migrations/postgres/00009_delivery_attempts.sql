-- +goose Up
CREATE TABLE delivery_attempts (
    event_id         text        NOT NULL REFERENCES deliveries (event_id) ON DELETE CASCADE,
    n                integer     NOT NULL,
    cause            text        NOT NULL CHECK (cause IN ('automatic', 'replay', 'probe')),
    replay_id        text        NOT NULL,
    started_at       timestamptz NOT NULL,
    url              text        NOT NULL,
    status           integer     NOT NULL,
    error_class      text        NOT NULL,
    error            text        NOT NULL,
    remote_addr      text        NOT NULL,
    dns_us           bigint      NOT NULL,
    connect_us       bigint      NOT NULL,
    tls_us           bigint      NOT NULL,
    first_byte_us    bigint      NOT NULL,
    total_us         bigint      NOT NULL,
    request_headers  text        NOT NULL,
    response_headers text        NOT NULL,
    response_body    bytea       NOT NULL,
    truncated        boolean     NOT NULL,
    next_attempt_at  timestamptz,
    PRIMARY KEY (event_id, n, cause)
);
CREATE UNIQUE INDEX delivery_attempts_replay ON delivery_attempts (event_id, replay_id) WHERE replay_id <> '';
