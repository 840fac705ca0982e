-- +goose Up
CREATE TABLE replays (
    replay_id       text        PRIMARY KEY,
    state           text        NOT NULL CHECK (state IN ('running', 'paused', 'cancelled', 'done')),
    selection       text        NOT NULL,
    rate_per_second integer     NOT NULL,
    total           integer     NOT NULL,
    succeeded       integer     NOT NULL,
    failed          integer     NOT NULL,
    skipped         integer     NOT NULL,
    created_by      text        NOT NULL,
    created_at      timestamptz NOT NULL,
    finished_at     timestamptz,
    running_since   timestamptz,
    running_from    integer     NOT NULL,
    worker          text        NOT NULL
);
CREATE INDEX replays_newest ON replays (created_at, replay_id);
CREATE INDEX replays_open ON replays (state) WHERE finished_at IS NULL;
CREATE TABLE replay_items (
    replay_id text    NOT NULL REFERENCES replays (replay_id) ON DELETE CASCADE,
    n         integer NOT NULL,
    event_id  text    NOT NULL,
    was       text    NOT NULL,
    result    text    NOT NULL CHECK (result IN ('', 'succeeded', 'failed', 'skipped')),
    PRIMARY KEY (replay_id, n)
);
CREATE UNIQUE INDEX replay_items_event ON replay_items (replay_id, event_id);
CREATE INDEX replay_items_left ON replay_items (replay_id, n) WHERE result = '';
