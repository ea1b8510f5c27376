package store_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/store"
	"muster/internal/store/pgtest"
)

// TestSchemaOfTheServer: the engines have the same tables, columns and indexes,
// and all texts are compared by their bytes.
func TestSchemaOfTheServer(t *testing.T) {
	name := pgtest.Shared(t).Database(t)
	create(t, name)
	file, err := os.ReadFile("schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, statement := range strings.Split(string(file), ";\n\n") {
		if m := regexp.MustCompile(`^CREATE (?:UNIQUE )?INDEX (\w+)`).FindStringSubmatch(statement); m != nil {
			want = append(want, m[1])
		}
		if m := regexp.MustCompile(`^CREATE TABLE "?(\w+)`).FindStringSubmatch(statement); m != nil {
			for _, column := range regexp.MustCompile(`(?m)(?:^    |, )(\w+) +(?:TEXT|BIGINT|BYTEA|BOOLEAN|INTEGER)`).FindAllStringSubmatch(statement, -1) {
				want = append(want, m[1]+"."+column[1])
			}
		}
	}
	got := query(t, name, `SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'goose_db_version'
		UNION ALL SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key'`)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the server has\n%v\nand SQLite\n%v", got, want)
	}
	others := query(t, name, `SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'`)
	if len(others) > 0 {
		t.Errorf("not compared by bytes: %v", others)
	}
	if how := query(t, name, `SELECT attstorage FROM pg_attribute WHERE attrelid = 'search_recent'::regclass AND attname = 'entries'`); !slices.Equal(how, []string{"e"}) {
		t.Errorf("recent entries are kept as %v: the server packs again what is packed", how)
	}
}

func query(t *testing.T, name, text string) (list []string) {
	t.Helper()
	rows, err := raw(t, name).Query(text)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// TestReasonsOfAServer: what people are told when a server cannot be used.
func TestReasonsOfAServer(t *testing.T) {
	server := pgtest.Start(t)
	name := server.Database(t)
	s := create(t, name, store.Wait(20*time.Millisecond))
	other := create(t, name)
	try := func(what string, err error, want string) {
		t.Helper()
		if got := store.Reason(err); want == "" && err != nil || !strings.Contains(got, want) || store.Unavailable(err) != (want != "") {
			t.Errorf("%s: %v is told as %q, want %q", what, err, got, want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v shows the password", what, err)
		}
	}
	write := func(s *store.Store) error { return s.SetFact(ctx, fmt.Sprint(time.Now().UnixNano()), "b") }
	open := func(name string) error {
		s, err := store.Open(ctx, name)
		if err == nil {
			s.Close()
		}
		return err
	}
	password := regexp.MustCompile(`:[^:@/]+@`)
	try("all is well", write(s), "")
	try("another writes", other.WriteImport(ctx, func(importer.Tx) error { return write(s) }), "keeps it locked")
	try("a wrong password", open(password.ReplaceAllString(name, ":hunter2@")), "does not let you in")
	try("no such database", open(strings.Replace(name, "/muster_", "/musters_", 1)), "cannot be reached")
	try("no such server", open("postgres://anna:hunter2@127.0.0.1:1/muster"), "cannot be reached")
	standby := server.Standby(t)
	replica := server.URL(name[strings.LastIndex(name, "/")+1 : strings.Index(name, "?")])
	replica = strings.Replace(standby.URL("x"), "/x?", replica[strings.LastIndex(replica, "/"):strings.Index(replica, "?")]+"?", 1)
	reader, err := store.Open(ctx, replica)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	_, err = reader.Catalog(ctx)
	try("reading a standby", err, "")
	try("writing to a standby", write(reader), "is a standby")
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	try("the server is down", write(s), "cannot be reached")
	_, err = s.Catalog(ctx)
	try("the server is down for a reader", err, "cannot be reached")
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	if err := standby.Promote(); err != nil {
		t.Fatal(err)
	}
	_, err = s.Catalog(ctx)
	try("it runs again", err, "")
	try("the standby has its place", write(reader), "")
}

// TestAServerThatDiesInATransaction: the transaction has not happened, and the
// error says that the server is gone.
func TestAServerThatDiesInATransaction(t *testing.T) {
	server := pgtest.Start(t)
	s := create(t, server.Database(t))
	err := s.WriteImport(ctx, func(tx importer.Tx) error {
		if err := tx.InsertUsers(ctx, people(3), nil); err != nil {
			return err
		}
		if err := server.Kill(); err != nil {
			return err
		}
		return tx.InsertUsers(ctx, people(50), nil)
	})
	if !store.Unavailable(err) || errors.Is(err, importer.ErrClash) {
		t.Errorf("the error is %v", err)
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	if n, err := s.UserCounts(ctx); err != nil || len(n) > 0 {
		t.Errorf("%v, %v", n, err)
	}
}

// TestAStepOutlivesTheServer: the process that made it lives on, and goes on after it.
func TestAStepOutlivesTheServer(t *testing.T) {
	server := pgtest.Start(t)
	s := create(t, server.Database(t))
	err := s.WriteStep(ctx, func(tx importer.Tx) error { return tx.InsertUsers(ctx, people(3), nil) })
	if err = errors.Join(err, server.Kill(), server.Restart()); err != nil {
		t.Fatal(err)
	}
	if n, err := s.UserCounts(ctx); err != nil || len(n) == 0 {
		t.Errorf("%v, %v", n, err)
	}
}

// TestBrokenOff: a transaction that the server breaks off because of what others do
// is run again, but a step, and that not for ever.
func TestBrokenOff(t *testing.T) {
	name := pgtest.Shared(t).Database(t)
	s := create(t, name)
	_, err := raw(t, name).Exec(`CREATE SEQUENCE tries;
		CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF nextval('tries') % 3 <> 0 OR NEW.code = 'NEVER' THEN RAISE EXCEPTION USING ERRCODE = 'serialization_failure'; END IF;
			RETURN NEW;
		END $$;
		CREATE TRIGGER refuse BEFORE INSERT ON organisations FOR EACH ROW EXECUTE FUNCTION refuse()`)
	if err != nil {
		t.Fatal(err)
	}
	tries := 0
	put := func(code string) func(directory.AdminTx) error {
		return func(tx directory.AdminTx) error {
			tries++
			return tx.PutOrganisation(ctx, &directory.Organisation{Code: code, Name: code, Parent: directory.Master})
		}
	}
	if err := s.Write(ctx, put("A")); err != nil || tries != 3 {
		t.Errorf("after %d tries: %v", tries, err)
	}
	if err := s.Write(ctx, put("NEVER")); err == nil || tries != 6 {
		t.Errorf("after %d tries: %v", tries, err)
	}
	if err := s.WriteStep(ctx, func(tx importer.Tx) error { return put("C")(tx.(*store.Tx)) }); err == nil || tries != 7 {
		t.Errorf("after %d tries: %v", tries, err)
	}
}

// TestWhatNoTextMayHold is a clash of one row, and no failure of the database.
func TestWhatNoTextMayHold(t *testing.T) {
	s := create(t, pgtest.Shared(t).Database(t))
	for _, n := range []int{1, 50} {
		list := people(n)
		list[0].Values[directory.Notes] = "\x00"
		err := s.WriteImport(ctx, func(tx importer.Tx) error { return tx.InsertUsers(ctx, list, nil) })
		if !errors.Is(err, importer.ErrClash) || store.Unavailable(err) {
			t.Errorf("%d users: %v", n, err)
		}
	}
}
