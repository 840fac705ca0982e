-- +goose Up
-- What was there before 00152's triggers; the ledger looks back a month at most. Calls go on meanwhile: in the one moment that this
-- statement sees, what the triggers told of is in the sums and their changes, and what they cannot have told of is the difference.
INSERT INTO sums (bucket, what, n)
    SELECT bucket, what, SUM(n) FROM (
        SELECT sum_bucket(c.created_at) AS bucket, w AS what, COUNT(*) AS n
            FROM calls c CROSS JOIN LATERAL (VALUES ('accepted'), (c.call_status)) AS v (w)
            WHERE c.accepted_at IS NOT NULL AND w IS NOT NULL AND c.created_at >= sum_bucket(now() - interval '32 days') GROUP BY 1, 2
        UNION ALL SELECT sum_bucket(c.created_at), d.state, COUNT(*) FROM deliveries d JOIN calls c ON c.call_id = d.call_id
            WHERE c.created_at >= sum_bucket(now() - interval '32 days') GROUP BY 1, 2
        UNION ALL SELECT bucket, what, -n FROM sums WHERE bucket >= sum_bucket(now() - interval '32 days')
        UNION ALL SELECT bucket, what, -n FROM sum_changes WHERE bucket >= sum_bucket(now() - interval '32 days')
    ) AS untold (bucket, what, n) GROUP BY bucket, what HAVING SUM(n) <> 0 ORDER BY bucket, what
    ON CONFLICT (bucket, what) DO UPDATE SET n = sums.n + excluded.n;
