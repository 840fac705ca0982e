-- +goose Up
-- Every version of the rules that decide whether a customer may be called; the newest counts.
CREATE TABLE permission_rules (
    version  INTEGER PRIMARY KEY,
    document TEXT    NOT NULL,
    saved_at INTEGER NOT NULL,
    saved_by TEXT    NOT NULL
) STRICT;
-- The key that numbers are hashed with, sealed with the secret key.
CREATE TABLE number_key (
    number_key_id INTEGER PRIMARY KEY CHECK (number_key_id = 1),
    sealed        TEXT    NOT NULL
) STRICT;
CREATE TABLE do_not_call_lists (
    list_id    TEXT    PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;
-- A number on a list, as a keyed hash.
CREATE TABLE do_not_call (
    number_hash BLOB    NOT NULL,
    list_id     TEXT    NOT NULL REFERENCES do_not_call_lists (list_id),
    reason      TEXT    NOT NULL,
    added_at    INTEGER NOT NULL,
    expires_at  INTEGER,
    PRIMARY KEY (number_hash, list_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX do_not_call_by_list ON do_not_call (list_id);
CREATE TABLE do_not_call_imports (
    import_id  TEXT    PRIMARY KEY,
    list_id    TEXT    NOT NULL REFERENCES do_not_call_lists (list_id),
    state      TEXT    NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    taken      INTEGER NOT NULL,
    refused    INTEGER NOT NULL,
    faults     TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    started_by TEXT    NOT NULL
) STRICT;
CREATE INDEX do_not_call_imports_newest ON do_not_call_imports (started_at);
-- When a number was dialed, for the limits on how often; a week is kept.
CREATE TABLE dialed_numbers (
    number_hash BLOB    NOT NULL,
    call_id     TEXT    NOT NULL,
    dialed_at   INTEGER NOT NULL,
    PRIMARY KEY (number_hash, call_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX dialed_numbers_by_time ON dialed_numbers (dialed_at);
ALTER TABLE calls ADD COLUMN purpose TEXT;
ALTER TABLE calls ADD COLUMN permission TEXT;
ALTER TABLE api_keys ADD COLUMN purpose TEXT;
