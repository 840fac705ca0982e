-- +goose Up
CREATE TABLE endpoints (
    endpoint_id     text        PRIMARY KEY,
    url             text        NOT NULL,
    api_key         text        NOT NULL,
    signing_secrets text        NOT NULL,
    headers         text        NOT NULL,
    tls             text        NOT NULL,
    state           text        NOT NULL CHECK (state IN ('active', 'paused')),
    failures        integer     NOT NULL,
    failing_since   timestamptz,
    failing_event   text        NOT NULL,
    several_fail    boolean     NOT NULL,
    opened_at       timestamptz,
    reason          text        NOT NULL,
    holds           integer     NOT NULL,
    is_default      boolean     NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL
);
CREATE UNIQUE INDEX endpoints_one_default ON endpoints (is_default) WHERE is_default;
