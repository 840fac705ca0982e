-- +goose Up
-- What the ledger's latest check found, and how much it has healed since the beginning. One row.
CREATE TABLE ledger (
    ledger_id                INTEGER     PRIMARY KEY CHECK (ledger_id = 1),
    checked_at               INTEGER     NOT NULL,
    calls_checked            INTEGER     NOT NULL,
    deliveries_checked       INTEGER     NOT NULL,
    calls_ended              INTEGER     NOT NULL,
    deliveries_started       INTEGER     NOT NULL,
    unresolved               TEXT        NOT NULL,
    calls_ended_total        INTEGER     NOT NULL,
    deliveries_started_total INTEGER     NOT NULL
) STRICT;
