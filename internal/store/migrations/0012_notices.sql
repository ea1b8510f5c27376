-- +goose Up
-- What somebody is to know, until they have read it and for some time after: a user, or
-- whoever has a token.
CREATE TABLE notices (
    id        BYTEA NOT NULL PRIMARY KEY,
    recipient BYTEA NOT NULL,
    at        BIGINT NOT NULL,
    kind      TEXT NOT NULL,
    import    BIGINT NOT NULL, -- 0: none
    message   TEXT NOT NULL,
    read_at   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX notices_recipient ON notices (recipient, id);
CREATE INDEX notices_at ON notices (at);
