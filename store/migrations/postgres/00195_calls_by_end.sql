-- +goose NO TRANSACTION
-- +goose Up
-- The overview shows the calls that ended last: a long one began before many that ended sooner. What a try that was cut off left
-- behind is no index yet.
DROP INDEX CONCURRENTLY IF EXISTS calls_by_end;
CREATE INDEX CONCURRENTLY calls_by_end ON calls (ended_at) WHERE ended_at IS NOT NULL;
