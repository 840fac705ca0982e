-- +goose Up
-- Every version of the rules that decide whether a customer may be called; the newest counts.
CREATE TABLE permission_rules (
    version  bigint      PRIMARY KEY,
    document text        NOT NULL,
    saved_at timestamptz NOT NULL,
    saved_by text        NOT NULL
);
-- The key that numbers are hashed with, sealed with the secret key.
CREATE TABLE number_key (
    number_key_id bigint PRIMARY KEY CHECK (number_key_id = 1),
    sealed        text   NOT NULL
);
CREATE TABLE do_not_call_lists (
    list_id    text        PRIMARY KEY,
    name       text        NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
);
-- A number on a list, as a keyed hash.
CREATE TABLE do_not_call (
    number_hash bytea       NOT NULL,
    list_id     text        NOT NULL REFERENCES do_not_call_lists (list_id),
    reason      text        NOT NULL,
    added_at    timestamptz NOT NULL,
    expires_at  timestamptz,
    PRIMARY KEY (number_hash, list_id)
);
CREATE INDEX do_not_call_by_list ON do_not_call (list_id);
CREATE TABLE do_not_call_imports (
    import_id  text        PRIMARY KEY,
    list_id    text        NOT NULL REFERENCES do_not_call_lists (list_id),
    state      text        NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    taken      bigint      NOT NULL,
    refused    bigint      NOT NULL,
    faults     text        NOT NULL,
    started_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    started_by text        NOT NULL
);
CREATE INDEX do_not_call_imports_newest ON do_not_call_imports (started_at);
-- When a number was dialed, for the limits on how often; a week is kept.
CREATE TABLE dialed_numbers (
    number_hash bytea       NOT NULL,
    call_id     text        NOT NULL,
    dialed_at   timestamptz NOT NULL,
    PRIMARY KEY (number_hash, call_id)
);
CREATE INDEX dialed_numbers_by_time ON dialed_numbers (dialed_at);
ALTER TABLE calls ADD COLUMN purpose text;
ALTER TABLE calls ADD COLUMN permission text;
ALTER TABLE api_keys ADD COLUMN purpose text;
