-- +goose Up
-- Who posts a delivery, and until when nobody else may; written before the POST.
ALTER TABLE deliveries ADD COLUMN lease_by    text NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN lease_until timestamptz;
-- POSTs that were announced since the latest one whose result was written down.
ALTER TABLE deliveries ADD COLUMN unwritten   integer NOT NULL DEFAULT 0;
