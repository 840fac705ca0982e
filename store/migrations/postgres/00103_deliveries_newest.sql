-- +goose Up
CREATE INDEX deliveries_newest   ON deliveries (created_at, call_id);
CREATE INDEX deliveries_by_state ON deliveries (state, created_at, call_id);
