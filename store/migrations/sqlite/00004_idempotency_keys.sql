-- +goose Up
CREATE TABLE idempotency_keys (
    owner      TEXT        NOT NULL,
    key_hash   BLOB        NOT NULL,
    body_hash  BLOB        NOT NULL,
    call_id    TEXT        NOT NULL,
    created_at INTEGER     NOT NULL,
    PRIMARY KEY (owner, key_hash)
) STRICT;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
