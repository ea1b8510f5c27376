-- +goose Up
-- Claims come and go with the rows of their import, by nothing but the importer,
-- which has read the import in the same transaction. That the import is there was
-- looked up again for each claim: a tenth of planning.
CREATE TABLE claims (
    import BIGINT NOT NULL,
    key    BYTEA NOT NULL,
    row    BIGINT NOT NULL,
    PRIMARY KEY (import, key)
) /*clustered*/;
INSERT INTO claims (import, key, row) SELECT import, key, row FROM import_claims;
DROP TABLE import_claims;
ALTER TABLE claims RENAME TO import_claims;
