-- +goose Up
-- The attempts of a call's dial: each is claimed before its INVITE, holds a line of its trunk until released_at, and says how it ended.
CREATE TABLE dial_attempts (
    call_id     TEXT    NOT NULL,
    attempt     INTEGER NOT NULL,
    trunk_id    TEXT    NOT NULL,
    mark        TEXT    NOT NULL,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    released_at INTEGER,
    state       TEXT    NOT NULL DEFAULT '',
    sip_code    INTEGER,
    rang        TEXT    NOT NULL DEFAULT '',
    detail      TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (call_id, attempt)
) STRICT;
CREATE INDEX dial_attempts_freed ON dial_attempts (released_at);
CREATE INDEX dial_attempts_begun ON dial_attempts (started_at);
ALTER TABLE trunks ADD COLUMN max_concurrent_calls INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trunks ADD COLUMN max_calls_per_second INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN trunk_fixed INTEGER NOT NULL DEFAULT 0;
