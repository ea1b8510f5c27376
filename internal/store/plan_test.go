package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/issue"
	"muster/internal/store"
)

// goneBy tells of each table that has much in it by what its rows have to be found:
// how SQLite says it, and how PostgreSQL does. The recent entries of the index and the list
// of its segments are read as a whole: they are few.
var goneBy = map[string]*regexp.Regexp{
	"users":           regexp.MustCompile(`SEARCH \w+ USING INDEX sqlite_autoindex_users_1 \(id=\?\)|users_pkey.*Index Cond: \(id = `),
	"addresses":       regexp.MustCompile(`SEARCH \w+ USING \w+ .*\((key|user_id)=\?\)|addresses_\w+.*Index Cond: \((key|user_id) = `),
	"search_pages":    regexp.MustCompile(`\(segment=\? AND page=\?\)|search_pages_pkey.*Index Cond: \(\(segment = .*AND \(page = `),
	"search_postings": regexp.MustCompile(`\(segment=\? AND gram=\?\)|search_postings_pkey.*Index Cond: \(\(segment = .*AND \(gram = `),
}

// whole finds where an engine reads a table, or an index, from end to end.
var whole = regexp.MustCompile(`Seq Scan on (\w+)|\bSCAN (\w+)`)

// explain returns how the engine goes about a statement, on one line.
func explain(t *testing.T, db *sql.DB, s store.Statement) string {
	t.Helper()
	rows, err := db.Query(`EXPLAIN QUERY PLAN `+s.Text, s.Args...)
	if err != nil {
		rows, err = db.Query(`EXPLAIN `+s.Text, s.Args...)
	}
	if err != nil {
		t.Fatalf("%s: %v", s.Text, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	values := make([]any, len(columns))
	for i := range values {
		values[i] = new(string)
	}
	plan := ""
	for rows.Next() && err == nil {
		err = rows.Scan(values...)
		plan += " / " + *values[len(values)-1].(*string) // the last column of SQLite, the only one of PostgreSQL
	}
	if err := errors.Join(err, rows.Err()); err != nil {
		t.Fatal(err)
	}
	return plan
}

// thousands makes a directory of so many people, of whom every hundredth is in
// another organisation, disabled, and made by hand.
func thousands(t *testing.T, s *store.Store, n int) {
	t.Helper()
	list := make([]*directory.User, n)
	for i := range list {
		list[i] = user(fmt.Sprintf("%c.person%d@example.org", 'a'+i%26, i*7919%100_003), fmt.Sprintf("S%06d", i))
		list[i].Values[directory.Name] = fmt.Sprintf("%s %s", []string{"Amina", "Rhys", "Seren"}[i%3], []string{"Bell", "Jones", "O'Neil", "Quartz"}[i/3%4])
		list[i].Values[directory.Origin] = "import"
		if i%100 == 0 {
			list[i].Values[directory.Org], list[i].Values[directory.Status], list[i].Values[directory.Origin] = "RX2", "disabled", "manual"
		}
	}
	for ; len(list) > 0; list = list[min(2000, len(list)):] {
		err := s.WriteStep(ctx, func(tx importer.Tx) error { return tx.InsertUsers(ctx, list[:min(2000, len(list))], nil) })
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestListsGoByAnIndex: whatever a list is narrowed down to, no table is read as a
// whole.
func TestListsGoByAnIndex(t *testing.T) {
	const limit = 100
	cases := []struct {
		name   string
		filter directory.Filter
		want   int
	}{
		{"the first page", directory.Filter{}, limit},
		{"a page in the middle", directory.Filter{After: "m.person5@example.org"}, limit},
		{"an organisation", directory.Filter{Orgs: []string{"RX2"}}, limit},
		{"a domain", directory.Filter{Domain: "example.org"}, limit},
		{"no such domain", directory.Filter{Domain: "example.com"}, 0},
		{"an origin", directory.Filter{Origin: "manual"}, limit},
		{"a status", directory.Filter{Status: "disabled"}, limit},
		{"no such status", directory.Filter{Status: "leaver"}, 0},
		{"one letter", directory.Filter{Search: "q"}, limit},
		{"a beginning", directory.Filter{Search: "qua"}, limit},
		{"a part", directory.Filter{Search: "uart"}, limit},
		{"a local id", directory.Filter{Search: "s012345"}, 1},
		{"two words", directory.Filter{Search: "ami quartz"}, limit},
		{"nobody", directory.Filter{Search: "zebra"}, 0},
		{"all at once", directory.Filter{Search: "a", Orgs: []string{"RX2"}, Domain: "example.org", Origin: "manual", Status: "disabled", After: "d"}, limit},
	}
	onBoth(t, func(t *testing.T, name string) {
		s := create(t, name)
		s.SmallSegments(5000)
		thousands(t, s, 40_000)
		db := analyzed(t, name)
		for _, c := range cases {
			c.filter.Limit = limit
			n, statements, err := s.UserListStatements(ctx, c.filter)
			if err != nil || n != c.want {
				t.Errorf("%s: %d users, %v; want %d", c.name, n, err, c.want)
			}
			wantIndexed(t, db, c.name, statements, goneBy)
		}
	})
}

// analyzed returns the database when the engine has counted what is in it, as a server
// does by itself. SQLite goes by the indexes that there are.
func analyzed(t *testing.T, name string) *sql.DB {
	t.Helper()
	db := raw(t, name)
	if strings.HasPrefix(name, "sqlite:") {
		return db
	}
	if _, err := db.Exec(`ANALYZE`); err != nil {
		t.Fatal(err)
	}
	return db
}

// wantIndexed fails where a statement reads a table as a whole that has much in it, or
// does not find its rows by what it should.
func wantIndexed(t *testing.T, db *sql.DB, what string, statements []store.Statement, by map[string]*regexp.Regexp) {
	t.Helper()
	asked := 0
	for _, s := range statements {
		plan := explain(t, db, s)
		for table, by := range by {
			if !regexp.MustCompile(`\b` + table + `\b`).MatchString(s.Text) {
				continue
			}
			asked++
			for _, line := range whole.FindAllStringSubmatch(plan, -1) {
				if line[1]+line[2] == table {
					t.Errorf("%s: %s\n%s\n%s", what, line[0], s.Text, plan)
				}
			}
			if !by.MatchString(plan) {
				t.Errorf("%s: not by %v\n%s\n%s", what, by, s.Text, plan)
			}
		}
	}
	if asked == 0 {
		t.Errorf("%s: nothing was asked for", what)
	}
}

// TestClearingIsNoJoin: a part of an import that the engine has not counted yet is
// deleted without comparing each row with each.
func TestClearingIsNoJoin(t *testing.T) {
	join := regexp.MustCompile(`Nested Loop|Hash|Merge|IN-OPERATOR|LIST SUBQUERY`)
	onBoth(t, func(t *testing.T, name string) {
		s := create(t, name)
		number := thousandsOfRows(t, s, 3_000)
		db := analyzed(t, name)
		for _, part := range []importer.Part{importer.RowsPart, importer.ClaimsPart, importer.SecretsPart, importer.UploadPart} {
			plan := explain(t, db, store.Statement{Text: store.ClearSome(part), Args: []any{number + 1, number + 1, 10_000}})
			if join.MatchString(plan) {
				t.Errorf("%s: %s", part, plan)
			}
		}
	})
}

// TestRowsGoByAnIndex: rows of an import that are few among many are found without
// reading the others.
func TestRowsGoByAnIndex(t *testing.T) {
	const all = 1 << 40
	cases := []struct {
		name string
		of   importer.RowsOf
		from int
		want int
		by   string
	}{
		{"an action", importer.RowsOf{Actions: map[directory.Action]int64{directory.Update: all}}, 1, 100, `import_rows_action`},
		{"from a row on", importer.RowsOf{Actions: map[directory.Action]int64{directory.Update: all}}, 29_800, 1, `import_rows_action`},
		{"before a row", importer.RowsOf{Actions: map[directory.Action]int64{directory.Update: 1000}}, 1, 5, `import_rows_action`},
		{"most rows", importer.RowsOf{Actions: map[directory.Action]int64{directory.Unchanged: all}}, 10_000, 100, `import_rows_action|import_rows_pkey`},
		{"two actions", importer.RowsOf{Actions: map[directory.Action]int64{directory.Update: all, directory.Refuse: all}}, 1, 100, `import_rows_action`},
		{"an outcome", importer.RowsOf{Outcomes: []importer.Outcome{importer.Failed}}, 1, 30, `import_rows_outcome`},
		{"issues", importer.RowsOf{Issues: true}, 1, 30, `import_rows_issues`},
		{"the rest", importer.RowsOf{Rest: 29_991}, 1, 10, `import=\?.AND.row>|import_rows_pkey`},
		{"all at once", importer.RowsOf{Actions: map[directory.Action]int64{directory.Refuse: all}, Outcomes: []importer.Outcome{importer.Failed}, Issues: true, Rest: 29_991}, 1, 70, `import_rows_action import_rows_outcome import_rows_issues import=\?.AND.row>|import_rows_pkey`},
		{"none", importer.RowsOf{Actions: map[directory.Action]int64{directory.Join: all}, Outcomes: []importer.Outcome{importer.Kept}}, 1, 0, `import_rows_action import_rows_outcome`},
	}
	onBoth(t, func(t *testing.T, name string) {
		s := create(t, name)
		number := thousandsOfRows(t, s, 30_000)
		db := analyzed(t, name)
		for _, c := range cases {
			n := 0
			statements, err := s.RowStatements(func(rows store.Rows) error {
				return rows.RowsOf(ctx, number, c.of, c.from, 100, func(*importer.Row) error { n++; return nil })
			})
			if err != nil || n != c.want {
				t.Errorf("%s: %d rows, %v; want %d", c.name, n, err, c.want)
			}
			for _, by := range strings.Fields(c.by) {
				wantIndexed(t, db, c.name, statements, map[string]*regexp.Regexp{"import_rows": regexp.MustCompile(by)})
			}
		}
	})
}

// thousandsOfRows makes an import in which of each thousand rows one is in error, one
// has failed and five change somebody; all others are as they are.
func thousandsOfRows(t *testing.T, s *store.Store, n int) int64 {
	t.Helper()
	imp := &importer.Import{State: importer.Applied, Org: directory.Master}
	if err := s.AddImport(ctx, imp); err != nil {
		t.Fatal(err)
	}
	rows := make([]*importer.Row, n)
	for i := range rows {
		r := &importer.Row{Row: i + 1, Line: i + 2, Action: directory.Unchanged, Cells: []string{"anna@example.org", "Anna Bell", "Registrar"}}
		switch {
		case i%1000 == 500:
			r.Action, r.Issues = directory.Refuse, []issue.Issue{directory.AddressTaken.New("The address is taken.")}
		case i%200 == 50:
			r.Action = directory.Update
		}
		rows[i] = r
	}
	err := s.WriteImport(ctx, func(tx importer.Tx) error {
		if err := tx.AddRows(ctx, imp.Number, rows); err != nil {
			return err
		}
		for i := 700; i < n; i += 1000 {
			rows[i].Outcome = importer.Failed
			if err := tx.SaveRow(ctx, imp.Number, rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return imp.Number
}

// TestHistoryGoesByAnIndex: what an import did, what of it belongs to no row, and what became
// of a user, is found without reading anything else.
func TestHistoryGoesByAnIndex(t *testing.T) {
	const ofImport, user = `history_rows \(import=\?|history_rows.*Index Cond: \(+import = `, `history_user \(user_id=\?|history_user.*Index Cond: \(+user_id = `
	rare := directory.NewID()
	cases := []struct {
		name   string
		filter directory.HistoryFilter
		by     string
	}{
		{"an import", directory.HistoryFilter{Import: 2}, ofImport},
		{"the oldest of it", directory.HistoryFilter{Import: 2, OldestFirst: true}, ofImport},
		{"a user", directory.HistoryFilter{User: rare}, user},
	}
	onBoth(t, func(t *testing.T, name string) {
		s := create(t, name)
		list := make([]directory.Entry, 20_000)
		for i := range list {
			list[i] = directory.Entry{ID: directory.NewID(), UserID: directory.NewID(), Import: 1, Row: i + 1, Org: "RX1", Action: "create"}
			if i%2000 == 0 {
				list[i].Import, list[i].UserID = 2, rare
			}
		}
		err := s.WriteImport(ctx, func(tx importer.Tx) error { return tx.AddHistory(ctx, list) })
		if err != nil {
			t.Fatal(err)
		}
		db := analyzed(t, name)
		for _, c := range cases {
			found := 0
			if err := s.History(ctx, c.filter, func(directory.Entry) error { found++; return nil }); err != nil || found != 10 {
				t.Errorf("%s: %d entries, %v", c.name, found, err)
			}
			wantIndexed(t, db, c.name, []store.Statement{store.HistoryStatement(c.filter)}, map[string]*regexp.Regexp{"history": regexp.MustCompile(c.by)})
		}
		statements, err := s.RowStatements(func(rows store.Rows) error {
			_, err := rows.Replaced(ctx, 1, directory.ID{}, 100)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		wantIndexed(t, db, "of no row", statements, map[string]*regexp.Regexp{"history": regexp.MustCompile(`history_import`)})
	})
}
