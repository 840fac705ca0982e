-- +goose Up
-- The reply to a call's one dial, as JSON: kept while Temporal may not be told.
ALTER TABLE calls ADD COLUMN dial_reply text;
