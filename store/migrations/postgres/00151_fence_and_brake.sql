-- +goose Up
-- The Temporal namespace in which the calls of this database run. One row.
CREATE TABLE temporal_namespace (
    only_one     integer     PRIMARY KEY CHECK (only_one = 1),
    namespace_id text        NOT NULL,
    name         text        NOT NULL,
    since        timestamptz NOT NULL
);
-- Whether the ledger holds back because too many calls seem to have lost their workflows, and an operator's word that it may go on.
-- One row.
CREATE TABLE ledger_brake (
    only_one       integer     PRIMARY KEY CHECK (only_one = 1),
    held_since     timestamptz,
    calls_gone     bigint      NOT NULL,
    calls_live     bigint      NOT NULL,
    released_until timestamptz,
    released_by    text        NOT NULL
);
-- When the ledger first found a call without a workflow, though both sides are in its room.
ALTER TABLE calls ADD COLUMN workflow_missed_at timestamptz;
