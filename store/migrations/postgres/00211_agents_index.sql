-- +goose NO TRANSACTION
-- +goose Up
-- A call that is being hung up keeps no agent busy. What a try that was cut off left behind is no index yet.
DROP INDEX CONCURRENTLY IF EXISTS calls_sole_of_agent;
CREATE UNIQUE INDEX CONCURRENTLY calls_sole_of_agent ON calls (agent_id)
    WHERE sole_of_agent AND accepted_at IS NOT NULL AND call_status IS NULL AND leg_at_hangup IS NULL;
