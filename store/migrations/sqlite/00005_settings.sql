-- +goose Up
CREATE TABLE settings (
    settings_id        INTEGER     PRIMARY KEY CHECK (settings_id = 1),
    version            INTEGER     NOT NULL,
    document           TEXT        NOT NULL,
    livekit_api_secret TEXT        NOT NULL,
    updated_at         INTEGER     NOT NULL,
    updated_by         TEXT        NOT NULL
) STRICT;
CREATE TABLE settings_history (
    version    INTEGER     PRIMARY KEY,
    changed_at INTEGER     NOT NULL,
    changed_by TEXT        NOT NULL,
    changes    TEXT        NOT NULL
) STRICT;
