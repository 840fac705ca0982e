-- +goose NO TRANSACTION
-- +goose Up
-- The latest call that shows a caller ID; the condition keeps it out of all other plans. What a try that was cut off left behind is no index yet.
DROP INDEX CONCURRENTLY IF EXISTS calls_by_did;
CREATE INDEX CONCURRENTLY calls_by_did ON calls (did, created_at) WHERE did <> '';
