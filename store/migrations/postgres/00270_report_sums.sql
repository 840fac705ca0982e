-- +goose Up
-- What reports say of calls that are over, by the quarter of an hour in which the call was created (span 900) and by the day of UTC
-- (span 86400); begins is in seconds since 1970. Who ends, changes or deletes a call adds a line to report_changes and waits for nobody;
-- workers fold the lines. A sum is that of both. Calls created before filled_from are counted by workers, a few at a time.
CREATE TABLE report_outcomes (
    span              integer NOT NULL,
    begins            bigint  NOT NULL,
    trunk_id          text    NOT NULL,
    call_status       text    NOT NULL,
    disconnect_reason text    NOT NULL,
    sip_code          integer NOT NULL, -- 0: no reply stands behind it
    calls             bigint  NOT NULL,
    talk_seconds      bigint  NOT NULL, -- of answered calls
    PRIMARY KEY (span, begins, trunk_id, call_status, disconnect_reason, sip_code)
);
CREATE TABLE report_agents (
    span         integer NOT NULL,
    begins       bigint  NOT NULL,
    trunk_id     text    NOT NULL,
    agent_id     text    NOT NULL,
    call_status  text    NOT NULL,
    calls        bigint  NOT NULL,
    talk_seconds bigint  NOT NULL,
    PRIMARY KEY (span, begins, trunk_id, agent_id, call_status)
);
CREATE TABLE report_rings ( -- how long answered calls rang
    span         integer NOT NULL,
    begins       bigint  NOT NULL,
    trunk_id     text    NOT NULL,
    ring_seconds integer NOT NULL,
    calls        bigint  NOT NULL,
    PRIMARY KEY (span, begins, trunk_id, ring_seconds)
);
CREATE TABLE report_changes (
    change_id         bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    begins            bigint  NOT NULL, -- of the quarter of an hour
    trunk_id          text    NOT NULL,
    agent_id          text    NOT NULL,
    call_status       text    NOT NULL,
    disconnect_reason text    NOT NULL,
    sip_code          integer NOT NULL,
    ring_seconds      integer NOT NULL,
    calls             integer NOT NULL, -- 1, or -1 for one that counts no more
    talk_seconds      integer NOT NULL
);
CREATE TABLE report_filled (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    filled_from bigint  NOT NULL
);
-- +goose StatementBegin
CREATE FUNCTION report_call() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.accepted_at IS NOT NULL AND OLD.call_status IS NOT NULL THEN
        INSERT INTO report_changes (begins, trunk_id, agent_id, call_status, disconnect_reason, sip_code, ring_seconds, calls, talk_seconds)
            VALUES (floor(extract(epoch FROM OLD.created_at) / 900)::bigint * 900, OLD.trunk_id, OLD.agent_id, OLD.call_status,
                COALESCE(OLD.disconnect_reason, ''), COALESCE(OLD.sip_disconnect_code, 0), COALESCE(OLD.ring_seconds, 0), -1,
                CASE WHEN OLD.call_status = 'ANSWERED' THEN -COALESCE(OLD.duration_seconds, 0) ELSE 0 END);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.accepted_at IS NOT NULL AND NEW.call_status IS NOT NULL THEN
        INSERT INTO report_changes (begins, trunk_id, agent_id, call_status, disconnect_reason, sip_code, ring_seconds, calls, talk_seconds)
            VALUES (floor(extract(epoch FROM NEW.created_at) / 900)::bigint * 900, NEW.trunk_id, NEW.agent_id, NEW.call_status,
                COALESCE(NEW.disconnect_reason, ''), COALESCE(NEW.sip_disconnect_code, 0), COALESCE(NEW.ring_seconds, 0), 1,
                CASE WHEN NEW.call_status = 'ANSWERED' THEN COALESCE(NEW.duration_seconds, 0) ELSE 0 END);
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER report_new_call AFTER INSERT ON calls FOR EACH ROW WHEN (NEW.call_status IS NOT NULL) EXECUTE FUNCTION report_call();
CREATE TRIGGER report_gone_call AFTER DELETE ON calls FOR EACH ROW WHEN (OLD.call_status IS NOT NULL) EXECUTE FUNCTION report_call();
CREATE TRIGGER report_ended_call AFTER UPDATE OF accepted_at, created_at, trunk_id, agent_id, call_status, disconnect_reason, sip_disconnect_code,
    ring_seconds, duration_seconds ON calls FOR EACH ROW WHEN (OLD.call_status IS NOT NULL OR NEW.call_status IS NOT NULL) EXECUTE FUNCTION report_call();
-- A day more than now: the clocks of those who write differ.
INSERT INTO report_filled (filled_from) SELECT CASE WHEN EXISTS (SELECT 1 FROM calls) THEN (extract(epoch FROM now())::bigint / 86400 + 2) * 86400 ELSE 0 END;
