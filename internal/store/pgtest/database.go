package pgtest

import (
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
)

var databases atomic.Int64 // how many this binary has made

// Database makes an empty database, which is dropped when the test ends, and
// returns its URL.
func (s *Server) Database(t TB) string {
	t.Helper()
	return s.create(t, "template0")
}

// DatabaseOn is Database for one whose tables stand on a disk of its own: an empty
// folder that belongs to whoever runs the server.
func (s *Server) DatabaseOn(t TB, folder string) string {
	t.Helper()
	disk := fmt.Sprintf("disk_%d", databases.Add(1))
	if err := s.admin(fmt.Sprintf(`CREATE TABLESPACE %s OWNER %s LOCATION '%s'`, disk, owner, folder)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.admin(`DROP TABLESPACE IF EXISTS ` + disk) })
	return s.create(t, "template0 TABLESPACE "+disk)
}

// Copy makes a database that has the same in it as the one that the URL names,
// also where that was made by another test. PostgreSQL copies no database that is
// in use: whoever has the original open closes it first. Connections that are left
// are ended.
func (s *Server) Copy(t TB, original string) string {
	t.Helper()
	u, err := url.Parse(original)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	return s.create(t, name, fmt.Sprintf(`SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '%s'`, name))
}

// create makes a database after a template, when other statements have been run.
// The template's files are copied, which is quicker than to log what is in them
// where nothing waits for the disk.
func (s *Server) create(t TB, template string, before ...string) string {
	t.Helper()
	name := fmt.Sprintf("muster_%d", databases.Add(1))
	text := fmt.Sprintf(`CREATE DATABASE %s OWNER %s TEMPLATE %s STRATEGY file_copy`, name, owner, template)
	if err := s.admin(append(before, text)...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.admin(`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`) })
	return s.URL(name)
}
