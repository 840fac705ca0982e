-- +goose Up
-- Until which call each kind of old data was purged, and since when the calls are gone through for it.
CREATE TABLE retention (
    what       TEXT    PRIMARY KEY,
    done_until INTEGER NOT NULL,
    begun_at   INTEGER NOT NULL
) STRICT;
