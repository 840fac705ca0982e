-- +goose NO TRANSACTION
-- +goose Up
-- The search for the last digits of a number. What a try that was cut off left behind is no index yet.
DROP INDEX CONCURRENTLY IF EXISTS calls_by_number;
CREATE INDEX CONCURRENTLY calls_by_number ON calls ((reverse(customer_number) COLLATE "C")) WHERE accepted_at IS NOT NULL;
