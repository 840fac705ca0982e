-- +goose Up
-- Where one live call per agent is set, the second is not accepted: see the index of 00211.
ALTER TABLE calls ADD COLUMN sole_of_agent boolean NOT NULL DEFAULT false;
