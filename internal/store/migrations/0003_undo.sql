-- +goose Up
-- Removing a user asks for all of their addresses, and undoing an import for
-- the members whom it took out of its group.
DROP INDEX addresses_aliases;
CREATE INDEX addresses_user ON addresses (user_id);
CREATE INDEX history_import ON history (import, id) WHERE row = 0 AND import > 0;
