-- +goose Up
-- What a call began with, and keeps when the settings change meanwhile. A call from before this has the longest grace, the rule that
-- the agent must be in the room, and its trunk's prefix of today.
ALTER TABLE calls ADD COLUMN rejoin_grace_us bigint  NOT NULL DEFAULT 300000000;
ALTER TABLE calls ADD COLUMN require_agent   boolean NOT NULL DEFAULT TRUE;
ALTER TABLE calls ADD COLUMN dial_prefix     text;
