-- +goose Up
-- The latest call that shows a caller ID; the condition keeps it out of all other plans.
CREATE INDEX calls_by_did ON calls (did, created_at) WHERE did <> '';
