-- +goose Up
-- The Temporal namespace in which the calls of this database run. One row.
CREATE TABLE temporal_namespace (
    only_one     INTEGER     PRIMARY KEY CHECK (only_one = 1),
    namespace_id TEXT        NOT NULL,
    name         TEXT        NOT NULL,
    since        INTEGER     NOT NULL
) STRICT;
-- Whether the ledger holds back because too many calls seem to have lost their workflows, and an operator's word that it may go on.
-- One row.
CREATE TABLE ledger_brake (
    only_one       INTEGER     PRIMARY KEY CHECK (only_one = 1),
    held_since     INTEGER,
    calls_gone     INTEGER     NOT NULL,
    calls_live     INTEGER     NOT NULL,
    released_until INTEGER,
    released_by    TEXT        NOT NULL
) STRICT;
-- When the ledger first found a call without a workflow, though both sides are in its room.
ALTER TABLE calls ADD COLUMN workflow_missed_at INTEGER;
