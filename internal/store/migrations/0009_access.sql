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

-- Sessions of users who have signed in. hash is the SHA-256 of what their cookie has.
CREATE TABLE sessions (
    id      BYTEA NOT NULL PRIMARY KEY,
    hash    BYTEA NOT NULL UNIQUE,
    user_id BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    made_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    client  TEXT NOT NULL,
    agent   TEXT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

-- Second factors: a secret of TOTP (RFC 6238), sealed with the secret key. One that is
-- not confirmed yet counts for nothing. step is the last one of which a code was taken.
CREATE TABLE second_factors (
    user_id      BYTEA NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed       BYTEA NOT NULL,
    made_at      BIGINT NOT NULL,
    confirmed_at BIGINT NOT NULL DEFAULT 0,
    step         BIGINT NOT NULL DEFAULT 0
);

-- Recovery codes that are not used up, by their SHA-256.
CREATE TABLE recovery_codes (
    user_id BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash    BYTEA NOT NULL,
    PRIMARY KEY (user_id, hash)
);

-- How often somebody has tried to sign in of late. key is a MAC of the account or of the
-- client's address: neither can be read back.
CREATE TABLE sign_in_attempts (
    key      BYTEA NOT NULL PRIMARY KEY,
    began_at BIGINT NOT NULL,
    count    INTEGER NOT NULL
);
CREATE INDEX sign_in_attempts_began ON sign_in_attempts (began_at);

-- The one link by which the first Master is made, by its SHA-256.
CREATE TABLE first_link (
    hash    BYTEA NOT NULL PRIMARY KEY,
    made_at BIGINT NOT NULL
);
