-- +goose Up
CREATE TABLE key_check (
    key_check_id integer PRIMARY KEY CHECK (key_check_id = 1),
    sealed       text    NOT NULL
);
