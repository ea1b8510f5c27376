-- +goose Up
-- Formats that administrators have added, as their texts. They hold for their
-- organisation and those below.
CREATE TABLE formats (
    org  TEXT NOT NULL REFERENCES organisations (code),
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (org, name)
);
