-- +goose Up
CREATE TABLE call_timeline (
    call_id TEXT        NOT NULL REFERENCES calls (call_id) ON DELETE CASCADE,
    n       INTEGER     NOT NULL,
    at      INTEGER     NOT NULL,
    source  TEXT        NOT NULL,
    name    TEXT        NOT NULL,
    detail  TEXT        NOT NULL,
    PRIMARY KEY (call_id, n)
) STRICT;
