-- +goose Up
-- The breakers of trunks: open while opened_at is set. Dials that began at judged_from or before do not count.
CREATE TABLE trunk_breakers (
    trunk_id    TEXT    PRIMARY KEY,
    opened_at   INTEGER,
    seen_at     INTEGER,
    why         TEXT    NOT NULL DEFAULT '',
    judged_from INTEGER NOT NULL
) STRICT;
CREATE INDEX dial_attempts_by_trunk ON dial_attempts (trunk_id, started_at);
