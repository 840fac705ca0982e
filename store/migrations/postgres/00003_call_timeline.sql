-- +goose Up
CREATE TABLE call_timeline (
    call_id text        NOT NULL REFERENCES calls (call_id) ON DELETE CASCADE,
    n       integer     NOT NULL,
    at      timestamptz NOT NULL,
    source  text        NOT NULL,
    name    text        NOT NULL,
    detail  text        NOT NULL,
    PRIMARY KEY (call_id, n)
);
