-- +goose Up
CREATE TABLE users (
    user_id              TEXT        PRIMARY KEY,
    name                 TEXT        NOT NULL UNIQUE,
    role                 TEXT        NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    password_hash        TEXT        NOT NULL,
    must_change_password INTEGER     NOT NULL,
    disabled             INTEGER     NOT NULL,
    epoch                INTEGER     NOT NULL,
    created_at           INTEGER     NOT NULL,
    last_login_at        INTEGER
) STRICT;
