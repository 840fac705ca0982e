-- +goose Up
-- Which calls leave through which trunks, in the order in which they are asked.
CREATE TABLE routes (
    route_id   text        PRIMARY KEY,
    position   bigint      NOT NULL,
    name       text        NOT NULL,
    enabled    boolean     NOT NULL,
    document   text        NOT NULL,
    turn       bigint      NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL
);
