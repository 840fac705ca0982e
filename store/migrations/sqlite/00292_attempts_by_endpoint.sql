-- +goose Up
-- An endpoint's attempts of some days are counted from the index alone.
CREATE INDEX delivery_attempts_by_endpoint ON delivery_attempts (endpoint_id, started_at, status, error_class, total_us);
