package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"muster/internal/importer"
)

// Engines and file systems have many ways to say that a database cannot be used
// just now, in words that help nobody who has to mend it. What they mean comes
// down to a few kinds of failure, and each is told in one sentence. An engine
// brings nothing but a list of which of its codes is of which kind.

// kind is a way in which a database cannot be used.
type kind int

const (
	usable   kind = iota
	full          // there is no room for what is to be written
	failing       // what is written or read does not arrive
	readOnly      // nothing may be written
	barred        // whoever runs the program has no right to it
	busy          // another program writes
	gone          // it cannot be found or reached
	damaged       // it is not what Muster has written
)

// reasons say what is wrong with the database, and then what to do.
var reasons = map[kind]string{
	full:     "its disk is full. Free some space there",
	failing:  "its disk refuses to be read or written: it is full, a quota or size limit is reached, or it is failing. See to that",
	readOnly: "it can be read, but not written: the file, one that belongs to it, the folder or the disk is read-only. See that all of them can be written",
	barred:   "you have no right to read and write the file, its folder and the files that belong to it. See who owns them",
	busy:     "another program keeps it locked. Wait until that is done, or end it",
	gone:     "it cannot be opened. See that the file and its folder are there, and yours to read and write",
	damaged:  "the file is damaged, or is no database of Muster. Put it back from your backup",
}

// serverReasons say the same of a database on a server.
var serverReasons = map[kind]string{
	full:     "the disk of its server is full. Free some space there",
	failing:  "its server cannot read or write its disk, which may be full. See to that server",
	readOnly: "it can be read, but not written: its server is a standby, or lets nobody write. See that MUSTER_DATABASE names the server that takes changes",
	barred:   "its server does not let you in, or you have no right to its tables. See to the user and password in MUSTER_DATABASE, and who owns the tables",
	busy:     "another program keeps it locked. Wait until that is done, or end it",
	gone:     "its server or the database there cannot be reached. See that the server runs, and that MUSTER_DATABASE names it rightly",
	damaged:  "what its server has kept is damaged. Put the database back from your backup",
}

// Reason says in plain words why a database cannot be used just now and what to
// do about that, to follow "cannot be used: " and without the last full stop. It
// is "" where an error means anything else.
func Reason(err error) string {
	if k := postgresKind(err); k != usable {
		return serverReasons[k]
	}
	return reasons[kindOf(err)]
}

// Unavailable reports whether an error means that the database cannot be used
// just now, and not that something was wrong with what was asked of it.
func Unavailable(err error) bool { return kindOf(err) != usable || postgresKind(err) != usable }

// Passing reports whether an error means that the server of a database is gone for
// now and may come back by itself: it is started again or a standby takes its place,
// or the network has failed. So does a transaction that was broken off because of
// others. A file never comes back by itself, nor does a database that was dropped.
func (*Store) Passing(err error) bool {
	k := postgresKind(err)
	return brokenOff(err) || k == readOnly || k == gone && sqlState(err) != "3D000"
}

func kindOf(err error) kind {
	if k := sqliteKind(err); k != usable {
		return k
	}
	var file unavailable
	if errors.As(err, &file) {
		return fileKind(file)
	}
	return usable
}

// clash marks the errors by which an engine guards the schema: a unique or
// foreign key that does not fit, or a value that no column takes.
func clash(err error) error {
	if code(err) == sqlite3.SQLITE_CONSTRAINT || strings.HasPrefix(sqlState(err), "23") || strings.HasPrefix(sqlState(err), "22") {
		return fmt.Errorf("%w: %w", importer.ErrClash, err)
	}
	return err
}

// fileKind is the kind of what the file system says of the database.
func fileKind(err error) kind {
	switch {
	case errors.Is(err, errTurn):
		return busy
	case errors.Is(err, syscall.ENOSPC):
		return full
	case errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG), errors.Is(err, syscall.EIO):
		return failing
	case errors.Is(err, syscall.EROFS):
		return readOnly
	case errors.Is(err, fs.ErrPermission):
		return barred
	}
	return gone
}

// unwritable reports whether a file cannot be opened because it may not be
// written, or made: what is there can perhaps still be read.
func unwritable(err error) bool {
	k := fileKind(err)
	return k == readOnly || k == barred
}

// sqliteKind is the kind of an error of SQLite. A quota that is used up is an
// input/output error to it; only a disk that is full has a code of its own, and
// that it has no room for the index of its log.
func sqliteKind(err error) kind {
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE {
		return full
	}
	switch code(err) {
	case sqlite3.SQLITE_FULL:
		return full
	case sqlite3.SQLITE_IOERR:
		return failing
	case sqlite3.SQLITE_READONLY:
		return readOnly
	case sqlite3.SQLITE_PERM:
		return barred
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return busy
	case sqlite3.SQLITE_CANTOPEN:
		return gone
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return damaged
	}
	return usable
}

// code returns SQLite's primary result code, 0 where the error is not its.
func code(err error) int {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return 0
	}
	return e.Code() & 0xff
}

// sqlState returns the code of an error of PostgreSQL, "" where it is not its.
func sqlState(err error) string {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return ""
	}
	return e.Code
}

// brokenOff reports whether PostgreSQL has ended a transaction because of what
// others did at the same time: it may be run again.
func brokenOff(err error) bool {
	state := sqlState(err)
	return state == "40001" || state == "40P01"
}

// stateKinds tell the kind of an error of PostgreSQL by the beginning of its code
// (appendix A of its manual), the longest first.
var stateKinds = []struct {
	begins string
	kind   kind
}{
	{"53100", full}, {"53", gone}, {"58", failing}, {"25006", readOnly}, {"28", barred}, {"42501", barred}, {"55P03", busy},
	{"08", gone}, {"57P", gone}, {"3D000", gone}, {"25P03", gone}, {"XX001", damaged}, {"XX002", damaged},
}

// postgresKind is the kind of an error of PostgreSQL, or of the way there. A
// server without room for the little that it writes for a new connection has no
// code of its own for that.
func postgresKind(err error) kind {
	state := sqlState(err)
	if state == "XX000" && connecting(err) {
		return failing
	}
	for _, k := range stateKinds {
		if state != "" && strings.HasPrefix(state, k.begins) {
			return k.kind
		}
	}
	if state != "" || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) && !connecting(err) {
		return usable
	}
	var network lost
	if connecting(err) || errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || pgconn.SafeToRetry(err) {
		return gone
	}
	return usable
}

func connecting(err error) bool {
	var e *pgconn.ConnectError
	return errors.As(err, &e)
}
