-- +goose Up
CREATE TABLE key_check (
    key_check_id INTEGER PRIMARY KEY CHECK (key_check_id = 1),
    sealed       TEXT    NOT NULL
) STRICT;
