-- +goose Up
-- Who has a call's one dial: the mark of the first execution that took it. It outlives Temporal, which runs a dial again when an
-- operator resets the workflow, or when it was restored from an older backup.
ALTER TABLE calls ADD COLUMN dial_claim text;
