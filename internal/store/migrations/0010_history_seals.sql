-- +goose Up
-- An entry belongs to an organisation, whose administrators may read it; that of a
-- move also to the one that was left. What nobody's is, is the master's.
ALTER TABLE history ADD COLUMN org TEXT NOT NULL DEFAULT '';
ALTER TABLE history ADD COLUMN former_org TEXT NOT NULL DEFAULT '';
UPDATE history SET org = COALESCE((SELECT u.org FROM users u WHERE u.id = history.user_id), '');

-- A block seals all entries after the last one of the block before, up to its own.
CREATE TABLE history_seals (
    number  BIGINT NOT NULL PRIMARY KEY,
    at      BIGINT NOT NULL,
    last    BYTEA NOT NULL,
    entries BYTEA NOT NULL, -- the id of each, and 8 bytes of its MAC
    seal    BYTEA NOT NULL
);

-- Until when an organisation of this code has been, which is there no more: what
-- belonged to it is not for a new one of the same code.
CREATE TABLE former_organisations (
    code TEXT NOT NULL PRIMARY KEY,
    at   BIGINT NOT NULL
);
