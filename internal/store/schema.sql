CREATE TABLE addresses (
    key     TEXT NOT NULL PRIMARY KEY,
    address TEXT NOT NULL,
    kind    TEXT NOT NULL,
    user_id BYTEA REFERENCES users (id) ON DELETE CASCADE,
    org     TEXT NOT NULL DEFAULT '', -- of a reserved address
    until   BIGINT NOT NULL DEFAULT 0 -- of a former address
) WITHOUT ROWID;

CREATE INDEX addresses_user ON addresses (user_id);

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

CREATE TABLE attributes (
    key  TEXT NOT NULL PRIMARY KEY, -- name, folded
    name TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE delegates (
    user_id     BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    delegate_id BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, delegate_id)
) WITHOUT ROWID;

CREATE INDEX delegates_back ON delegates (delegate_id);

CREATE TABLE domains (
    name        TEXT NOT NULL PRIMARY KEY,
    org         TEXT NOT NULL REFERENCES organisations (code),
    validation  TEXT NOT NULL,
    auto_create BOOLEAN NOT NULL,
    closed      BOOLEAN NOT NULL
);

CREATE TABLE email_accounts (
    user_id              BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    type                 TEXT NOT NULL,
    key                  TEXT NOT NULL, -- address, folded
    address              TEXT NOT NULL,
    display_name         TEXT NOT NULL DEFAULT '',
    username             TEXT NOT NULL DEFAULT '',
    domain               TEXT NOT NULL DEFAULT '',
    password             BYTEA,
    password_by          TEXT NOT NULL DEFAULT '',
    outgoing_username    TEXT NOT NULL DEFAULT '',
    outgoing_password    BYTEA,
    outgoing_password_by TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (user_id, type, key)
) WITHOUT ROWID;

CREATE TABLE facts (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE first_link (
    hash    BYTEA NOT NULL PRIMARY KEY,
    made_at BIGINT NOT NULL
);

CREATE TABLE formats (
    org  TEXT NOT NULL REFERENCES organisations (code),
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (org, name)
);

CREATE TABLE former_organisations (
    code TEXT NOT NULL PRIMARY KEY,
    at   BIGINT NOT NULL
);

CREATE TABLE former_passwords (
    user_id BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    at      BIGINT NOT NULL,
    hash    TEXT NOT NULL,
    PRIMARY KEY (user_id, at)
) WITHOUT ROWID;

CREATE TABLE group_members (
    group_id BYTEA NOT NULL REFERENCES groups (id),
    user_id  BYTEA NOT NULL,
    other    TEXT NOT NULL,
    note     TEXT NOT NULL,
    PRIMARY KEY (group_id, user_id, other)
) WITHOUT ROWID;

CREATE INDEX group_members_user ON group_members (user_id) WHERE other = '';

CREATE TABLE groups (
    id     BYTEA NOT NULL PRIMARY KEY,
    org    TEXT NOT NULL REFERENCES organisations (code),
    parent BYTEA NOT NULL,
    name   TEXT NOT NULL,
    key    TEXT NOT NULL, -- name, folded
    origin TEXT NOT NULL,
    UNIQUE (org, parent, key)
) WITHOUT ROWID;

CREATE TABLE history (
    id      BYTEA NOT NULL PRIMARY KEY,
    at      BIGINT NOT NULL,
    actor   TEXT NOT NULL,
    door    TEXT NOT NULL,
    import  BIGINT NOT NULL,
    row     BIGINT NOT NULL,
    user_id BYTEA NOT NULL,
    subject TEXT NOT NULL,
    action  TEXT NOT NULL,
    changes TEXT NOT NULL
, org TEXT NOT NULL DEFAULT '', former_org TEXT NOT NULL DEFAULT '') WITHOUT ROWID;

CREATE INDEX history_import ON history (import, row, id) WHERE row = 0 AND import > 0;

CREATE INDEX history_rows ON history (import, id) WHERE import > 0;

CREATE INDEX history_user ON history (user_id, id);

CREATE TABLE history_seals (
    number  BIGINT NOT NULL PRIMARY KEY,
    at      BIGINT NOT NULL,
    last    BYTEA NOT NULL,
    entries BYTEA NOT NULL, -- the id of each, and 8 bytes of its MAC
    seal    BYTEA NOT NULL
);

CREATE TABLE "import_claims" (
    import BIGINT NOT NULL,
    key    BYTEA NOT NULL,
    row    BIGINT NOT NULL,
    PRIMARY KEY (import, key)
) WITHOUT ROWID;

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

CREATE INDEX import_rows_action ON import_rows (import, action, row);

CREATE INDEX import_rows_issues ON import_rows (import, row) WHERE issues <> '';

CREATE INDEX import_rows_late ON import_rows (import, row) WHERE late;

CREATE INDEX import_rows_outcome ON import_rows (import, outcome, row) WHERE outcome <> '';

CREATE TABLE import_secrets (
    import BIGINT NOT NULL REFERENCES imports (number),
    row    BIGINT NOT NULL,
    kind   TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    until  BIGINT NOT NULL,
    PRIMARY KEY (import, row, kind)
) WITHOUT ROWID;

CREATE INDEX import_secrets_until ON import_secrets (until) WHERE until > 0;

CREATE TABLE import_uploads (
    import BIGINT NOT NULL REFERENCES imports (number),
    part   BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (import, part)
);

CREATE TABLE imports (
    number      BIGINT NOT NULL PRIMARY KEY,
    state       TEXT NOT NULL,
    org         TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    next_row    BIGINT NOT NULL, -- the first row that apply has not reached
    detail      TEXT NOT NULL    -- everything else, as JSON
, lease BIGINT NOT NULL DEFAULT 0, seen_at BIGINT NOT NULL DEFAULT 0) WITHOUT ROWID;

CREATE INDEX imports_fingerprint ON imports (fingerprint);

CREATE INDEX imports_state ON imports (state);

CREATE TABLE notices (
    id        BYTEA NOT NULL PRIMARY KEY,
    recipient BYTEA NOT NULL,
    at        BIGINT NOT NULL,
    kind      TEXT NOT NULL,
    import    BIGINT NOT NULL, -- 0: none
    message   TEXT NOT NULL,
    read_at   BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX notices_at ON notices (at);

CREATE INDEX notices_recipient ON notices (recipient, id);

CREATE TABLE organisations (
    code     TEXT NOT NULL PRIMARY KEY,
    name     TEXT NOT NULL,
    parent   TEXT NOT NULL,
    settings TEXT NOT NULL
);

CREATE TABLE recovery_codes (
    user_id BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash    BYTEA NOT NULL,
    PRIMARY KEY (user_id, hash)
);

CREATE TABLE search_pages (
    segment BIGINT NOT NULL,
    page    BIGINT NOT NULL,
    keys    BYTEA NOT NULL,
    PRIMARY KEY (segment, page)
) WITHOUT ROWID;

CREATE TABLE search_postings (
    segment BIGINT NOT NULL,
    gram    TEXT NOT NULL,
    slots   BYTEA NOT NULL,
    PRIMARY KEY (segment, gram)
) WITHOUT ROWID;

CREATE TABLE search_recent (
    number  BIGINT NOT NULL PRIMARY KEY,
    total   BIGINT NOT NULL, -- entries in this row and those before
    entries BYTEA NOT NULL
);

CREATE TABLE search_renewal (
    running BOOLEAN NOT NULL,
    after   TEXT NOT NULL,
    old     BIGINT NOT NULL,
    due     BIGINT NOT NULL
);

CREATE TABLE search_segments (
    number  BIGINT NOT NULL PRIMARY KEY,
    entries BIGINT NOT NULL,
    gone    BOOLEAN NOT NULL,
    firsts  BYTEA NOT NULL
) WITHOUT ROWID;

CREATE TABLE second_factors (
    user_id      BYTEA NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed       BYTEA NOT NULL,
    made_at      BIGINT NOT NULL,
    confirmed_at BIGINT NOT NULL DEFAULT 0,
    step         BIGINT NOT NULL DEFAULT 0
);

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

CREATE TABLE sign_in_attempts (
    key      BYTEA NOT NULL PRIMARY KEY,
    began_at BIGINT NOT NULL,
    count    INTEGER NOT NULL
);

CREATE INDEX sign_in_attempts_began ON sign_in_attempts (began_at);

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

CREATE TABLE user_attributes (
    user_id BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key     TEXT NOT NULL REFERENCES attributes (key),
    value   TEXT NOT NULL,
    PRIMARY KEY (user_id, key)
) WITHOUT ROWID;

CREATE TABLE users (
    id                     BYTEA NOT NULL PRIMARY KEY,
    address                TEXT NOT NULL,
    name                   TEXT NOT NULL,
    title                  TEXT NOT NULL,
    first                  TEXT NOT NULL,
    last                   TEXT NOT NULL,
    display_name           TEXT NOT NULL,
    job_title              TEXT NOT NULL,
    department             TEXT NOT NULL,
    telephone              TEXT NOT NULL,
    mobile                 TEXT NOT NULL,
    pager                  TEXT NOT NULL,
    fax                    TEXT NOT NULL,
    notes                  TEXT NOT NULL,
    org                    TEXT NOT NULL,
    unit                   TEXT NOT NULL,
    local_id               TEXT NOT NULL,
    type                   TEXT NOT NULL,
    status                 TEXT NOT NULL,
    locked                 BOOLEAN NOT NULL,
    pop                    BOOLEAN NOT NULL,
    submit                 BOOLEAN NOT NULL,
    must_change_password   BOOLEAN NOT NULL,
    password_never_expires BOOLEAN NOT NULL,
    mailbox_gb             INTEGER NOT NULL,
    role                   TEXT NOT NULL,
    origin                 TEXT NOT NULL,
    telephone_e164         TEXT NOT NULL,
    mobile_e164            TEXT NOT NULL,
    pager_e164             TEXT NOT NULL,
    fax_e164               TEXT NOT NULL,
    person                 TEXT NOT NULL, -- first and last name, folded
    local_key              TEXT NOT NULL, -- local id, folded
    version                BIGINT NOT NULL,
    created_at             BIGINT NOT NULL,
    updated_at             BIGINT NOT NULL,
    status_at              BIGINT NOT NULL,
    locked_until           BIGINT NOT NULL DEFAULT 0,
    failures               INTEGER NOT NULL DEFAULT 0,
    used_at                BIGINT NOT NULL DEFAULT 0,
    password               TEXT NOT NULL DEFAULT '',
    password_at            BIGINT NOT NULL DEFAULT 0,
    password_lapses_at     BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX users_leavers ON users (local_key) WHERE status = 'leaver';

CREATE UNIQUE INDEX users_local ON users (org, local_key) WHERE local_key <> '';

CREATE INDEX users_person ON users (org, person);

