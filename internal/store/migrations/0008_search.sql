-- +goose Up
-- The index by which users are found; what is in it is described in package search.
-- It is made of the users, so a backup does not have it.

-- Entries that are in no segment yet, those of several transactions in a row.
CREATE TABLE search_recent (
    number  BIGINT NOT NULL PRIMARY KEY,
    total   BIGINT NOT NULL, -- entries in this row and those before
    entries BYTEA NOT NULL
);
-- They are packed already, and not for long there.
-- postgres: ALTER TABLE search_recent ALTER COLUMN entries SET STORAGE EXTERNAL;

-- What is in a segment that is gone is removed little by little.
CREATE TABLE search_segments (
    number  BIGINT NOT NULL PRIMARY KEY,
    entries BIGINT NOT NULL,
    gone    BOOLEAN NOT NULL,
    firsts  BYTEA NOT NULL
) /*clustered*/;

CREATE TABLE search_pages (
    segment BIGINT NOT NULL,
    page    BIGINT NOT NULL,
    keys    BYTEA NOT NULL,
    PRIMARY KEY (segment, page)
) /*clustered*/;

CREATE TABLE search_postings (
    segment BIGINT NOT NULL,
    gram    TEXT NOT NULL,
    slots   BYTEA NOT NULL,
    PRIMARY KEY (segment, gram)
) /*clustered*/;

-- One row: whether the index is made anew of all users, how far that is, and the
-- last segment that it takes the place of. Without it, at how many entries it is
-- looked whether most of them are of use.
CREATE TABLE search_renewal (
    running BOOLEAN NOT NULL,
    after   TEXT NOT NULL,
    old     BIGINT NOT NULL,
    due     BIGINT NOT NULL
);
INSERT INTO search_renewal (running, after, old, due) SELECT EXISTS (SELECT 1 FROM users), '', 0, 0;

-- Rows of an import by what the plan makes or apply has made of them.
CREATE INDEX import_rows_action ON import_rows (import, action, row);
CREATE INDEX import_rows_outcome ON import_rows (import, outcome, row) WHERE outcome <> '';
