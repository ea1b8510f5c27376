package store

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
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

// Reason says in plain words why a database cannot be used just now and what to
// do about that, to follow "cannot be used: " and without the last full stop. It
// is "" where an error means anything else.
func Reason(err error) string { return reasons[kindOf(err)] }

// Unavailable reports whether an error means that the database cannot be used
// just now, and not that something was wrong with what was asked of it.
func Unavailable(err error) bool { return kindOf(err) != usable }

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

// frozen reports whether a database stands whole on a disk that is read-only.
// SQLite reads one as it is, without the files that it would else have to make
// beside it, if it is told that nobody can change it. Where there is a log beside
// it, the log has a part of it, and is not to be passed over.
func frozen(path string) bool {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(path, &disk); err != nil || disk.Flags&readOnlyDisk == 0 {
		return false
	}
	log, err := os.Stat(path + "-wal")
	return err != nil || log.Size() == 0
}

// readOnlyDisk is ST_RDONLY, which package syscall does not name.
const readOnlyDisk = 1
