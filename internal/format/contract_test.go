package format

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/issue"
	"muster/internal/secret"
	"muster/internal/table"
)

// TestContract holds every format to what the package promises of all. A new
// format joins All and is held to it, too.
func TestContract(t *testing.T) {
	type promise struct {
		name string
		keep func(*testing.T, *Format)
	}
	promises := []promise{
		{"the format tells what it is", describesItself},
		{"every column leads somewhere", columnsLead},
		{"the template binds and its rows have no issue", templateIsClean},
		{"the template is the same as a workbook", templateAsWorkbook},
		{"a blank in a required column is an error there", requiredBlank},
		{"passwords are secret and nothing else is", secretColumns},
		{"(clear) is honoured or refused, never taken as a value", clearHonoured},
		{"a short row has blanks at its end", shortRow},
		{"a cell beyond the headings is an error unless blank", longRow},
		{"addresses are trimmed with a warning", addressTrimmed},
		{"a fault of the table is told under the heading", tableFault},
	}
	ofHeadings := []promise{
		{"a misspelt heading is refused with the right one as suggestion", misspelt},
		{"a column that is needed must be there", neededColumn},
		{"a heading stands once", headingTwice},
		{"another order is refused where the format is exact", otherOrder},
		{"case and outer blanks of headings do not matter", otherCase},
		{"Muster's own result columns are passed over", ownColumns},
		{"the headings tell the format", detected},
	}
	ofPositions := []promise{
		{"columns are called by their letters", letters},
		{"Muster's own results are passed over", ownResults},
		{"a first line of headings is noticed, and a row is none", headingsNoticed},
		{"the columns tell what the format may be, and choose none", byColumns},
	}
	ofCheckpoints := []promise{
		{"Muster's own result columns are passed over", ownColumns},
		{"the headings tell the format", detected},
		{"the headings may begin in any cell of A1:M99", checkpointAnywhere},
		{"the second heading stands right of the first, and the third right of it", neighbours},
		{"a heading in other letters is an attribute, with the right one as suggestion", otherLetters},
		{"a heading stands once", exactlyTwice},
		{"what may be passwords is no attribute", noSecretAttribute},
	}
	for _, f := range All() {
		kept := slices.Concat(promises, ofHeadings)
		switch {
		case f.Positional:
			kept = slices.Concat(promises, ofPositions)
		case f.Checkpoint:
			kept = slices.Concat(promises, ofCheckpoints)
		}
		for _, p := range kept {
			t.Run(f.Name+"/"+p.name, func(t *testing.T) { p.keep(t, f) })
		}
	}
}

// template returns the headings and rows of a format's own template.
func template(t *testing.T, f *Format) (headings []string, rows [][]string) {
	t.Helper()
	rows = templateAs(t, f, table.CSV)
	if f.Positional {
		return columnNames(f), rows
	}
	return rows[0], rows[1:]
}

func templateAs(t *testing.T, f *Format, kind string) (rows [][]string) {
	t.Helper()
	var file bytes.Buffer
	if err := f.Sample(&file, kind); err != nil {
		t.Fatal(err)
	}
	tables, err := table.Open(bytes.NewReader(file.Bytes()), table.Options{UnicodeOnly: f.UnicodeOnly})
	if err != nil {
		t.Fatal(err)
	}
	for {
		row, err := tables[0].Next()
		if err == io.EOF {
			return rows
		}
		if err != nil || len(row.Issues) > 0 {
			t.Fatal(err, row.Issues)
		}
		var cells []string
		for _, c := range row.Cells {
			cells = append(cells, c.Text)
		}
		rows = append(rows, cells)
	}
}

// templateAsWorkbook: the template says the same as a workbook.
func templateAsWorkbook(t *testing.T, f *Format) {
	want, got := templateAs(t, f, table.CSV), templateAs(t, f, table.XLSX)
	for i, row := range want {
		for len(got[i]) < len(row) {
			got[i] = append(got[i], "") // what is blank at the end is not there
		}
	}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

// columnNames are the columns of a format without headings, as its file may name them.
func columnNames(f *Format) (names []string) {
	for _, c := range f.Columns {
		names = append(names, c.Heading)
	}
	return names
}

func rowOf(cells ...string) table.Row {
	row := table.Row{Line: 7}
	for _, c := range cells {
		row.Cells = append(row.Cells, table.Cell{Text: c, Line: 7})
	}
	return row
}

func bind(t *testing.T, f *Format, headings ...string) *Binding {
	t.Helper()
	b, err := f.Bind(rowOf(headings...))
	if err != nil {
		t.Fatalf("%q: %v", headings, err)
	}
	return b
}

// refusal returns the issue that refuses a file with these headings.
func refusal(t *testing.T, f *Format, headings ...string) issue.Issue {
	t.Helper()
	_, err := f.Bind(rowOf(headings...))
	var i issue.Issue
	if !errors.As(err, &i) {
		t.Fatalf("%q are taken: %v", headings, err)
	}
	if i.Line != 7 || i.Severity != issue.Error || i.Message == "" || i.Suggestion == "" {
		t.Errorf("the refusal is not complete: %+v", i)
	}
	return i
}

// with returns a copy of cells with another one at a place.
func with(cells []string, at int, text string) []string {
	cells = slices.Clone(cells)
	cells[at] = text
	return cells
}

// wanted returns what a record wants, without the closure, which has no equality.
func wanted(r *directory.Record) directory.Record {
	c := *r
	c.Column = nil
	return c
}

func codes(r *directory.Record) []string {
	var names []string
	for _, i := range r.Issues {
		names = append(names, i.Column+":"+i.Code)
	}
	return names
}

func describesItself(t *testing.T, f *Format) {
	if f.Name == "" || f.Title == "" || f.Help == "" || len(f.Columns) == 0 {
		t.Error("something is missing")
	}
	if f.Rules.Origin != "import" || !f.Rules.RolesByFile || len(f.Rules.Match) == 0 {
		t.Errorf("rules: %+v", f.Rules)
	}
	if found, err := Named(strings.ToUpper(f.Name)); err != nil || found != f {
		t.Errorf("Named: %v, %v", found, err)
	}
}

func columnsLead(t *testing.T, f *Format) {
	for _, c := range f.Columns {
		if (f.slotOf(c).kind == passedOver) != (c.Name == "") {
			t.Errorf("column %s: there is no %q", c.Heading, c.Name)
		}
	}
}

func templateIsClean(t *testing.T, f *Format) {
	headings, rows := template(t, f)
	b := bind(t, f, headings...)
	if !slices.Equal(b.Headings(), headings) {
		t.Errorf("headings %q became %q", headings, b.Headings())
	}
	if len(rows) < 2 {
		t.Errorf("the template has %d rows", len(rows))
	}
	for n, cells := range rows {
		rec := b.Record(n+1, rowOf(cells...))
		if len(rec.Issues) > 0 || rec.Row != n+1 || rec.Line != 7 {
			t.Errorf("%q: %+v", cells, rec)
		}
		if rec.Password != "" || rec.PasswordHash != "" {
			t.Errorf("%q: the template gives a password", cells)
		}
	}
}

func requiredBlank(t *testing.T, f *Format) {
	headings, rows := template(t, f)
	b := bind(t, f, headings...)
	for n, heading := range headings {
		for _, blank := range []string{"", " \u00a0", "(clear)"} {
			rec := b.Record(1, rowOf(with(rows[0], n, blank)...))
			isMissing := slices.Contains(codes(rec), heading+":value-missing")
			if b.slots[n].required != isMissing {
				t.Errorf("%s is %q: %q", heading, blank, codes(rec))
			}
		}
	}
	all := make([]string, len(headings))
	if rec := b.Record(1, rowOf(all...)); len(rec.Issues) != len(requiredOf(f)) {
		t.Errorf("a blank row tells %q, not all of %q", codes(rec), requiredOf(f))
	}
}

func requiredOf(f *Format) (headings []string) {
	for _, c := range f.Columns {
		if c.Required {
			headings = append(headings, c.Heading)
		}
	}
	return headings
}

func misspelt(t *testing.T, f *Format) {
	headings, _ := template(t, f)
	for n, heading := range headings {
		wrong := heading[:1] + heading
		i := refusal(t, f, with(headings, n, wrong)...)
		if i.Code != "header-unknown" || i.Column != wrong || i.Suggestion != "did you mean "+heading+"?" {
			t.Errorf("%s: %+v", wrong, i)
		}
	}
}

func neededColumn(t *testing.T, f *Format) {
	headings, _ := template(t, f)
	for _, c := range f.Columns {
		n := slices.Index(headings, c.Heading)
		if n < 0 {
			continue
		}
		rest := slices.Delete(slices.Clone(headings), n, n+1)
		if !c.Required && (!f.Exact || c.Optional) {
			bind(t, f, rest...)
		} else if i := refusal(t, f, rest...); i.Code != "header-missing" || !strings.Contains(i.Message, c.Heading) {
			t.Errorf("without %s: %+v", c.Heading, i)
		}
	}
}

func headingTwice(t *testing.T, f *Format) {
	headings, _ := template(t, f)
	for _, heading := range headings {
		again := strings.ToUpper(heading)
		if i := refusal(t, f, append(slices.Clone(headings), again)...); i.Code != "header-twice" || i.Column != again {
			t.Errorf("%s twice: %+v", heading, i)
		}
	}
}

func otherOrder(t *testing.T, f *Format) {
	headings, _ := template(t, f)
	for n := 1; n < len(headings); n++ {
		swapped := slices.Clone(headings)
		swapped[n-1], swapped[n] = swapped[n], swapped[n-1]
		if !f.Exact {
			bind(t, f, swapped...)
		} else if i := refusal(t, f, swapped...); i.Code != "header-order" || !strings.Contains(i.Message, headings[n]+" | "+headings[n-1]) {
			t.Errorf("%s before %s: %+v", headings[n], headings[n-1], i)
		}
	}
}

func otherCase(t *testing.T, f *Format) {
	headings, rows := template(t, f)
	want := bind(t, f, headings...).Record(1, rowOf(rows[0]...))
	for _, change := range []func(string) string{strings.ToLower, strings.ToUpper} {
		other := slices.Clone(headings)
		for n, heading := range headings {
			if !strings.HasPrefix(heading, "attr.") { // the name of an attribute keeps its case
				other[n] = "\u00a0" + change(heading) + " "
			}
		}
		if got := bind(t, f, other...).Record(1, rowOf(rows[0]...)); !reflect.DeepEqual(strip(wanted(got)), strip(wanted(want))) {
			t.Errorf("%q read %+v, not %+v", other, got, want)
		}
	}
}

// strip takes out under which headings the items of lists stood.
func strip(r directory.Record) directory.Record {
	for _, list := range []*directory.List{&r.Aliases, &r.Delegates, &r.Groups} {
		for n := range list.Items {
			list.Items[n].Column = ""
		}
	}
	return r
}

func ownColumns(t *testing.T, f *Format) {
	headings, rows := template(t, f)
	want := bind(t, f, headings...).Record(1, rowOf(rows[0]...))
	for _, own := range [][]string{{"Result"}, {"Result", "Email Address"}, {"RESULT", "Password"}, {"Result", "Email Address", "Password", ""}} {
		b := bind(t, f, slices.Concat(headings, own)...)
		if !slices.Equal(b.Headings(), headings) {
			t.Errorf("%q: the headings are %q", own, b.Headings())
		}
		cells := slices.Concat(rows[0], []string{"Created", "new@example.org", "Abcde-Fghjk"}[:min(3, len(own))])
		got, made := b.Record(1, rowOf(cells...)), ""
		if slices.Contains(own, "Email Address") {
			made = "new@example.org"
		}
		if got.MadeAddress != made {
			t.Errorf("%q: the address that was made is %q, not %q", own, got.MadeAddress, made)
		}
		if got.MadeAddress = ""; !reflect.DeepEqual(wanted(got), wanted(want)) {
			t.Errorf("%q: read %+v, not %+v", own, got, want)
		}
		for n, heading := range own {
			if b.Secret(len(headings)+n) != (heading == "Password") {
				t.Errorf("%q: Secret(%s) is wrong", own, heading)
			}
		}
		if kept := b.Keep(rowOf(cells...)); len(kept) != len(headings) {
			t.Errorf("%q: kept %q", own, kept)
		}
	}
}

func secretColumns(t *testing.T, f *Format) {
	headings, _ := template(t, f)
	b := bind(t, f, headings...)
	cells := slices.Repeat([]string{"text"}, len(headings))
	kept := b.Keep(rowOf(cells...))
	for n, heading := range headings {
		name := b.slots[n].name
		hidden := name == "password" || name == "password_hash" || strings.HasPrefix(name, AccountPrefix) && strings.HasSuffix(name, "password")
		if b.Secret(n) != hidden || (kept[n] == "") != hidden {
			t.Errorf("%s: Secret is %v, kept %q", heading, b.Secret(n), kept[n])
		}
		if (b.PasswordColumn() == n) != (name == "password") {
			t.Errorf("%s: the password's column is %d", heading, b.PasswordColumn())
		}
	}
	if !b.Secret(len(headings)) {
		t.Error("what stands beyond the headings is no secret")
	}
}

func clearHonoured(t *testing.T, f *Format) {
	headings, rows := template(t, f)
	b := bind(t, f, headings...)
	for n, heading := range headings {
		rec := b.Record(1, rowOf(with(rows[0], n, " (CLEAR)")...))
		s, want := b.slots[n], []string(nil)
		switch {
		case s.required:
			want = []string{heading + ":value-missing"}
		case s.kind == value && (!rec.Cleared[s.field] || rec.Values[s.field] != ""),
			s.first && (!s.listOf(rec).Only || len(s.listOf(rec).Items) > 0),
			s.kind == attribute && !slices.Contains(rec.Attributes, directory.Attribute{Name: s.attribute(), Value: directory.Clear}),
			s.kind == accountValue && rec.Account.Values[s.account] != directory.Clear:
			t.Errorf("%s is not cleared: %+v", heading, rec)
		case s.kind != value && s.kind != attribute && s.kind != accountValue && !s.first:
			want = []string{heading + ":clear-misplaced"}
		}
		if !slices.Equal(codes(rec), want) {
			t.Errorf("%s: %q, not %q", heading, codes(rec), want)
		}
	}
}

func shortRow(t *testing.T, f *Format) {
	headings, rows := template(t, f)
	b := bind(t, f, headings...)
	for n := range headings {
		blank := append(slices.Clone(rows[0][:n]), make([]string, len(headings)-n)...)
		want, got := b.Record(1, rowOf(blank...)), b.Record(1, rowOf(rows[0][:n]...))
		if !reflect.DeepEqual(wanted(got), wanted(want)) {
			t.Errorf("%d cells: %+v, not %+v", n, got, want)
		}
	}
}

func longRow(t *testing.T, f *Format) {
	headings, rows := template(t, f)
	end := table.Letter(len(headings))
	for _, blank := range []string{"", " ", "\u200b"} {
		b := bind(t, f, append(slices.Clone(headings), blank)...)
		if rec := b.Record(1, rowOf(append(slices.Clone(rows[0]), blank, blank)...)); len(rec.Issues) > 0 {
			t.Errorf("blank %q: %q", blank, codes(rec))
		}
		if rec := b.Record(1, rowOf(append(slices.Clone(rows[0]), "x", "y")...)); !slices.Equal(codes(rec), []string{end + ":row-too-long"}) {
			t.Errorf("a cell beyond the headings: %q", codes(rec))
		}
	}
}

func addressTrimmed(t *testing.T, f *Format) {
	headings, rows := template(t, f)
	b := bind(t, f, headings...)
	for n, heading := range headings {
		name := strings.TrimRight(b.slots[n].name, "0123456789")
		want := []string(nil)
		if slices.Contains([]string{"address", "account.address", "rename_to", "alias", "delegate"}, name) {
			want = []string{heading + ":address-trimmed"}
		}
		if shape := b.slots[n].shape; shape != nil && shape.Others == RefuseOthers {
			continue // no address is among its values
		}
		if rec := b.Record(1, rowOf(with(rows[0], n, "a@example.org\u00a0")...)); !slices.Equal(codes(rec), want) {
			t.Errorf("%s: %q, not %q", heading, codes(rec), want)
		}
		if rec := b.Record(1, rowOf(with(rows[0], n, "a@example.org")...)); len(rec.Issues) > 0 {
			t.Errorf("%s is not trimmed, but %q", heading, codes(rec))
		}
	}
}

func tableFault(t *testing.T, f *Format) {
	headings, rows := template(t, f)
	b := bind(t, f, headings...)
	row := rowOf(rows[0]...)
	fault := issue.Issue{Line: 8, Column: "B", Code: "some-fault", Severity: issue.Error, Message: "A fault."}
	row.Issues = []issue.Issue{fault}
	fault.Row, fault.Column = 12, headings[1]
	if rec := b.Record(12, row); !slices.Equal(rec.Issues, []issue.Issue{fault}) {
		t.Errorf("the issues are %+v", rec.Issues)
	}
	if b.PasswordColumn() < 0 {
		return
	}
	row.Cells = slices.Repeat([]table.Cell{{Text: "maybe-a-password"}}, len(headings))
	rec, kept := b.Record(12, row), b.Keep(row)
	for n := b.PasswordColumn(); n < len(headings); n++ {
		if s := b.slots[n]; kept[n] != "" || s.kind == value && rec.Values[s.field] != "" || rec.Password != secret.Text("") {
			t.Errorf("%s: what may be a password is read or kept", headings[n])
		}
	}
}

func detected(t *testing.T, f *Format) {
	headings, _ := template(t, f)
	if found := All().Detect(headings, f.Kind); len(found) != 1 || found[0] != f {
		t.Errorf("the template is taken for %v", found)
	}
}
