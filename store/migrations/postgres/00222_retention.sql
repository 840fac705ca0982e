-- +goose Up
-- Until which call each kind of old data was purged, and since when the calls are gone through for it.
CREATE TABLE retention (
    what       text        PRIMARY KEY,
    done_until timestamptz NOT NULL,
    begun_at   timestamptz NOT NULL
);
