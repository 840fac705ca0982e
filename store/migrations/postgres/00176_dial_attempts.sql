-- +goose Up
-- The attempts of a call's dial: each is claimed before its INVITE, holds a line of its trunk until released_at, and says how it ended.
CREATE TABLE dial_attempts (
    call_id     text        NOT NULL,
    attempt     integer     NOT NULL,
    trunk_id    text        NOT NULL,
    mark        text        NOT NULL,
    started_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    released_at timestamptz,
    state       text        NOT NULL DEFAULT '',
    sip_code    integer,
    rang        text        NOT NULL DEFAULT '',
    detail      text        NOT NULL DEFAULT '',
    PRIMARY KEY (call_id, attempt)
);
CREATE INDEX dial_attempts_freed ON dial_attempts (released_at);
CREATE INDEX dial_attempts_begun ON dial_attempts (started_at);
ALTER TABLE trunks ADD COLUMN max_concurrent_calls integer NOT NULL DEFAULT 0;
ALTER TABLE trunks ADD COLUMN max_calls_per_second integer NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN trunk_fixed boolean NOT NULL DEFAULT false;
