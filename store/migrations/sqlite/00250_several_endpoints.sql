-- +goose Up
-- Endpoints beside the default one: what they are told of, with which waits and how fast. A removed one stays for its deliveries' sake.
ALTER TABLE endpoints ADD COLUMN name           TEXT    NOT NULL DEFAULT '';
ALTER TABLE endpoints ADD COLUMN event_types    TEXT    NOT NULL DEFAULT '[]';
ALTER TABLE endpoints ADD COLUMN filter         TEXT    NOT NULL DEFAULT '{}';
ALTER TABLE endpoints ADD COLUMN schedule       TEXT    NOT NULL DEFAULT '[]';
ALTER TABLE endpoints ADD COLUMN max_per_second INTEGER NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN removed_at     INTEGER;
-- How many events of the call there were.
ALTER TABLE calls ADD COLUMN event_sequence INTEGER NOT NULL DEFAULT 0;
