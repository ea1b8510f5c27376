-- +goose Up
-- Whoever looks into the history for what an import did finds the entries of its rows
-- without reading all others.
CREATE INDEX history_rows ON history (import, id) WHERE import > 0;

-- Those that are of no row are few, and an undo asks for them: the row is in the key, so
-- that the one above is not taken for it.
DROP INDEX history_import;
CREATE INDEX history_import ON history (import, row, id) WHERE row = 0 AND import > 0;
