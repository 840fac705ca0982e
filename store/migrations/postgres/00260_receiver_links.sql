-- +goose Up
-- What a receiver's developer sees of one endpoint without a login. Of the token only its SHA-256 is here.
CREATE TABLE receiver_links (
    link_id      text        PRIMARY KEY,
    endpoint_id  text        NOT NULL REFERENCES endpoints (endpoint_id),
    name         text        NOT NULL,
    token_hash   bytea       NOT NULL UNIQUE,
    created_by   text        NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz,
    last_used_at timestamptz
);
