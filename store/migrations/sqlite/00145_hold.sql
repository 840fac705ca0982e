-- +goose Up
-- Since when a call is on hold, and which worker keeps it so (it plays the music) until when.
ALTER TABLE calls ADD COLUMN held_at         INTEGER;
ALTER TABLE calls ADD COLUMN hold_keeper     TEXT;
ALTER TABLE calls ADD COLUMN hold_kept_until INTEGER;
CREATE INDEX calls_held ON calls (held_at) WHERE held_at IS NOT NULL AND call_status IS NULL;
