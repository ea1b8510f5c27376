package store_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"muster/internal/access"
	"muster/internal/backup"
	"muster/internal/directory"
	"muster/internal/history"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/secret"
	"muster/internal/store"
	"muster/internal/store/pgtest"
)

var made = backup.Head{Program: "1.2.3", Made: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}

func silent(done, total int64) {}

func saved(t *testing.T, s *store.Store) []byte {
	t.Helper()
	var file bytes.Buffer
	if _, err := s.Backup(ctx, &file, made, silent); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func restore(ctx context.Context, s *store.Store, file []byte) error {
	r, err := backup.NewReader(bytes.NewReader(file))
	if err == nil {
		_, err = s.Restore(ctx, r, silent)
	}
	return err
}

// restored brings a backup into a database that is not set up yet.
func restored(t *testing.T, name string, file []byte) *store.Store {
	t.Helper()
	s := create(t, name)
	if err := restore(ctx, s, file); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(ctx); err != nil {
		t.Error(err)
	}
	return s
}

// furnished is a directory that has everything: users of all kinds, groups with
// notes and foreign members, and imports in every state in which one can be.
func furnished(t *testing.T) *importertest.World {
	t.Helper()
	w := importertest.New(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	w.Org("RX2", "RX1")
	w.Domain("hillside.example", "RX2")
	w.Group("RX1", "Wards")
	w.Group("RX1", "Wards/Night")
	w.Add("anna@example.org", "RX1", "name", "Änna \"O'Neil\" ✓\u2028", "notes", "two\nlines, \\ and <&>", "role", "Super", "local_id", "Q1",
		"telephone", "020 7946 0991", "group", "Wards/Night", "Building", "East")
	for _, password := range []secret.Text{"correct-horse-9-staple", "another-horse-8-battery"} {
		r := importertest.Record("address", "anna@example.org")
		r.Password = password
		_, _, err := w.Directory.SetUser(ctx, importertest.Operator, r)
		must(err)
	}
	w.Set("anna@example.org", "account", "email anna@mail.example", "account.display_name", "Anna", "account.incoming_user", "anna",
		"account.outgoing_user", "anna", "account.outgoing_password", "Quartz-Elsewhere-77")
	w.Set("anna@example.org", "rename_to", "anna.bell@example.org", "alias", "ward@example.org")
	w.Add("lars@example.org", "RX1", "locked", "true", "delegate", "anna.bell@example.org", "pop", "true", "submit", "true")
	w.Add("ward7@hillside.example", "RX2", "type", "shared", "mailbox_gb", "2")
	w.Add("leo@example.org", "RX1", "local_id", "Q2")
	w.Set("leo@example.org", "status", "leaver")
	w.Add("gone@example.org", "RX1")
	w.Set("gone@example.org", "status", "deleted")
	answered := w.User("anna@example.org").ID
	_, _, _, err := w.Store.BeginAnswer(ctx, answered, "key-1", w.Now, time.Time{}, time.Time{})
	must(err)
	must(w.Store.KeepAnswer(ctx, answered, "key-1", []byte("digest"), []byte("sealed")))
	_, err = w.Directory.PutFormat(ctx, importertest.Operator, directory.FormatText{Org: "RX1", Name: "staff", Text: "# ✓\nname = \"staff\"\n[[column]]\nheading = \"Email\"\nto = \"address\"\n"})
	must(err)
	for _, member := range []string{"lars@example.org", "friend@elsewhere.example", "other.example"} {
		must(w.Directory.AddMember(ctx, importertest.Operator, "RX1", "Wards/Night", member, new("until May")))
	}
	_, _, err = w.Access.AddToken(ctx, importertest.Operator, access.NewToken{Name: "Rota ✓", Role: "Basic", Org: "RX1"})
	must(err)
	must(w.Access.Store.WriteAccess(ctx, func(tx access.Tx) error {
		lars := w.User("lars@example.org").ID
		return errors.Join(tx.PutFactor(ctx, lars, access.Factor{Sealed: w.Access.Key.Seal([]byte("secret"), access.FactorContext(lars)), Made: made.Made, Confirmed: made.Made, Step: 7}),
			tx.PutRecoveryCodes(ctx, lars, [][]byte{{1, 2}, {3, 4}}))
	}))
	partial := importer.Options{Org: "RX1", Mode: "partial", GeneratePasswords: true}
	const column = "address,name,password\n"
	w.Apply(w.Plan(column+"one@example.org,One,\nbad@@,Bad,\n", partial))
	w.Plan(column+"two@example.org,Two,secret-of-Zwei-77\n", partial)
	undone := w.Apply(w.Plan("address,department\nlars@example.org,Night\n", partial))
	_, err = w.Importer.Undo(ctx, importertest.Operator, undone.Number, 0)
	must(err)
	cancelled := w.Plan(column+"three@example.org,Three,\n", partial)
	_, err = w.Importer.Cancel(ctx, importertest.Operator, cancelled.Number)
	must(err)
	w.Plan("what,is,this\n1,2,3\n", importer.Options{Org: "RX1"})
	_, err = w.Importer.Upload(ctx, importertest.Operator, "waiting.csv", strings.NewReader(column+"four@example.org,Four,\n"), partial)
	must(err)
	half := w.Plan(column+numbered(60), partial)
	interrupted, cut := context.WithCancel(ctx)
	w.Importer.Batch = 20
	w.Importer.Report = func(at importer.Progress) {
		if at.Stage == "applying" && at.Done >= 20 {
			cut()
		}
	}
	at, err := w.Importer.Apply(interrupted, importertest.Operator, half.Number, 0)
	if err == nil || at.State != importer.Applying {
		t.Fatalf("the import was not interrupted: %+v, %v", at, err)
	}
	w.Importer.Report = nil
	must(w.Directory.AddOrganisation(ctx, importertest.Operator, directory.Organisation{Code: "RX9", Parent: directory.Master}))
	must(w.Directory.DeleteOrganisation(ctx, importertest.Operator, "RX9"))
	_, err = (&history.Sealer{Store: w.Store, Key: w.Importer.Key, Now: time.Now}).Seal(ctx)
	must(err)
	must(w.Store.SetFact(ctx, "key", w.Importer.Key.Fingerprint()))
	return w
}

// numbered are rows of so many people.
func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "person%d@example.org,Person %d,\n", i, i)
	}
	return b.String()
}

// everything is each table as the database has it, with the type of each value.
func everything(t *testing.T, name string) map[string]string {
	t.Helper()
	all, db := map[string]string{}, raw(t, name)
	defer db.Close()
	for _, table := range schema(t, db) {
		rows, err := db.Query(`SELECT * FROM ` + table)
		if err != nil {
			t.Fatal(err)
		}
		all[table] = strings.Join(listed(t, rows), "\n")
	}
	return all
}

func listed(t *testing.T, rows *sql.Rows) (list []string) {
	t.Helper()
	defer rows.Close()
	columns, err := rows.Columns()
	values, places := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		places[i] = &values[i]
	}
	for rows.Next() && err == nil {
		err = rows.Scan(places...)
		line := ""
		for i, v := range values {
			line += fmt.Sprintf("%s=%T %q ", columns[i], v, fmt.Sprint(v))
		}
		list = append(list, line)
	}
	if err := errors.Join(err, rows.Err()); err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

// schema is the tables that a database has, but for those of goose and the queue,
// those of the index, which is made anew, and those that are of the moment.
func schema(t *testing.T, db *sql.DB) (tables []string) {
	t.Helper()
	rows, err := db.Query(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
	if err != nil {
		rows, err = db.Query(`SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^(sqlite|goose|river|search)_|^(sessions|sign_in_attempts|first_link)$`).MatchString(name) {
			tables = append(tables, name)
		}
	}
	return tables
}

// TestABackupHasEveryTable: a table that a migration adds is not forgotten.
func TestABackupHasEveryTable(t *testing.T) {
	onBoth(t, func(t *testing.T, name string) {
		var file bytes.Buffer
		summary, err := create(t, name).Backup(ctx, &file, made, silent)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range summary.Tables {
			got = append(got, c.Table)
		}
		want := schema(t, raw(t, name))
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("a backup has the tables\n%v\nand the schema\n%v", got, want)
		}
	})
}

// TestFromEngineToEngine moves a directory to the other engine and back.
func TestFromEngineToEngine(t *testing.T) {
	w := furnished(t)
	other := pgtest.Shared(t).Database(t)
	if !strings.HasPrefix(w.Database, "sqlite:") {
		other = "sqlite:" + path(t)
	}
	first := saved(t, w.Store)
	second := saved(t, restored(t, other, first))
	back := importertest.Database(t)
	last := restored(t, back, second)
	third := saved(t, last)
	if !bytes.Equal(first, second) || !bytes.Equal(second, third) {
		t.Error("the backups differ")
	}
	want, got := everything(t, w.Database), everything(t, back)
	for table, rows := range want {
		if rows == "" {
			t.Errorf("the test has nothing in table %s", table)
		}
		if got[table] != rows {
			t.Errorf("table %s has\n%s\nand had\n%s", table, got[table], rows)
		}
	}
	// The index is made anew.
	for _, filter := range []directory.Filter{{}, {Status: "deleted"}, {Search: "nna"}, {Search: "ward@"}, {Search: "q1"}, {Orgs: []string{"RX2"}}} {
		want, got := listOf(t, w.Store, filter), listOf(t, last, filter)
		if len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%+v has %v, and had %v", filter, got, want)
		}
	}
}

// TestABackupIsOfOneMoment takes one while an import runs, and goes on with the
// import in what is restored.
func TestABackupIsOfOneMoment(t *testing.T) {
	w := importertest.New(t)
	const people, reached = 3000, 1000
	imp := w.Plan("address,name,title\n"+numbered(people), importer.Options{Org: "RX1"})
	w.Importer.Batch = 100
	var file bytes.Buffer
	begun, applied, done := make(chan bool), make(chan bool), make(chan error)
	begins := func(int64, int64) {
		if begun != nil {
			close(begun)
			begun = nil
			<-applied
		}
	}
	w.Importer.Report = func(at importer.Progress) {
		if at.Stage != "applying" || at.Done != reached {
			return
		}
		wait := begun
		go func() {
			_, err := w.Store.Backup(ctx, &file, made, begins)
			done <- err
		}()
		<-wait
	}
	w.Apply(imp)
	close(applied)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	name := importertest.Database(t)
	restored(t, name, file.Bytes()).Close()
	then := importertest.CopyOf(t, name, w.Importer.Key, w.Now)
	if n := len(then.Users()); n < reached || n >= people {
		t.Fatalf("the backup has %d users; the test took none in between", n)
	}
	before, err := then.Importer.Import(ctx, importertest.Operator, imp.Number)
	if err != nil || before.State != importer.Applying || before.Next-1 != int64(len(then.Users())) {
		t.Fatalf("the import is at %+v with %d users, %v", before, len(then.Users()), err)
	}
	after := then.Apply(before)
	if after.State != importer.Applied || after.Outcomes[importer.Created] != people || len(then.Users()) != people {
		t.Errorf("the import came to %+v with %d users", after, len(then.Users()))
	}
}

// TestOnlyIntoAFreshDatabase: whatever is in a database keeps a backup out of it.
func TestOnlyIntoAFreshDatabase(t *testing.T) {
	file := saved(t, importertest.New(t).Store)
	for _, c := range []struct {
		name string
		make func(s *store.Store) error
		want error
	}{
		{"nothing but a key", func(s *store.Store) error { return s.SetFact(ctx, "key", "ab") }, nil},
		{"an organisation", func(s *store.Store) error {
			return s.Write(ctx, func(tx directory.AdminTx) error {
				return tx.PutOrganisation(ctx, &directory.Organisation{Code: "RX9", Name: "RX9", Parent: directory.Master})
			})
		}, store.ErrNotFresh},
		{"a user", func(s *store.Store) error {
			return s.WriteImport(ctx, func(tx importer.Tx) error { return tx.InsertUsers(ctx, people(1), nil) })
		}, store.ErrNotFresh},
		{"another backup", func(s *store.Store) error { return restore(ctx, s, file) }, store.ErrNotFresh},
	} {
		t.Run(c.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, name string) {
				s := create(t, name)
				if err := errors.Join(s.Fresh(ctx), c.make(s)); err != nil {
					t.Fatal(err)
				}
				before := everything(t, name)
				if err := s.Fresh(ctx); !errors.Is(err, c.want) {
					t.Errorf("fresh: %v", err)
				}
				err := restore(ctx, s, file)
				if !errors.Is(err, c.want) {
					t.Errorf("%v, want %v", err, c.want)
				}
				if after := everything(t, name); c.want != nil && fmt.Sprint(after) != fmt.Sprint(before) {
					t.Error("the database was changed")
				}
			})
		})
	}
}

// schemaIn is where a backup tells of which schema it is.
func schemaIn(t *testing.T, lines []string) string {
	t.Helper()
	found := regexp.MustCompile(`"schema":[0-9]+`).FindString(strings.Join(lines, "\n"))
	if found == "" {
		t.Fatal("the backup does not tell its schema")
	}
	return found
}

// TestABackupThatIsNotWhole leaves the database as fresh as it was.
func TestABackupThatIsNotWhole(t *testing.T) {
	file := saved(t, furnished(t).Store)
	lines := linesOf(t, file)
	cases := map[string][]byte{
		"another table first": packed(t, append(slices.Clone(lines[:1]), lines[2:]...)),
		"a row of nobody":     packed(t, edited(lines, `["anna.bell@example.org","anna.bell@example.org","primary",["`, `["x@example.org","x@example.org","primary",["AAAA`)),
		"a newer schema":      packed(t, edited(lines, `"schema":`, `"schema":9`)),
		"an older schema":     packed(t, edited(lines, schemaIn(t, lines), `"schema":1`)),
		"other columns":       packed(t, edited(lines, `"columns":["name","value"]`, `"columns":["name","worth"]`)),
	}
	for percent := 5; percent < 100; percent += 5 {
		cases[fmt.Sprintf("%d%% of it", percent)] = file[:len(file)*percent/100]
		cases[fmt.Sprintf("a bit changed at %d%%", percent)] = damaged(t, file, len(file)*percent/100)
	}
	onBoth(t, func(t *testing.T, name string) {
		s := create(t, name)
		before := fmt.Sprint(everything(t, name))
		for what, file := range cases {
			if err := restore(ctx, s, file); err == nil {
				t.Fatalf("%s is restored", what)
			}
			if fmt.Sprint(everything(t, name)) != before {
				t.Fatalf("%s leaves something behind", what)
			}
		}
		interrupted, cut := context.WithCancel(ctx)
		r, err := backup.NewReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Restore(interrupted, r, func(done, total int64) { cut() })
		if !errors.Is(err, context.Canceled) || fmt.Sprint(everything(t, name)) != before {
			t.Errorf("interrupted: %v", err)
		}
		if err := restore(ctx, s, file); err != nil {
			t.Errorf("the whole one afterwards: %v", err)
		}
	})
}

// damaged changes a bit at a place, or behind it where that changes nothing of
// what is in the file: gzip can write the same in several ways.
func damaged(t *testing.T, file []byte, at int) []byte {
	t.Helper()
	want, err := unpacked(file)
	for ; err == nil && at < len(file); at++ {
		changed := slices.Clone(file)
		changed[at] ^= 0x10
		if got, err := unpacked(changed); err != nil || got != want {
			return changed
		}
	}
	t.Fatalf("no bit of the file means anything: %v", err)
	return nil
}

func unpacked(file []byte) (string, error) {
	r, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	return string(text), err
}

// TestWhatAnEngineDoesNotTake: SQLite keeps texts that PostgreSQL does not. What
// they are is not shown: it may be anything.
func TestWhatAnEngineDoesNotTake(t *testing.T) {
	w := importertest.New(t)
	w.Add("anna@example.org", "RX1", "notes", "private")
	lines := linesOf(t, saved(t, w.Store))
	for what, after := range map[string]string{"a text": `"private\u0000"`, "bytes": `["/w=="]`, "a truth value": `true`} {
		file, name := packed(t, edited(lines, `"private"`, after)), pgtest.Shared(t).Database(t)
		s := create(t, name)
		err := restore(ctx, s, file)
		if err == nil || !strings.Contains(err.Error(), "table users") || strings.Contains(err.Error(), "private") {
			t.Errorf("%s: %v", what, err)
		}
		if err := s.Fresh(ctx); err != nil {
			t.Error(err)
		}
	}
}

// linesOf are the lines of a backup.
func linesOf(t *testing.T, file []byte) []string {
	t.Helper()
	text, err := unpacked(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
}

// edited replaces a text in the line that has it.
func edited(lines []string, before, after string) []string {
	lines = slices.Clone(lines)
	for i, line := range lines {
		lines[i] = strings.Replace(line, before, after, 1)
	}
	return lines
}

// packed makes a backup of lines, with the digest that they need.
func packed(t *testing.T, lines []string) []byte {
	t.Helper()
	text, last := strings.Join(lines[:len(lines)-1], ""), lines[len(lines)-1]
	digest := sha256.Sum256([]byte(text))
	last = regexp.MustCompile(`"sha256":"[^"]*"`).ReplaceAllLiteralString(last, `"sha256":"`+hex.EncodeToString(digest[:])+`"`)
	var file bytes.Buffer
	w := gzip.NewWriter(&file)
	if _, err := io.WriteString(w, text+last+"\n"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}
