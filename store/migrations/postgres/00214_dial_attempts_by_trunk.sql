-- +goose NO TRANSACTION
-- +goose Up
-- The latest dials through a trunk. What a try that was cut off left behind is no index yet.
DROP INDEX CONCURRENTLY IF EXISTS dial_attempts_by_trunk;
CREATE INDEX CONCURRENTLY dial_attempts_by_trunk ON dial_attempts (trunk_id, started_at);
