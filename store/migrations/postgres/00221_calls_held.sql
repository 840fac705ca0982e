-- +goose NO TRANSACTION
-- +goose Up
-- The calls on hold. What a try that was cut off left behind is no index yet.
DROP INDEX CONCURRENTLY IF EXISTS calls_held;
CREATE INDEX CONCURRENTLY calls_held ON calls (held_at) WHERE held_at IS NOT NULL AND call_status IS NULL;
