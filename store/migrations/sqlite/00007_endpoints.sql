-- +goose Up
CREATE TABLE endpoints (
    endpoint_id     TEXT        PRIMARY KEY,
    url             TEXT        NOT NULL,
    api_key         TEXT        NOT NULL,
    signing_secrets TEXT        NOT NULL,
    headers         TEXT        NOT NULL,
    tls             TEXT        NOT NULL,
    state           TEXT        NOT NULL CHECK (state IN ('active', 'paused')),
    failures        INTEGER     NOT NULL,
    failing_since   INTEGER,
    failing_event   TEXT        NOT NULL,
    several_fail    INTEGER     NOT NULL,
    opened_at       INTEGER,
    reason          TEXT        NOT NULL,
    holds           INTEGER     NOT NULL,
    is_default      INTEGER     NOT NULL,
    created_at      INTEGER     NOT NULL,
    updated_at      INTEGER     NOT NULL
) STRICT;
CREATE UNIQUE INDEX endpoints_one_default ON endpoints (is_default) WHERE is_default;
