-- +goose Up
CREATE TABLE users (
    user_id              text        PRIMARY KEY,
    name                 text        NOT NULL UNIQUE,
    role                 text        NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    password_hash        text        NOT NULL,
    must_change_password boolean     NOT NULL,
    disabled             boolean     NOT NULL,
    epoch                bigint      NOT NULL,
    created_at           timestamptz NOT NULL,
    last_login_at        timestamptz
);
