-- +goose Up
-- What reports say of calls that are over, by the quarter of an hour in which the call was created (span 900) and by the day of UTC
-- (span 86400); begins is in seconds since 1970. Who ends, changes or deletes a call adds a line to report_changes; workers fold the
-- lines. A sum is that of both. Calls created before filled_from are counted by workers, a few at a time.
CREATE TABLE report_outcomes (
    span              INTEGER NOT NULL,
    begins            INTEGER NOT NULL,
    trunk_id          TEXT    NOT NULL,
    call_status       TEXT    NOT NULL,
    disconnect_reason TEXT    NOT NULL,
    sip_code          INTEGER NOT NULL, -- 0: no reply stands behind it
    calls             INTEGER NOT NULL,
    talk_seconds      INTEGER NOT NULL, -- of answered calls
    PRIMARY KEY (span, begins, trunk_id, call_status, disconnect_reason, sip_code)
) STRICT, WITHOUT ROWID;
CREATE TABLE report_agents (
    span         INTEGER NOT NULL,
    begins       INTEGER NOT NULL,
    trunk_id     TEXT    NOT NULL,
    agent_id     TEXT    NOT NULL,
    call_status  TEXT    NOT NULL,
    calls        INTEGER NOT NULL,
    talk_seconds INTEGER NOT NULL,
    PRIMARY KEY (span, begins, trunk_id, agent_id, call_status)
) STRICT, WITHOUT ROWID;
CREATE TABLE report_rings ( -- how long answered calls rang
    span         INTEGER NOT NULL,
    begins       INTEGER NOT NULL,
    trunk_id     TEXT    NOT NULL,
    ring_seconds INTEGER NOT NULL,
    calls        INTEGER NOT NULL,
    PRIMARY KEY (span, begins, trunk_id, ring_seconds)
) STRICT, WITHOUT ROWID;
CREATE TABLE report_changes (
    change_id         INTEGER PRIMARY KEY,
    begins            INTEGER NOT NULL, -- of the quarter of an hour
    trunk_id          TEXT    NOT NULL,
    agent_id          TEXT    NOT NULL,
    call_status       TEXT    NOT NULL,
    disconnect_reason TEXT    NOT NULL,
    sip_code          INTEGER NOT NULL,
    ring_seconds      INTEGER NOT NULL,
    calls             INTEGER NOT NULL, -- 1, or -1 for one that counts no more
    talk_seconds      INTEGER NOT NULL
) STRICT;
CREATE TABLE report_filled (
    one         INTEGER PRIMARY KEY DEFAULT 1 CHECK (one = 1),
    filled_from INTEGER NOT NULL
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER report_new_call AFTER INSERT ON calls FOR EACH ROW WHEN NEW.call_status IS NOT NULL
BEGIN
    INSERT INTO report_changes (begins, trunk_id, agent_id, call_status, disconnect_reason, sip_code, ring_seconds, calls, talk_seconds)
    SELECT NEW.created_at / 900000000 * 900, NEW.trunk_id, NEW.agent_id, NEW.call_status, COALESCE(NEW.disconnect_reason, ''),
        COALESCE(NEW.sip_disconnect_code, 0), COALESCE(NEW.ring_seconds, 0), 1, CASE WHEN NEW.call_status = 'ANSWERED' THEN COALESCE(NEW.duration_seconds, 0) ELSE 0 END
    WHERE NEW.accepted_at IS NOT NULL AND NEW.call_status IS NOT NULL;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER report_gone_call AFTER DELETE ON calls FOR EACH ROW WHEN OLD.call_status IS NOT NULL
BEGIN
    INSERT INTO report_changes (begins, trunk_id, agent_id, call_status, disconnect_reason, sip_code, ring_seconds, calls, talk_seconds)
    SELECT OLD.created_at / 900000000 * 900, OLD.trunk_id, OLD.agent_id, OLD.call_status, COALESCE(OLD.disconnect_reason, ''),
        COALESCE(OLD.sip_disconnect_code, 0), COALESCE(OLD.ring_seconds, 0), -1, CASE WHEN OLD.call_status = 'ANSWERED' THEN -COALESCE(OLD.duration_seconds, 0) ELSE 0 END
    WHERE OLD.accepted_at IS NOT NULL AND OLD.call_status IS NOT NULL;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER report_ended_call AFTER UPDATE OF accepted_at, created_at, trunk_id, agent_id, call_status, disconnect_reason, sip_disconnect_code,
    ring_seconds, duration_seconds ON calls FOR EACH ROW WHEN OLD.call_status IS NOT NULL OR NEW.call_status IS NOT NULL
BEGIN
    INSERT INTO report_changes (begins, trunk_id, agent_id, call_status, disconnect_reason, sip_code, ring_seconds, calls, talk_seconds)
    SELECT OLD.created_at / 900000000 * 900, OLD.trunk_id, OLD.agent_id, OLD.call_status, COALESCE(OLD.disconnect_reason, ''),
        COALESCE(OLD.sip_disconnect_code, 0), COALESCE(OLD.ring_seconds, 0), -1, CASE WHEN OLD.call_status = 'ANSWERED' THEN -COALESCE(OLD.duration_seconds, 0) ELSE 0 END
    WHERE OLD.accepted_at IS NOT NULL AND OLD.call_status IS NOT NULL;
    INSERT INTO report_changes (begins, trunk_id, agent_id, call_status, disconnect_reason, sip_code, ring_seconds, calls, talk_seconds)
    SELECT NEW.created_at / 900000000 * 900, NEW.trunk_id, NEW.agent_id, NEW.call_status, COALESCE(NEW.disconnect_reason, ''),
        COALESCE(NEW.sip_disconnect_code, 0), COALESCE(NEW.ring_seconds, 0), 1, CASE WHEN NEW.call_status = 'ANSWERED' THEN COALESCE(NEW.duration_seconds, 0) ELSE 0 END
    WHERE NEW.accepted_at IS NOT NULL AND NEW.call_status IS NOT NULL;
END;
-- +goose StatementEnd
-- A day more than now: the clocks of those who write differ.
INSERT INTO report_filled (filled_from) SELECT CASE WHEN EXISTS (SELECT 1 FROM calls) THEN (unixepoch() / 86400 + 2) * 86400 ELSE 0 END;
