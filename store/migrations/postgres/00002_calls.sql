-- +goose Up
CREATE TABLE calls (
    call_id             text        PRIMARY KEY,
    case_id             text        NOT NULL,
    customer_crm_id     text        NOT NULL,
    agent_id            text        NOT NULL,
    customer_number     text        NOT NULL,
    did                 text        NOT NULL,
    trunk_id            text        NOT NULL REFERENCES trunks (trunk_id),
    status              text        NOT NULL CHECK (status IN ('created', 'ringing', 'answered', 'ended')),
    watch_every_us      bigint      NOT NULL,
    created_at          timestamptz NOT NULL,
    accepted_at         timestamptz,
    connected_at        timestamptz,
    answered_at         timestamptz,
    ended_at            timestamptz,
    leg_at_hangup       text,
    timeline_count      integer     NOT NULL DEFAULT 0,
    call_status         text        CHECK (call_status IN ('ANSWERED', 'NOT_ANSWERED', 'FAILED')),
    disconnect_reason   text,
    sip_disconnect_code integer,
    duration_seconds    integer,
    ring_seconds        integer,
    hangup_by           text,
    CHECK ((status = 'ended') = (call_status IS NOT NULL))
);
CREATE INDEX calls_live       ON calls (call_id)                   WHERE accepted_at IS NOT NULL AND call_status IS NULL;
CREATE INDEX calls_newest     ON calls (created_at, call_id)       WHERE accepted_at IS NOT NULL;
CREATE INDEX calls_by_case    ON calls (case_id, created_at)       WHERE accepted_at IS NOT NULL;
CREATE INDEX calls_by_agent   ON calls (agent_id, created_at)      WHERE accepted_at IS NOT NULL;
CREATE INDEX calls_by_outcome ON calls (call_status, created_at)   WHERE accepted_at IS NOT NULL;
CREATE INDEX calls_by_trunk   ON calls (trunk_id, created_at);
