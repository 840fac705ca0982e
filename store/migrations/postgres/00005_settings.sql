-- +goose Up
CREATE TABLE settings (
    settings_id        integer     PRIMARY KEY CHECK (settings_id = 1),
    version            bigint      NOT NULL,
    document           text        NOT NULL,
    livekit_api_secret text        NOT NULL,
    updated_at         timestamptz NOT NULL,
    updated_by         text        NOT NULL
);
CREATE TABLE settings_history (
    version    bigint      PRIMARY KEY,
    changed_at timestamptz NOT NULL,
    changed_by text        NOT NULL,
    changes    text        NOT NULL
);
