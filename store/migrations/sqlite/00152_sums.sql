-- +goose Up
-- How many calls and deliveries there are of each kind, by the quarter of an hour in which the call was created. SQLite has one writer
-- at a time: who changes a call or a delivery changes the sum. PostgreSQL's table sum_changes stays empty here.
CREATE TABLE sums (
    bucket INTEGER NOT NULL,
    what   TEXT    NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (bucket, what)
) STRICT;
CREATE TABLE sum_changes (
    change_id INTEGER PRIMARY KEY,
    bucket    INTEGER NOT NULL,
    what      TEXT    NOT NULL,
    n         INTEGER NOT NULL
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER sum_new_call AFTER INSERT ON calls FOR EACH ROW WHEN NEW.accepted_at IS NOT NULL
BEGIN
    INSERT INTO sums (bucket, what, n) SELECT NEW.created_at / 900000000 * 900000000, 'accepted', 1 WHERE TRUE ON CONFLICT (bucket, what) DO UPDATE SET n = n + excluded.n;
    INSERT INTO sums (bucket, what, n) SELECT NEW.created_at / 900000000 * 900000000, NEW.call_status, 1 WHERE NEW.call_status IS NOT NULL ON CONFLICT (bucket, what) DO UPDATE SET n = n + excluded.n;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sum_gone_call AFTER DELETE ON calls FOR EACH ROW WHEN OLD.accepted_at IS NOT NULL
BEGIN
    INSERT INTO sums (bucket, what, n) SELECT OLD.created_at / 900000000 * 900000000, 'accepted', -1 WHERE TRUE ON CONFLICT (bucket, what) DO UPDATE SET n = n + excluded.n;
    INSERT INTO sums (bucket, what, n) SELECT OLD.created_at / 900000000 * 900000000, OLD.call_status, -1 WHERE OLD.call_status IS NOT NULL ON CONFLICT (bucket, what) DO UPDATE SET n = n + excluded.n;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sum_accepted_call AFTER UPDATE OF accepted_at ON calls FOR EACH ROW WHEN OLD.accepted_at IS NULL AND NEW.accepted_at IS NOT NULL
BEGIN
    INSERT INTO sums (bucket, what, n) SELECT NEW.created_at / 900000000 * 900000000, 'accepted', 1 WHERE TRUE ON CONFLICT (bucket, what) DO UPDATE SET n = n + excluded.n;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sum_ended_call AFTER UPDATE OF call_status ON calls FOR EACH ROW WHEN OLD.call_status IS NULL AND NEW.call_status IS NOT NULL AND OLD.accepted_at IS NOT NULL
BEGIN
    INSERT INTO sums (bucket, what, n) SELECT NEW.created_at / 900000000 * 900000000, NEW.call_status, 1 WHERE TRUE ON CONFLICT (bucket, what) DO UPDATE SET n = n + excluded.n;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sum_new_delivery AFTER INSERT ON deliveries FOR EACH ROW
BEGIN
    INSERT INTO sums (bucket, what, n) SELECT created_at / 900000000 * 900000000, NEW.state, 1 FROM calls WHERE call_id = NEW.call_id ON CONFLICT (bucket, what) DO UPDATE SET n = n + excluded.n;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sum_gone_delivery AFTER DELETE ON deliveries FOR EACH ROW
BEGIN
    INSERT INTO sums (bucket, what, n) SELECT created_at / 900000000 * 900000000, OLD.state, -1 FROM calls WHERE call_id = OLD.call_id ON CONFLICT (bucket, what) DO UPDATE SET n = n + excluded.n;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sum_moved_delivery AFTER UPDATE OF state ON deliveries FOR EACH ROW WHEN OLD.state <> NEW.state
BEGIN
    INSERT INTO sums (bucket, what, n) SELECT created_at / 900000000 * 900000000, OLD.state, -1 FROM calls WHERE call_id = OLD.call_id ON CONFLICT (bucket, what) DO UPDATE SET n = n + excluded.n;
    INSERT INTO sums (bucket, what, n) SELECT created_at / 900000000 * 900000000, NEW.state, 1 FROM calls WHERE call_id = NEW.call_id ON CONFLICT (bucket, what) DO UPDATE SET n = n + excluded.n;
END;
-- +goose StatementEnd
-- What is there already; the ledger looks back a month at most.
INSERT INTO sums (bucket, what, n)
    SELECT created_at / 900000000 * 900000000, 'accepted', COUNT(*) FROM calls
    WHERE accepted_at IS NOT NULL AND created_at > (unixepoch() - 32 * 86400) * 1000000 GROUP BY 1
    UNION ALL SELECT created_at / 900000000 * 900000000, call_status, COUNT(*) FROM calls
    WHERE accepted_at IS NOT NULL AND call_status IS NOT NULL AND created_at > (unixepoch() - 32 * 86400) * 1000000 GROUP BY 1, 2
    UNION ALL SELECT c.created_at / 900000000 * 900000000, d.state, COUNT(*) FROM deliveries d JOIN calls c ON c.call_id = d.call_id
    WHERE c.created_at > (unixepoch() - 32 * 86400) * 1000000 GROUP BY 1, 2;
