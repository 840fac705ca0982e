-- +goose Up
-- Which calls leave through which trunks, in the order in which they are asked.
CREATE TABLE routes (
    route_id   TEXT    PRIMARY KEY,
    position   INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    enabled    INTEGER NOT NULL,
    document   TEXT    NOT NULL,
    turn       INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL
) STRICT;
