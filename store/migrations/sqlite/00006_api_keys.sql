-- +goose Up
CREATE TABLE api_keys (
    key_id       TEXT        PRIMARY KEY,
    name         TEXT        NOT NULL,
    key_hash     BLOB        NOT NULL UNIQUE,
    last_four    TEXT        NOT NULL,
    created_at   INTEGER     NOT NULL,
    last_used_at INTEGER,
    revoked_at   INTEGER    
) STRICT;
