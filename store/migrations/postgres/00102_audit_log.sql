-- +goose Up
CREATE TABLE audit_log (
    audit_id  bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL,
    user_id   text        NOT NULL,
    user_name text        NOT NULL,
    action    text        NOT NULL,
    target    text        NOT NULL,
    detail    text        NOT NULL,
    address   text        NOT NULL
);
CREATE INDEX audit_log_by_user   ON audit_log (user_name, audit_id);
CREATE INDEX audit_log_by_action ON audit_log (action, audit_id);
