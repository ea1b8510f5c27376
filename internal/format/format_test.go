package format

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/issue"
	"muster/internal/table"
)

// open binds a file, given as its lines, and returns a reader of its rows.
func open(t *testing.T, f *Format, file string) (*Binding, table.Reader, error) {
	t.Helper()
	tables, err := table.Open(strings.NewReader(file), table.Options{UnicodeOnly: f.UnicodeOnly})
	if err != nil {
		t.Fatal(err)
	}
	header, err := tables[0].Next()
	if err != nil {
		t.Fatal(err)
	}
	if f.Positional {
		header = table.Row{}
	}
	b, err := f.Bind(header)
	return b, tables[0], err
}

// show writes a record as what it wants, then its issues:
// `address=a@example.org -title alias=b@example.org Notes!row-too-long`.
func show(r *directory.Record) string {
	var out []string
	add := func(name, text string) {
		if text != "" {
			out = append(out, name+"="+text)
		}
	}
	add("id", r.ID)
	for _, f := range directory.Fields() {
		add(f.String(), r.Values[f])
		if r.Cleared[f] {
			out = append(out, "-"+f.String())
		}
	}
	if w := r.Account; w != nil {
		add(w.Type, w.Address)
		for _, s := range directory.AccountSpecs(w.Type) {
			add(s.Name, w.Values[s.Field].Reveal())
		}
	}
	add("rename_to", r.RenameTo)
	add("password", r.Password.Reveal())
	add("hash", r.PasswordHash.Reveal())
	for _, list := range []struct {
		name string
		directory.List
	}{{"alias", r.Aliases}, {"delegate", r.Delegates}, {"group", r.Groups}} {
		if list.Only {
			out = append(out, list.name+"=only")
		}
		for _, item := range list.Items {
			add(list.name, item.Text)
		}
	}
	for _, a := range r.Attributes {
		add("attr."+a.Name, a.Value)
	}
	for _, i := range r.Issues {
		out = append(out, i.Column+"!"+i.Code)
	}
	return strings.Join(out, " ")
}

// rowCase is a file of one row, and what its record wants.
type rowCase struct{ rule, file, want string }

func testRows(t *testing.T, f *Format, cases []rowCase) {
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			b, r, err := open(t, f, c.file)
			if err != nil {
				t.Fatal(err)
			}
			row, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if got := show(b.Record(1, row)); got != c.want {
				t.Errorf("the row wants\n%s, not\n%s", got, c.want)
			}
		})
	}
}

// headerCase is a first row, and the refusal: its code, then texts that message
// and suggestion hold.
type headerCase struct {
	rule, header string
	code         string // empty where the file is taken
	says         []string
}

func testHeaders(t *testing.T, f *Format, cases []headerCase) {
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			_, _, err := open(t, f, c.header+"\n")
			var i issue.Issue
			errors.As(err, &i)
			if i.Code != c.code {
				t.Fatalf("refused by %q (%v), not by %q", i.Code, err, c.code)
			}
			for _, text := range c.says {
				if !strings.Contains(i.Message+" / "+i.Suggestion, text) {
					t.Errorf("%q is not said: %s / %s", text, i.Message, i.Suggestion)
				}
			}
		})
	}
}

func TestNamed(t *testing.T) {
	cases := []struct{ name, want, suggestion string }{
		{"muster", "muster", ""},
		{"NHSmail", "nhsmail", ""},
		{"nhs-mail", "", "did you mean nhsmail?"},
		{"mimecast-conect", "", "did you mean mimecast-connect?"},
		{"mapped", "", "muster formats map FILE --name NAME writes a format for a table of yours, which has that name then"},
		{"spreadsheet", "", "the formats are mimecast-connect, mimecast-spreadsheet, miradore-email, miradore-exchange, miradore-users, nhsmail, nhsmail1, muster, google-workspace, microsoft-365"},
	}
	for _, c := range cases {
		f, err := Named(c.name)
		var i issue.Issue
		if errors.As(err, &i); i.Suggestion != c.suggestion || (err == nil) != (c.want != "") || f != nil && f.Name != c.want {
			t.Errorf("%s: %v, %v", c.name, f, err)
		}
		if err != nil && !FormatUnknown.Is(err) {
			t.Errorf("%s: %v has another code", c.name, err)
		}
	}
}

func TestDetect(t *testing.T) {
	cases := []struct {
		header string
		want   []string
	}{
		{"Email,Name,Password,Force Change Password", []string{"mimecast-connect"}},
		{"name,EMAIL", []string{"mimecast-connect"}},
		{"Title,First Name,Surname,Organisation Code,Department,Job Title,Telephone,Mobile,Local ID", []string{"nhsmail1"}},
		{"address,name", []string{"muster"}},
		{"id", []string{"muster"}},
		{"name,password", nil},
		{"email,address", nil},
		{"", nil},
		{"Result,Email Address,Password", nil},
	}
	for _, c := range cases {
		var names []string
		for _, f := range All().Detect(strings.Split(c.header, ","), table.CSV) {
			names = append(names, f.Name)
		}
		if !slices.Equal(names, c.want) {
			t.Errorf("%s is taken for %q, not %q", c.header, names, c.want)
		}
	}
}

func TestRecordColumn(t *testing.T) {
	b := bind(t, muster, "Address", "ALIAS3", "Alias2", "attr.Shoe Size", "password", "updated_at")
	column := b.Record(1, rowOf("a@example.org")).Column
	cases := []struct{ name, want string }{
		{"address", "Address"},
		{"alias2", "Alias2"},
		{"alias3", "ALIAS3"},
		{"alias1", "Alias2"}, // the first of the list, where there is no such column
		{"attr.Shoe Size", "attr.Shoe Size"},
		{"password", "password"},
		{"local_id", ""}, // no column of this file
		{"", ""},         // the whole row
	}
	for _, c := range cases {
		if got := column(c.name); got != c.want {
			t.Errorf("%s stands under %q, not %q", c.name, got, c.want)
		}
	}
}

// TestOwnColumns tells Muster's result columns from the format's own.
func TestOwnColumns(t *testing.T) {
	cases := []struct {
		rule, file string
		want       string
		password   int
	}{
		{"before Result it is the format's", "Email,Password,Result\na@example.org,one,Created", "address=a@example.org password=one", 1},
		{"behind Result it is Muster's", "Email,Result,Password\na@example.org,Created,two", "address=a@example.org", -1},
		{"both may be there", "Email,Password,Result,Email Address,Password\na@example.org,one,Created,x,two", "address=a@example.org password=one", 1},
		{"results of results", "Email,Result,Result,Password\na@example.org,Created,Unchanged,two", "address=a@example.org", -1},
		{"blank headings between", "Email,,Result\na@example.org,,Created", "address=a@example.org", -1},
		{"a text below a blank heading", "Email,,Result\na@example.org,x,Created", "address=a@example.org B!row-too-long", -1},
		{"a text below a blank heading behind them", "Email,Result,\na@example.org,Created,x", "address=a@example.org C!row-too-long", -1},
		{"a password that is gone is a blank", "Email,Password,Result\na@example.org,(no longer kept),Created", "address=a@example.org", 1},
	}
	for _, c := range cases {
		b, r, err := open(t, connect, c.file)
		if err != nil {
			t.Errorf("%s: %v", c.rule, err)
			continue
		}
		row, _ := r.Next()
		if got := show(b.Record(1, row)); got != c.want || b.PasswordColumn() != c.password {
			t.Errorf("%s: %s, password in column %d", c.rule, got, b.PasswordColumn())
		}
	}
	if i := refusal(t, connect, "Email", "Result", "Name"); i.Code != "header-unknown" || i.Column != "Result" {
		t.Errorf("a Result that is not at the end: %+v", i)
	}
}

// TestNoSecretInRefusal: the first row of a file without headings is a user with
// a password, and messages are stored and mailed.
func TestNoSecretInRefusal(t *testing.T) {
	rows := []string{
		"a@example.org,Amina Khan,Quartz-Meadow-41,TRUE",
		"S1001,,Dr,Amina,Khan,Quartz-Meadow-41",
		"Amina,name,a@example.org,Quartz-Meadow-41",
	}
	for _, f := range All() {
		for _, row := range rows {
			if f.Positional { // and refuses none
				if b := bind(t, f, strings.Split(row, ",")...); strings.Contains(strings.Join(b.Headings(), ","), "Quartz") {
					t.Errorf("%s keeps %q", f.Name, b.Headings())
				}
				continue
			}
			if i := refusal(t, f, strings.Split(row, ",")...); i.Code != "header-missing" || strings.Contains(i.Error(), "Quartz") {
				t.Errorf("%s: %v", f.Name, i)
			}
		}
	}
}

// TestNoSecretBesideItsColumn: an unquoted delimiter moves the password to the right.
func TestNoSecretBesideItsColumn(t *testing.T) {
	for _, line := range []string{
		"a@example.org,Khan, Amina,Quartz-Meadow-41,TRUE",
		`a@example.org,"Khan, Amina,Quartz-Meadow-41`,
	} {
		b, r, err := open(t, connect, "Email,Name,Password,Force Change Password\n"+line)
		if err != nil {
			t.Fatal(err)
		}
		row, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		rec := b.Record(1, row)
		if text := show(rec) + strings.Join(b.Keep(row), ","); strings.Contains(text, "Quartz") || !rec.Failed() {
			t.Errorf("%s: %s", line, text)
		}
	}
}

// TestSampleTellsErrors: what w says ends the work.
func TestSampleTellsErrors(t *testing.T) {
	r, w := io.Pipe()
	full := errors.New("disk full")
	r.CloseWithError(full)
	for _, f := range All() {
		if err := f.Sample(w, table.CSV); !errors.Is(err, full) {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

func TestNearest(t *testing.T) {
	for _, c := range []struct{ header, want string }{
		{"address,nmae", "muster"},
		{"Email,Nmae", "mimecast-connect"},
		{"Email,Name,Alias", "mimecast-connect"},
		{"ID,Status,Local ID,Title,First Name,Last Name,Organisation ODSCode", "nhsmail"},
		{"Title,First Name,Surname,Organisation Cod,Department", "nhsmail1"},
		{"a@example.org,Ann,secret,TRUE", ""},
		{"Colour,Shape,Name", ""},
	} {
		got := ""
		if f := All().Nearest(strings.Split(c.header, ",")); f != nil {
			got = f.Name
		}
		if got != c.want {
			t.Errorf("%s is nearest to %q, not to %q", c.header, got, c.want)
		}
	}
}
