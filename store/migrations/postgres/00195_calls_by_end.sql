-- +goose Up
-- The overview shows the calls that ended last: a long one began before many that ended sooner.
CREATE INDEX calls_by_end ON calls (ended_at) WHERE ended_at IS NOT NULL;
