-- +goose Up
CREATE TABLE trunks (
    trunk_id         text        PRIMARY KEY,
    label            text        NOT NULL,
    livekit_trunk_id text        NOT NULL,
    prefix           text        NOT NULL,
    default_did      text        NOT NULL,
    is_default       boolean     NOT NULL,
    enabled          boolean     NOT NULL,
    position         bigint      NOT NULL,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL
);
CREATE UNIQUE INDEX trunks_one_default ON trunks (is_default) WHERE is_default;
