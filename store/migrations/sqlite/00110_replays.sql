-- +goose Up
CREATE TABLE replays (
    replay_id       TEXT    PRIMARY KEY,
    state           TEXT    NOT NULL CHECK (state IN ('running', 'paused', 'cancelled', 'done')),
    selection       TEXT    NOT NULL,
    rate_per_second INTEGER NOT NULL,
    total           INTEGER NOT NULL,
    succeeded       INTEGER NOT NULL,
    failed          INTEGER NOT NULL,
    skipped         INTEGER NOT NULL,
    created_by      TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    finished_at     INTEGER,
    running_since   INTEGER,
    running_from    INTEGER NOT NULL,
    worker          TEXT    NOT NULL
) STRICT;
CREATE INDEX replays_newest ON replays (created_at, replay_id);
CREATE INDEX replays_open ON replays (state) WHERE finished_at IS NULL;
CREATE TABLE replay_items (
    replay_id TEXT    NOT NULL REFERENCES replays (replay_id) ON DELETE CASCADE,
    n         INTEGER NOT NULL,
    event_id  TEXT    NOT NULL,
    was       TEXT    NOT NULL,
    result    TEXT    NOT NULL CHECK (result IN ('', 'succeeded', 'failed', 'skipped')),
    PRIMARY KEY (replay_id, n)
) STRICT;
CREATE UNIQUE INDEX replay_items_event ON replay_items (replay_id, event_id);
CREATE INDEX replay_items_left ON replay_items (replay_id, n) WHERE result = '';
