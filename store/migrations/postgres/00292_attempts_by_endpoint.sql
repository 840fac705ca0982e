-- +goose NO TRANSACTION
-- +goose Up
-- An endpoint's attempts of some days are counted from the index alone. What a try that was cut off left behind is no index yet.
DROP INDEX CONCURRENTLY IF EXISTS delivery_attempts_by_endpoint;
CREATE INDEX CONCURRENTLY delivery_attempts_by_endpoint ON delivery_attempts (endpoint_id, started_at, status, error_class, total_us);
