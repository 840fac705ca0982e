-- +goose Up
-- The calls that wait for a line, in the order in which they came. A row says nothing of a call that was dialed or is over.
CREATE TABLE dial_queue (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    call_id  TEXT    NOT NULL UNIQUE,
    trunks   TEXT    NOT NULL, -- their ids, as JSON
    until    INTEGER NOT NULL,
    woken_at INTEGER
) STRICT;
ALTER TABLE calls ADD COLUMN queued_at INTEGER;
