-- +goose Up
CREATE TABLE idempotency_keys (
    owner      text        NOT NULL,
    key_hash   bytea       NOT NULL,
    body_hash  bytea       NOT NULL,
    call_id    text        NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (owner, key_hash)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
