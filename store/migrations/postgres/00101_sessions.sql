-- +goose Up
CREATE TABLE sessions (
    token_hash text        PRIMARY KEY,
    data       bytea       NOT NULL,
    expires_at timestamptz NOT NULL,
    ended      boolean     NOT NULL
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
