-- +goose Up
-- What keeps calls from being dialed: a trunk that LiveKit does not know or that the carrier does not let in, or no SIP service at all.
CREATE TABLE dial_faults (
    subject text        PRIMARY KEY, -- our trunk's id; empty: LiveKit's SIP service
    kind    text        NOT NULL,
    signs   integer     NOT NULL,
    since   timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    told    boolean     NOT NULL DEFAULT FALSE
);
