-- +goose Up
-- Where one live call per agent is set, the second is not accepted. A call that is being hung up keeps no agent busy.
ALTER TABLE calls ADD COLUMN sole_of_agent INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX calls_sole_of_agent ON calls (agent_id)
    WHERE sole_of_agent AND accepted_at IS NOT NULL AND call_status IS NULL AND leg_at_hangup IS NULL;
