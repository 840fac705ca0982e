-- +goose Up
-- Calls that were refused before they were accepted, kept for a day: a room that was left over from one is known as ours.
CREATE TABLE refused_calls (
    call_id    TEXT    PRIMARY KEY,
    refused_at INTEGER NOT NULL
) STRICT;
CREATE INDEX refused_calls_by_age ON refused_calls (refused_at);
