-- +goose Up
-- Calls that were refused before they were accepted, kept for a day: a room that was left over from one is known as ours.
CREATE TABLE refused_calls (
    call_id    text        PRIMARY KEY,
    refused_at timestamptz NOT NULL
);
CREATE INDEX refused_calls_by_age ON refused_calls (refused_at);
