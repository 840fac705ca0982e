-- +goose Up
-- Since when a call is on hold, and which worker keeps it so (it plays the music) until when.
ALTER TABLE calls ADD COLUMN held_at         timestamptz;
ALTER TABLE calls ADD COLUMN hold_keeper     text;
ALTER TABLE calls ADD COLUMN hold_kept_until timestamptz;
