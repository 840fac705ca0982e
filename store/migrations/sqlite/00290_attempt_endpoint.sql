-- +goose Up
-- To which endpoint an attempt went, so that the attempts of one are counted without their deliveries; and why a delivery's latest attempt failed.
ALTER TABLE delivery_attempts ADD COLUMN endpoint_id TEXT;
ALTER TABLE deliveries ADD COLUMN last_class TEXT NOT NULL DEFAULT '';
