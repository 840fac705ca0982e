-- +goose Up
-- The calls that wait for a line, in the order in which they came. A row says nothing of a call that was dialed or is over.
CREATE TABLE dial_queue (
    seq      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    call_id  text        NOT NULL UNIQUE,
    trunks   text        NOT NULL, -- their ids, as JSON
    until    timestamptz NOT NULL,
    woken_at timestamptz
);
ALTER TABLE calls ADD COLUMN queued_at timestamptz;
