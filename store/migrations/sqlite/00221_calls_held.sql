-- +goose Up
-- 00145 made the index of the calls on hold: SQLite builds none while others write.
SELECT 1;
