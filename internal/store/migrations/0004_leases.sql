-- +goose Up
-- Who works on an import: a lease of its own for each time somebody does, and
-- when its holder was last seen. 0 is nobody.
ALTER TABLE imports ADD COLUMN lease BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX imports_state ON imports (state);

-- How many imports have changed the directory to their end.
INSERT INTO facts (name, value) VALUES ('ended_imports', '0');

-- Claims are known by a digest, the first 16 bytes of the SHA-256 of what is
-- claimed. Plans that were not applied yet lose theirs, and with them lapse.
DROP TABLE import_claims;
CREATE TABLE import_claims (
    import BIGINT NOT NULL REFERENCES imports (number),
    key    BYTEA NOT NULL,
    row    BIGINT NOT NULL,
    PRIMARY KEY (import, key)
) /*clustered*/;
UPDATE imports SET state = 'lapsed' WHERE state IN ('planning', 'planned');
