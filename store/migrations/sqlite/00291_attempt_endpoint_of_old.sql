-- +goose Up
-- What was there before 00290: the attempts that an endpoint's page can still show, and the deliveries that the CRM does not have.
UPDATE delivery_attempts SET endpoint_id = COALESCE((SELECT d.endpoint_id FROM deliveries AS d WHERE d.event_id = delivery_attempts.event_id),
    (SELECT endpoint_id FROM endpoints WHERE is_default))
    WHERE endpoint_id IS NULL AND started_at > (CAST(strftime('%s', 'now') AS INTEGER) - 8 * 86400) * 1000000;
UPDATE deliveries SET last_class = COALESCE((SELECT a.error_class FROM delivery_attempts AS a WHERE a.event_id = deliveries.event_id
    ORDER BY a.started_at DESC LIMIT 1), '') WHERE state IN ('pending', 'parked', 'dead') AND last_error <> '' AND last_class = '';
