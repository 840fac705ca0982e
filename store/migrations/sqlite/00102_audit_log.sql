-- +goose Up
CREATE TABLE audit_log (
    audit_id  INTEGER     PRIMARY KEY AUTOINCREMENT,
    at        INTEGER     NOT NULL,
    user_id   TEXT        NOT NULL,
    user_name TEXT        NOT NULL,
    action    TEXT        NOT NULL,
    target    TEXT        NOT NULL,
    detail    TEXT        NOT NULL,
    address   TEXT        NOT NULL
) STRICT;
CREATE INDEX audit_log_by_user   ON audit_log (user_name, audit_id);
CREATE INDEX audit_log_by_action ON audit_log (action, audit_id);
