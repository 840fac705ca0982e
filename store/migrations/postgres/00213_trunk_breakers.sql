-- +goose Up
-- The breakers of trunks: open while opened_at is set. Dials that began at judged_from or before do not count.
CREATE TABLE trunk_breakers (
    trunk_id    text        PRIMARY KEY,
    opened_at   timestamptz,
    seen_at     timestamptz,
    why         text        NOT NULL DEFAULT '',
    judged_from timestamptz NOT NULL
);
