package importer_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/table"
)

// workbook makes an .xlsx of sheets, each a name and its lines of CSV; one whose
// name begins with a dot is hidden.
func workbook(t *testing.T, sheets ...string) string {
	t.Helper()
	f := excelize.NewFile()
	for i := 0; i < len(sheets); i += 2 {
		name, hidden := strings.CutPrefix(sheets[i], ".")
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(strings.TrimSpace(sheets[i+1]), "\n") {
			cells := strings.Split(line, ",")
			if err := f.SetSheetRow(name, fmt.Sprintf("A%d", n+1), &cells); err != nil {
				t.Fatal(err)
			}
		}
		if hidden {
			f.SetSheetVisible(name, false)
		}
	}
	if sheets[0] != "Sheet1" {
		f.DeleteSheet("Sheet1")
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// planNamed uploads a file of a name and plans it.
func planNamed(w *importertest.World, name, file string, o importer.Options) *importer.Import {
	w.T.Helper()
	imp, err := w.Importer.Upload(ctx, operator, name, strings.NewReader(file), o)
	if err == nil {
		imp, err = w.Importer.Plan(ctx, imp.Number)
	}
	if err != nil {
		w.T.Fatal(err)
	}
	return imp
}

func noteCodes(imp *importer.Import) (codes []string) {
	for _, i := range imp.FileIssues {
		codes = append(codes, i.Code)
	}
	return codes
}

// The same table, as CSV and as a workbook, makes the same users.
func TestAWorkbookIsACSV(t *testing.T) {
	const people = "address,name,org,local_id,mobile,alias1,attr.Building,pop\n" +
		"ann@example.org,Ännchen,RX1,00042,07400 123456,a@example.org,East,TRUE\n" +
		"bob@example.org,李小龍,RX1,00043,,,,FALSE\n"
	csv, xlsx := importertest.New(t), importertest.New(t)
	csv.Apply(csv.Plan(people, importer.Options{}))
	imp := xlsx.Apply(planNamed(xlsx, "people.xlsx", workbook(t, "Staff", people), importer.Options{}))
	if len(imp.FileIssues) > 0 || imp.Table.Kind != table.XLSX || imp.Table.Sheet != "Staff" {
		t.Errorf("%+v, %v", imp.Table, imp.FileIssues)
	}
	differs(t, "as a workbook", portrait(csv), portrait(xlsx))
}

func TestWhichSheetIsRead(t *testing.T) {
	const (
		readMe  = "Fill in the next sheet"
		people  = "address,name\nann@example.org,Ann"
		leavers = "address,status\nbob@example.org,leaver"
	)
	cases := []struct {
		name, option string
		sheets       []string
		want         string // the sheet and the notes, or why the file was refused
	}{
		{"the only one", "", []string{"Sheet1", people}, "Sheet1"},
		{"beside a blank one", "", []string{"Sheet1", people, "Sheet2", ""}, "Sheet1"},
		{"the first that fits", "", []string{"Read me", readMe, "Staff", people, "Leavers", leavers}, "Staff sheet-chosen"},
		{"hidden ones are not chosen", "", []string{".Old", leavers, "Staff", people}, "Staff"},
		{"a hidden one that is asked for", "old", []string{".Old", leavers, "Staff", people}, "Old"},
		{"by its number", "2", []string{".Old", leavers, "Read me", readMe, "Staff", people}, "Staff"},
		{"one that does not fit", "Read me", []string{"Read me", readMe, "Staff", people}, "format-unclear"},
		{"none fits", "", []string{"Read me", readMe, "Staff", "address,nme"}, "header-unknown"},
		{"blank", "", []string{"Sheet1", "", "Sheet2", ""}, "no-rows"},
		{"headings alone", "", []string{"Sheet1", "address,name"}, "no-rows"},
	}
	w := importertest.New(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			imp := planNamed(w, "people.xlsx", workbook(t, c.sheets...), importer.Options{Org: "RX1", Sheet: c.option})
			got := strings.Join(noteCodes(imp), " ")
			if imp.State == importer.Planned {
				got = strings.TrimSpace(imp.Table.Sheet + " " + got)
			}
			if got != c.want {
				t.Errorf("%q, want %q: %v", got, c.want, imp.FileIssues)
			}
			if !imp.Finished() {
				if _, err := w.Importer.Cancel(ctx, operator, imp.Number); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// Two sheets of one file are about different people, also where their rows bear no
// identity.
func TestTwoSheetsOfOneFile(t *testing.T) {
	w := importertest.New(t)
	file := workbook(t, "May", nhsmail1Header+",Ann,Lee,RX1,,,,,", "June", nhsmail1Header+",Bob,Ray,RX1,,,,,")
	for _, c := range []struct {
		sheet string
		want  directory.Action
	}{{"May", directory.Create}, {"June", directory.Create}, {"May", directory.Unchanged}, {"June", directory.Unchanged}} {
		imp := planNamed(w, "starters.xlsx", file, importer.Options{Sheet: c.sheet})
		if imp.Counts[c.want] != 1 || (imp.SameAs > 0) != (c.want == directory.Unchanged) {
			t.Errorf("%s: %v, same as %d, %v", c.sheet, imp.Counts, imp.SameAs, imp.FileIssues)
		}
		w.Apply(imp)
	}
	if got := w.Users(); !slices.Equal(got, []string{"ann.lee@example.org", "bob.ray@example.org"}) {
		t.Errorf("users %q", got)
	}
}

// A workbook larger than the parts in which it is kept is read back from wherever
// that is asked for.
func TestALargeWorkbook(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	out := table.NewWriter(&b, table.Info{Kind: table.XLSX, Sheet: "Staff"})
	out.Write([]string{"address", "name", "notes"})
	const rows = 3000
	for n := range rows {
		notes := make([]byte, 1500)
		for i := range notes {
			notes[i] = byte('!' + random.IntN(90))
		}
		out.Write([]string{fmt.Sprintf("p%d@example.org", n), fmt.Sprint("Person ", n), string(notes)})
	}
	if err := out.Close(); err != nil || b.Len() < 3<<20 {
		t.Fatalf("%d bytes, %v", b.Len(), err)
	}
	w := importertest.New(t)
	imp := planNamed(w, "people.xlsx", b.String(), importer.Options{Org: "RX1"})
	if imp.Counts[directory.Create] != rows {
		t.Errorf("%v, %v", imp.Counts, imp.FileIssues)
	}
}

// Results come in the kind of the file, with the cells in error coloured, and are
// understood when they come back.
func TestResultsOfAWorkbook(t *testing.T) {
	w := importertest.New(t)
	file := workbook(t, "Read me", "nothing", "Staff", "address,name,org,local_id,mobile\nann@example.org,=1+1,RX1,00042,\nbob@exmaple.org,Bob,RX1,00043,\nzoë,Zoë,RX9,00044,")
	imp := w.Apply(planNamed(w, "people.xlsx", file, importer.Options{Mode: "partial"}))
	wantOutcomes(w, imp, importer.Created, importer.LeftOut, importer.LeftOut)

	whole, failed := w.Results(imp, false), w.Results(imp, true)
	f, err := excelize.OpenReader(strings.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows("Staff")
	if err != nil || len(rows) != 4 {
		t.Fatalf("%q, %v", rows, err)
	}
	if got := strings.Join(rows[1], "|"); got != "ann@example.org|=1+1|RX1|00042||Created" {
		t.Errorf("the first row is %q", got)
	}
	if want := []string{"A3", "F3", "A4", "C4", "F4"}; !slices.Equal(coloured(t, f, "Staff"), want) {
		t.Errorf("coloured are %q, want %q", coloured(t, f, "Staff"), want)
	}
	if f, err = excelize.OpenReader(strings.NewReader(failed)); err != nil {
		t.Fatal(err)
	}
	if rows, err := f.GetRows("Staff"); err != nil || len(rows) != 3 || rows[1][3] != "00043" {
		t.Errorf("the failed rows are %q, %v", rows, err)
	}

	again := planNamed(w, "results.xlsx", whole, importer.Options{})
	if again.Counts[directory.Unchanged] != 1 || again.Counts[directory.Refuse] != 2 {
		t.Errorf("the results again: %v %v", again.Counts, again.FileIssues)
	}
	again = planNamed(w, "failed.xlsx", failed, importer.Options{Sheet: "Staff"})
	if again.Rows != 2 || again.Counts[directory.Refuse] != 2 {
		t.Errorf("the failed rows again: %v %v", again.Counts, again.FileIssues)
	}
}

// coloured returns the places of the cells that are filled with a colour.
func coloured(t *testing.T, f *excelize.File, sheet string) (places []string) {
	t.Helper()
	for row := 1; row <= 5; row++ {
		for column := 1; column <= 10; column++ {
			place, _ := excelize.CoordinatesToCellName(column, row)
			id, err := f.GetCellStyle(sheet, place)
			if err != nil {
				t.Fatal(err)
			}
			if style, err := f.GetStyle(id); err == nil && style.Fill.Type == "pattern" && style.Fill.Pattern == 1 {
				places = append(places, place)
			}
		}
	}
	return places
}

// A damaged workbook is refused, also where only its last rows tell.
func TestADamagedWorkbook(t *testing.T) {
	var b bytes.Buffer
	out := table.NewWriter(&b, table.Info{Kind: table.XLSX})
	out.Write([]string{"address", "name"})
	for n := range 5000 {
		out.Write([]string{fmt.Sprintf("p%d@example.org", n), fmt.Sprint("Person ", n)})
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	file, _ := io.ReadAll(&b)
	file[len(file)*9/10] ^= 1
	w := importertest.New(t)
	imp := planNamed(w, "people.xlsx", string(file), importer.Options{Org: "RX1"})
	if codes := noteCodes(imp); imp.State != importer.Refused || !slices.Equal(codes, []string{"workbook-damaged"}) {
		t.Errorf("%s: %v", imp.State, imp.FileIssues)
	}
	if rows := w.Rows(imp); len(rows) != 0 {
		t.Errorf("%d rows are kept", len(rows))
	}
}

// A file without headings may be a workbook: the plan is that of CSV, and the results
// are a workbook without headings again.
func TestAWorkbookWithoutHeadings(t *testing.T) {
	const accounts = "ann@example.org,Ann Lee,ann@mail.example,ann,in-2,ann-out\n" +
		"ben@example.org,Ben,ben@mail.example,ben,,ben\n" +
		"nobody@example.org,Nobody,no@mail.example,no,,no\n"
	options := importer.Options{Format: "miradore-email"}
	csv, xlsx := miradoreWorld(t), miradoreWorld(t)
	want := csv.Plan(accounts, options)
	got := planNamed(xlsx, "accounts.xlsx", workbook(t, "Accounts", accounts), options)
	if planned(csv, want) != planned(xlsx, got) || len(got.FileIssues) > 0 {
		t.Errorf("planned\n%s, not\n%s", planned(xlsx, got), planned(csv, want))
	}
	csv.Apply(want)
	got = xlsx.Apply(got)
	if accountsOf(t, csv) != accountsOf(t, xlsx) {
		t.Errorf("the accounts are\n%s, not\n%s", accountsOf(t, xlsx), accountsOf(t, csv))
	}
	results := xlsx.Results(got, false)
	f, err := excelize.OpenReader(strings.NewReader(results))
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := f.GetRows("Accounts"); err != nil || len(rows) != 3 || strings.Join(rows[0], "|") != "ann@example.org|Ann Lee|ann@mail.example|ann||ann-out||Updated" {
		t.Errorf("the results are %q, %v", rows, err)
	}
	again := planNamed(xlsx, "results.xlsx", results, options)
	if again.Counts[directory.Unchanged] != 2 || again.Counts[directory.Discard] != 1 {
		t.Errorf("the results again: %v %v", again.Counts, again.FileIssues)
	}
}
