package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"muster/internal/importer"
)

// try runs statements on a fresh database, and returns the error of the last one.
func try(t *testing.T, parameters string, statements ...string) (err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "try.db")
	db, openErr := sql.Open("sqlite", "file:"+path+parameters)
	if openErr != nil {
		t.Fatal(openErr)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, s := range statements {
		_, err = db.Exec(s)
	}
	return err
}

// opening returns the error of opening what is there under a database's name.
func opening(t *testing.T, place func(path string) error) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "muster.db")
	if err := place(path); err != nil {
		t.Fatal(err)
	}
	s, err := Open(context.Background(), "sqlite:"+path)
	if err == nil {
		s.Close()
	}
	return err
}

// outwaited returns the error of a writer for whom another one takes too long.
func outwaited(t *testing.T) error {
	t.Helper()
	ctx, name := context.Background(), "sqlite:"+filepath.Join(t.TempDir(), "muster.db")
	s, err := Create(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.dialect.(*sqliteDialect).turn.wait = time.Millisecond // which setting up may take
	other, err := Open(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	return other.WriteImport(ctx, func(importer.Tx) error { return s.SetFact(ctx, "a", "b") })
}

func TestReason(t *testing.T) {
	onDisk := func(cause error) error { return unavailable{&os.PathError{Op: "open", Path: "muster.db", Err: cause}} }
	cases := []struct {
		name string
		err  error
		want string
	}{
		{"all is well", nil, ""},
		{"something else", errors.New("the row is wrong"), ""},
		{"the file of somebody else", &os.PathError{Op: "write", Path: "results.csv", Err: syscall.ENOSPC}, ""},
		{"a clash", clash(try(t, "", `CREATE TABLE a (b UNIQUE)`, `INSERT INTO a VALUES (1), (1)`)), ""},
		{"a full database", try(t, "", `PRAGMA max_page_count = 2`, `CREATE TABLE a (b)`, `INSERT INTO a VALUES (zeroblob(9000))`), reasons[full]},
		{"a full disk", onDisk(syscall.ENOSPC), reasons[full]},
		{"a quota", onDisk(syscall.EDQUOT), reasons[failing]},
		{"a limit of size", onDisk(syscall.EFBIG), reasons[failing]},
		{"a broken disk", onDisk(syscall.EIO), reasons[failing]},
		{"a query only", try(t, "", `CREATE TABLE a (b)`, `PRAGMA query_only = 1`, `INSERT INTO a VALUES (1)`), reasons[readOnly]},
		{"a disk mounted read-only", onDisk(syscall.EROFS), reasons[readOnly]},
		{"no right", onDisk(fs.ErrPermission), reasons[barred]},
		{"another Muster writes", outwaited(t), reasons[busy]},
		{"a file in the place of the folder", onDisk(syscall.ENOTDIR), reasons[gone]},
		{"a folder in the place of the file", opening(t, func(path string) error { return os.Mkdir(path, 0o700) }), reasons[gone]},
		{"no database", try(t, "?mode=ro", `SELECT 1 FROM a`), reasons[gone]},
		{"a letter", opening(t, func(path string) error { return os.WriteFile(path, []byte(strings.Repeat("Dear Ann, ", 99)), 0o600) }), reasons[damaged]},
	}
	for _, c := range cases {
		if got := Reason(c.err); got != c.want {
			t.Errorf("%s: %v is told as %q, not %q", c.name, c.err, got, c.want)
		}
		if Unavailable(c.err) != (c.want != "") {
			t.Errorf("%s: Unavailable(%v) is %v", c.name, c.err, c.want == "")
		}
	}
}

// TestPassing: only what may mend itself is worth waiting for.
func TestPassing(t *testing.T) {
	server := func(state string) error { return fmt.Errorf("saving: %w", &pgconn.PgError{Code: state}) }
	cases := []struct {
		name string
		err  error
		want bool
	}{
		{"all is well", nil, false},
		{"something else", errors.New("the row is wrong"), false},
		{"interrupted", context.Canceled, false},
		{"the server is shut down", server("57P01"), true},
		{"it has crashed", server("57P02"), true},
		{"it is starting", server("57P03"), true},
		{"it has no connection left", server("53300"), true},
		{"the connection is lost", lost{io.ErrUnexpectedEOF}, true},
		{"nobody answers", &pgconn.ConnectError{}, true},
		{"a standby that is not promoted yet", server("25006"), true},
		{"others were in the way", server("40001"), true},
		{"a deadlock", server("40P01"), true},
		{"the server's disk is full", server("53100"), false},
		{"it cannot read its disk", server("58030"), false},
		{"a wrong password", server("28P01"), false},
		{"there is no such database", server("3D000"), false},
		{"another writes for too long", server("55P03"), false},
		{"a clash", clash(server("23505")), false},
		{"a row that no column takes", clash(server("22021")), false},
		{"a full disk", unavailable{syscall.ENOSPC}, false},
		{"a read-only disk", unavailable{syscall.EROFS}, false},
		{"a file that is gone", unavailable{fs.ErrNotExist}, false},
		{"a read-only file", try(t, "", `CREATE TABLE a (b)`, `PRAGMA query_only = 1`, `INSERT INTO a VALUES (1)`), false},
		{"a locked file", outwaited(t), false},
	}
	for _, c := range cases {
		if got := new(Store).Passing(c.err); got != c.want {
			t.Errorf("%s: %v is passing: %v", c.name, c.err, got)
		}
	}
	if got, want := Reason(server("53100")), serverReasons[full]; got != want {
		t.Errorf("a full disk of the server is told as %q, not %q", got, want)
	}
}

// Each reason goes between "cannot be used: " and ", then run the command again.":
// it says what is wrong, and in a second sentence what to do.
func TestReasonsCanBeReadOn(t *testing.T) {
	for k := full; k <= damaged; k++ {
		what, todo, two := strings.Cut(reasons[k], ". ")
		if !two || what == "" || strings.HasSuffix(todo, ".") || strings.ToLower(what[:1]) != what[:1] || strings.ToUpper(todo[:1]) != todo[:1] {
			t.Errorf("%q does not read on", reasons[k])
		}
	}
}
