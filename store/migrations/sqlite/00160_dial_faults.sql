-- +goose Up
-- What keeps calls from being dialed: a trunk that LiveKit does not know or that the carrier does not let in, or no SIP service at all.
CREATE TABLE dial_faults (
    subject TEXT    PRIMARY KEY, -- our trunk's id; empty: LiveKit's SIP service
    kind    TEXT    NOT NULL,
    signs   INTEGER NOT NULL,
    since   INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    told    INTEGER NOT NULL DEFAULT 0
) STRICT;
