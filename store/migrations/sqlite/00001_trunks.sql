-- +goose Up
CREATE TABLE trunks (
    trunk_id         TEXT        PRIMARY KEY,
    label            TEXT        NOT NULL,
    livekit_trunk_id TEXT        NOT NULL,
    prefix           TEXT        NOT NULL,
    default_did      TEXT        NOT NULL,
    is_default       INTEGER     NOT NULL,
    enabled          INTEGER     NOT NULL,
    position         INTEGER     NOT NULL,
    created_at       INTEGER     NOT NULL,
    updated_at       INTEGER     NOT NULL
) STRICT;
CREATE UNIQUE INDEX trunks_one_default ON trunks (is_default) WHERE is_default;
