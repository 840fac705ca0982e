-- +goose Up
-- How many calls and deliveries there are of each kind, by the quarter of an hour in which the call was created. Who changes a call or
-- a delivery adds a line to sum_changes and waits for nobody; workers fold the lines into sums. A sum is that of both tables.
CREATE TABLE sums (
    bucket timestamptz NOT NULL,
    what   text        NOT NULL,
    n      bigint      NOT NULL,
    PRIMARY KEY (bucket, what)
);
CREATE TABLE sum_changes (
    change_id bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bucket    timestamptz NOT NULL,
    what      text        NOT NULL,
    n         integer     NOT NULL
);
-- +goose StatementBegin
CREATE FUNCTION sum_bucket(at timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT to_timestamp(floor(extract(epoch FROM at) / 900) * 900)
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION sum_call() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO sum_changes (bucket, what, n) SELECT sum_bucket(OLD.created_at), w, -1
            FROM (VALUES ('accepted'), (OLD.call_status)) AS v (w) WHERE OLD.accepted_at IS NOT NULL AND w IS NOT NULL;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO sum_changes (bucket, what, n) SELECT sum_bucket(NEW.created_at), w, 1
            FROM (VALUES ('accepted'), (NEW.call_status)) AS v (w) WHERE NEW.accepted_at IS NOT NULL AND w IS NOT NULL;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION sum_outcome() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sum_changes (bucket, what, n) VALUES (sum_bucket(NEW.created_at), NEW.call_status, 1);
    RETURN NULL;
END
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION sum_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO sum_changes (bucket, what, n) SELECT sum_bucket(created_at), OLD.state, -1 FROM calls WHERE call_id = OLD.call_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO sum_changes (bucket, what, n) SELECT sum_bucket(created_at), NEW.state, 1 FROM calls WHERE call_id = NEW.call_id;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER sum_new_call AFTER INSERT ON calls FOR EACH ROW WHEN (NEW.accepted_at IS NOT NULL) EXECUTE FUNCTION sum_call();
CREATE TRIGGER sum_gone_call AFTER DELETE ON calls FOR EACH ROW WHEN (OLD.accepted_at IS NOT NULL) EXECUTE FUNCTION sum_call();
CREATE TRIGGER sum_accepted_call AFTER UPDATE OF accepted_at ON calls FOR EACH ROW
    WHEN (OLD.accepted_at IS NULL AND NEW.accepted_at IS NOT NULL) EXECUTE FUNCTION sum_call();
CREATE TRIGGER sum_ended_call AFTER UPDATE OF call_status ON calls FOR EACH ROW
    WHEN (OLD.call_status IS NULL AND NEW.call_status IS NOT NULL AND OLD.accepted_at IS NOT NULL) EXECUTE FUNCTION sum_outcome();
CREATE TRIGGER sum_new_delivery AFTER INSERT OR DELETE ON deliveries FOR EACH ROW EXECUTE FUNCTION sum_delivery();
CREATE TRIGGER sum_moved_delivery AFTER UPDATE OF state ON deliveries FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION sum_delivery();
-- What is there already is counted by 00220: this transaction keeps everybody from the calls, so it must be short.
