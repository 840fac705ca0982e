-- +goose Up
-- What the ledger's latest check found, and how much it has healed since the beginning. One row.
CREATE TABLE ledger (
    ledger_id                integer     PRIMARY KEY CHECK (ledger_id = 1),
    checked_at               timestamptz NOT NULL,
    calls_checked            bigint      NOT NULL,
    deliveries_checked       bigint      NOT NULL,
    calls_ended              bigint      NOT NULL,
    deliveries_started       bigint      NOT NULL,
    unresolved               text        NOT NULL,
    calls_ended_total        bigint      NOT NULL,
    deliveries_started_total bigint      NOT NULL
);
