-- +goose Up
-- A call has a delivery for each endpoint that hears of its end.
ALTER TABLE deliveries DROP CONSTRAINT IF EXISTS deliveries_call_id_key;
-- The ledger's sums are those of the default endpoint's, of which each outcome has one: its event id is made of the call's.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION sum_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO sum_changes (bucket, what, n) SELECT sum_bucket(created_at), OLD.state, -1 FROM calls
            WHERE call_id = OLD.call_id AND OLD.event_id = 'evt_' || substr(OLD.call_id, 5);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO sum_changes (bucket, what, n) SELECT sum_bucket(created_at), NEW.state, 1 FROM calls
            WHERE call_id = NEW.call_id AND NEW.event_id = 'evt_' || substr(NEW.call_id, 5);
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
