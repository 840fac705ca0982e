-- +goose Up
CREATE TABLE sessions (
    token_hash TEXT        PRIMARY KEY,
    data       BLOB        NOT NULL,
    expires_at INTEGER     NOT NULL,
    ended      INTEGER     NOT NULL
) STRICT;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
