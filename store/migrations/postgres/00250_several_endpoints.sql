-- +goose Up
-- Endpoints beside the default one: what they are told of, with which waits and how fast. A removed one stays for its deliveries' sake.
ALTER TABLE endpoints ADD COLUMN name           text    NOT NULL DEFAULT '';
ALTER TABLE endpoints ADD COLUMN event_types    text    NOT NULL DEFAULT '[]';
ALTER TABLE endpoints ADD COLUMN filter         text    NOT NULL DEFAULT '{}';
ALTER TABLE endpoints ADD COLUMN schedule       text    NOT NULL DEFAULT '[]';
ALTER TABLE endpoints ADD COLUMN max_per_second integer NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN removed_at     timestamptz;
-- How many events of the call there were.
ALTER TABLE calls ADD COLUMN event_sequence integer NOT NULL DEFAULT 0;
