-- +goose Up

CREATE TABLE imports (
    number      BIGINT NOT NULL PRIMARY KEY,
    state       TEXT NOT NULL,
    org         TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    next_row    BIGINT NOT NULL, -- the first row that apply has not reached
    detail      TEXT NOT NULL    -- everything else, as JSON
) /*clustered*/;
CREATE INDEX imports_fingerprint ON imports (fingerprint);

-- The file as it came, sealed, until it is planned.
CREATE TABLE import_uploads (
    import BIGINT NOT NULL REFERENCES imports (number),
    part   BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (import, part)
);

-- A row keeps its cells but for passwords, and what the plan will do with it.
-- outcome is blank where it is what the action says, once apply has passed it.
CREATE TABLE import_rows (
    import  BIGINT NOT NULL REFERENCES imports (number),
    row     BIGINT NOT NULL,
    line    BIGINT NOT NULL,
    action  TEXT NOT NULL,
    user_id BYTEA NOT NULL,
    version BIGINT NOT NULL, -- of the user, as the plan saw it
    late    BOOLEAN NOT NULL, -- names users of the same file, so it is finished at the end
    cells   TEXT NOT NULL,
    changes TEXT NOT NULL,
    issues  TEXT NOT NULL,
    outcome TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (import, row)
);
CREATE INDEX import_rows_issues ON import_rows (import, row) WHERE issues <> '';
CREATE INDEX import_rows_late ON import_rows (import, row) WHERE late;

-- What may stand only once in a file: users, new addresses, local ids.
CREATE TABLE import_claims (
    import BIGINT NOT NULL REFERENCES imports (number),
    key    TEXT NOT NULL,
    row    BIGINT NOT NULL,
    PRIMARY KEY (import, key)
) /*clustered*/;

-- Passwords on their way, sealed: kind is supplied, hash, generated or former.
CREATE TABLE import_secrets (
    import BIGINT NOT NULL REFERENCES imports (number),
    row    BIGINT NOT NULL,
    kind   TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    until  BIGINT NOT NULL,
    PRIMARY KEY (import, row, kind)
) /*clustered*/;
CREATE INDEX import_secrets_until ON import_secrets (until) WHERE until > 0;
