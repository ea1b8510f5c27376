-- +goose Up
-- What requests of the API were answered that bear an Idempotency-Key, for a day. The
-- digest is a MAC of the request; the answer is sealed, since it may have a password.
CREATE TABLE answers (
    actor  BYTEA NOT NULL, -- id of the user or token that sent the request
    key    TEXT NOT NULL,
    at     BIGINT NOT NULL,
    done   BOOLEAN NOT NULL, -- false: it is being answered
    digest BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (actor, key)
);
CREATE INDEX answers_at ON answers (at);
