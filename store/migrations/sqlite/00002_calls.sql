-- +goose Up
CREATE TABLE calls (
    call_id             TEXT        PRIMARY KEY,
    case_id             TEXT        NOT NULL,
    customer_crm_id     TEXT        NOT NULL,
    agent_id            TEXT        NOT NULL,
    customer_number     TEXT        NOT NULL,
    did                 TEXT        NOT NULL,
    trunk_id            TEXT        NOT NULL REFERENCES trunks (trunk_id),
    status              TEXT        NOT NULL CHECK (status IN ('created', 'ringing', 'answered', 'ended')),
    watch_every_us      INTEGER     NOT NULL,
    created_at          INTEGER     NOT NULL,
    accepted_at         INTEGER,
    connected_at        INTEGER,
    answered_at         INTEGER,
    ended_at            INTEGER,
    leg_at_hangup       TEXT,
    timeline_count      INTEGER     NOT NULL DEFAULT 0,
    call_status         TEXT        CHECK (call_status IN ('ANSWERED', 'NOT_ANSWERED', 'FAILED')),
    disconnect_reason   TEXT,
    sip_disconnect_code INTEGER,
    duration_seconds    INTEGER,
    ring_seconds        INTEGER,
    hangup_by           TEXT,
    CHECK ((status = 'ended') = (call_status IS NOT NULL))
) STRICT;
CREATE INDEX calls_live       ON calls (call_id)                   WHERE accepted_at IS NOT NULL AND call_status IS NULL;
CREATE INDEX calls_newest     ON calls (created_at, call_id)       WHERE accepted_at IS NOT NULL;
CREATE INDEX calls_by_case    ON calls (case_id, created_at)       WHERE accepted_at IS NOT NULL;
CREATE INDEX calls_by_agent   ON calls (agent_id, created_at)      WHERE accepted_at IS NOT NULL;
CREATE INDEX calls_by_outcome ON calls (call_status, created_at)   WHERE accepted_at IS NOT NULL;
CREATE INDEX calls_by_trunk   ON calls (trunk_id, created_at);
