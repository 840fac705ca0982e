-- +goose Up
-- What a receiver's developer sees of one endpoint without a login. Of the token only its SHA-256 is here.
CREATE TABLE receiver_links (
    link_id      TEXT    PRIMARY KEY,
    endpoint_id  TEXT    NOT NULL REFERENCES endpoints (endpoint_id),
    name         TEXT    NOT NULL,
    token_hash   BLOB    NOT NULL UNIQUE,
    created_by   TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    revoked_at   INTEGER,
    last_used_at INTEGER
) STRICT;
