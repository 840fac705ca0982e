-- +goose NO TRANSACTION
-- +goose Up
-- Before 00252 takes away the constraint whose index leads to the deliveries of a call.
DROP INDEX CONCURRENTLY IF EXISTS deliveries_of_call;
CREATE INDEX CONCURRENTLY deliveries_of_call ON deliveries (call_id);
