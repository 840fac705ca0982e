-- +goose Up
-- What was there before 00290: the attempts that an endpoint's page can still show, and the deliveries that the CRM does not have.
UPDATE delivery_attempts AS a SET endpoint_id = COALESCE(d.endpoint_id, (SELECT endpoint_id FROM endpoints WHERE is_default))
    FROM deliveries AS d WHERE d.event_id = a.event_id AND a.endpoint_id IS NULL AND a.started_at > now() - interval '8 days';
UPDATE deliveries AS d SET last_class = COALESCE((SELECT a.error_class FROM delivery_attempts AS a WHERE a.event_id = d.event_id
    ORDER BY a.started_at DESC LIMIT 1), '') WHERE d.state IN ('pending', 'parked', 'dead') AND d.last_error <> '' AND d.last_class = '';
