-- +goose Up
-- Bearer tokens of programs. hash is the SHA-256 of the token, which is shown once
-- and kept nowhere.
CREATE TABLE tokens (
    id         BYTEA NOT NULL PRIMARY KEY,
    hash       BYTEA NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    key        TEXT NOT NULL, -- name, folded
    role       TEXT NOT NULL,
    org        TEXT NOT NULL REFERENCES organisations (code) ON DELETE CASCADE,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL, -- 0: never
    used_at    BIGINT NOT NULL DEFAULT 0,
    revoked_at BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX tokens_name ON tokens (org, key) WHERE revoked_at = 0;
