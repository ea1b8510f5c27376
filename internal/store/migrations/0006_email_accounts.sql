-- +goose Up
-- E-mail accounts of users: mailboxes elsewhere, no part of the namespace of
-- addresses. username and password are those of the incoming server, or of Exchange.
-- Passwords are sealed with the secret key; _by is the import and row that set one.
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
) /*clustered*/;
