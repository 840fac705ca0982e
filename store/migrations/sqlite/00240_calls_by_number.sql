-- +goose Up
-- SQLite looks through the calls, newest first: an installation that has many of them has PostgreSQL.
SELECT 1;
