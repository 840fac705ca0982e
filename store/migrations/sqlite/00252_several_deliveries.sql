-- +goose NO TRANSACTION
-- +goose Up
-- A call has a delivery for each endpoint that hears of its end. SQLite cannot drop a constraint: the table is made anew. Foreign keys are
-- off meanwhile, or the attempts would go with the old one; that takes effect outside a transaction only.
PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;
DROP TABLE IF EXISTS deliveries_anew;
CREATE TABLE deliveries_anew (
    event_id           TEXT        PRIMARY KEY,
    call_id            TEXT        NOT NULL REFERENCES calls (call_id),
    endpoint_id        TEXT        REFERENCES endpoints (endpoint_id),
    body               BLOB        NOT NULL,
    state              TEXT        NOT NULL CHECK (state IN ('pending', 'delivered', 'dead', 'parked')),
    automatic_attempts INTEGER     NOT NULL,
    replay_attempts    INTEGER     NOT NULL,
    probe_attempts     INTEGER     NOT NULL,
    schedule_from      INTEGER     NOT NULL,
    created_at         INTEGER     NOT NULL,
    next_attempt_at    INTEGER,
    delivered_at       INTEGER,
    dead_at            INTEGER,
    dead_run           TEXT        NOT NULL,
    last_status        INTEGER     NOT NULL,
    last_error         TEXT        NOT NULL,
    lease_by           TEXT        NOT NULL DEFAULT '',
    lease_until        INTEGER,
    unwritten          INTEGER     NOT NULL DEFAULT 0
) STRICT;
INSERT INTO deliveries_anew (event_id, call_id, endpoint_id, body, state, automatic_attempts, replay_attempts, probe_attempts, schedule_from,
        created_at, next_attempt_at, delivered_at, dead_at, dead_run, last_status, last_error, lease_by, lease_until, unwritten)
    SELECT event_id, call_id, endpoint_id, body, state, automatic_attempts, replay_attempts, probe_attempts, schedule_from,
        created_at, next_attempt_at, delivered_at, dead_at, dead_run, last_status, last_error, lease_by, lease_until, unwritten FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE deliveries_anew RENAME TO deliveries;
CREATE INDEX deliveries_of_call ON deliveries (call_id);
CREATE INDEX deliveries_to_probe ON deliveries (endpoint_id, state, probe_attempts, created_at);
CREATE INDEX deliveries_newest ON deliveries (created_at, call_id);
CREATE INDEX deliveries_by_state ON deliveries (state, created_at, call_id);
CREATE INDEX deliveries_parked ON deliveries (endpoint_id, created_at, event_id) WHERE state = 'parked';
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint_id, created_at, call_id);
-- The ledger's sums are those of the default endpoint's, of which each outcome has one: its event id is made of the call's.
-- +goose StatementBegin
CREATE TRIGGER sum_new_delivery AFTER INSERT ON deliveries FOR EACH ROW WHEN NEW.event_id = 'evt_' || substr(NEW.call_id, 5)
BEGIN
    INSERT INTO sums (bucket, what, n) SELECT created_at / 900000000 * 900000000, NEW.state, 1 FROM calls WHERE call_id = NEW.call_id ON CONFLICT (bucket, what) DO UPDATE SET n = n + excluded.n;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sum_gone_delivery AFTER DELETE ON deliveries FOR EACH ROW WHEN OLD.event_id = 'evt_' || substr(OLD.call_id, 5)
BEGIN
    INSERT INTO sums (bucket, what, n) SELECT created_at / 900000000 * 900000000, OLD.state, -1 FROM calls WHERE call_id = OLD.call_id ON CONFLICT (bucket, what) DO UPDATE SET n = n + excluded.n;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sum_moved_delivery AFTER UPDATE OF state ON deliveries FOR EACH ROW
    WHEN OLD.state <> NEW.state AND NEW.event_id = 'evt_' || substr(NEW.call_id, 5)
BEGIN
    INSERT INTO sums (bucket, what, n) SELECT created_at / 900000000 * 900000000, OLD.state, -1 FROM calls WHERE call_id = OLD.call_id ON CONFLICT (bucket, what) DO UPDATE SET n = n + excluded.n;
    INSERT INTO sums (bucket, what, n) SELECT created_at / 900000000 * 900000000, NEW.state, 1 FROM calls WHERE call_id = NEW.call_id ON CONFLICT (bucket, what) DO UPDATE SET n = n + excluded.n;
END;
-- +goose StatementEnd
COMMIT;
PRAGMA foreign_keys = ON;
