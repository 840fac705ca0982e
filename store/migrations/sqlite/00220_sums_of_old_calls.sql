-- +goose Up
-- SQLite has one writer at a time, and few calls: 00152 counted what was there.
SELECT 1;
