package importer_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/password"
)

func revise(w *importertest.World, imp *importer.Import, list ...importer.Revision) *importer.Import {
	w.T.Helper()
	return reviseAs(w, operator, imp, list...)
}

func reviseAs(w *importertest.World, actor directory.Actor, imp *importer.Import, list ...importer.Revision) *importer.Import {
	w.T.Helper()
	imp, err := w.Importer.Revise(ctx, actor, imp.Number, list)
	if err != nil {
		w.T.Fatal(err)
	}
	accounted(w, imp)
	return imp
}

func cells(row int, pairs ...string) importer.Revision {
	r := importer.Revision{Row: row, Cells: map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		r.Cells[pairs[i]] = pairs[i+1]
	}
	return r
}

func out(row int) importer.Revision { return importer.Revision{Row: row, Out: true} }

// brief is what a plan says of each row: the action, and what is wrong.
func brief(w *importertest.World, imp *importer.Import) string {
	var rows []string
	for _, r := range w.Rows(imp) {
		text := string(r.Action)
		if r.Outcome != "" {
			text += " " + string(r.Outcome)
		}
		for _, i := range r.Issues {
			text += " " + i.Code
		}
		rows = append(rows, text)
	}
	return strings.Join(rows, "; ")
}

func TestRevise(t *testing.T) {
	const file = "address,name,delegate1\nbad@exmaple.org,Bad,\nann@example.org,Ann,\nann@example.org,Anna,\nben@example.org,Ben,ann@example.org\n"
	const planned = "error domain-unknown; create; error duplicate-in-file; create"
	for _, c := range []struct {
		what string
		list []importer.Revision
		want string
	}{
		{"nothing", nil, planned},
		{"a cell is mended", []importer.Revision{cells(1, "address", "good@example.org")}, "create row-mended; create; error duplicate-in-file; create"},
		{"a column by its letter", []importer.Revision{cells(1, "a", "good@example.org", "NAME", "Good")}, "create row-mended row-mended; create; error duplicate-in-file; create"},
		{"a cell becomes wrong", []importer.Revision{cells(2, "address", "ann")}, "error domain-unknown; error address-invalid row-mended; create; create"},
		{"a cell is as it was", []importer.Revision{cells(2, "name", "Ann")}, planned},
		{"a row is left out, and the later one of the same person takes its place", []importer.Revision{out(2)}, "error domain-unknown; create left_out row-left-out; create; create"},
		{"both are left out, and whoever names them is in error", []importer.Revision{out(2), out(3)},
			"error domain-unknown; create left_out row-left-out; error left_out duplicate-in-file row-left-out; error delegate-unknown"},
		{"a row in error is left out", []importer.Revision{out(1)}, "error left_out domain-unknown row-left-out; create; error duplicate-in-file; create"},
		{"a row takes the address of another", []importer.Revision{cells(4, "address", "ann@example.org", "delegate1", "")},
			"error domain-unknown; create; error duplicate-in-file; error row-mended row-mended duplicate-in-file"},
		{"a row makes room for another", []importer.Revision{cells(2, "address", "anne@example.org")}, "error domain-unknown; create row-mended; create; create"},
	} {
		t.Run(c.what, func(t *testing.T) {
			w := importertest.New(t)
			imp := w.Plan(file, importer.Options{Org: "RX1"})
			if got := brief(w, imp); got != planned {
				t.Fatal(got)
			}
			if got := brief(w, revise(w, imp, c.list...)); got != c.want {
				t.Errorf("revised: %s\nwant: %s", got, c.want)
			}
		})
	}
}

// What a plan says after a revision is what apply does, and an undo takes back.
func TestRevisedIsApplied(t *testing.T) {
	w := importertest.New(t)
	before := portrait(w)
	imp := w.Plan("address,name\nbad@exmaple.org,Bad\nann@example.org,Ann\nben@example.org,Ben\n", importer.Options{Org: "RX1", Mode: "strict"})
	if _, err := w.Importer.Apply(ctx, operator, imp.Number, 0); !importer.StrictErrors.Is(err) {
		t.Fatal(err)
	}
	imp = revise(w, imp, out(1), cells(2, "name", "Dr Ann"))
	if imp = revise(w, imp, out(3)); imp.Counts[directory.Create] != 1 || imp.SetAside != 2 {
		t.Errorf("%v, %d left out", imp.Counts, imp.SetAside)
	}
	w.Apply(imp)
	wantOutcomes(w, imp, importer.LeftOut, importer.Created, importer.LeftOut)
	if got := strings.Join(w.Users(), " "); got != "ann@example.org" || w.User(got).Get(directory.Name) != "Dr Ann" {
		t.Errorf("made are %s", got)
	}
	if got := w.Results(imp, true); got != "address,name,Result\nbad@exmaple.org,Bad,Left out: address: The domain exmaple.org is not in the directory. (exmaple.org -> example.org?)\nben@example.org,Ben,Left out\n" {
		t.Errorf("the failed rows are %q", got)
	}
	if _, err := w.Importer.Undo(ctx, operator, imp.Number, 0); err != nil {
		t.Fatal(err)
	}
	wantOutcomes(w, imp, importer.LeftOut, importer.Reversed, importer.LeftOut)
	differs(t, "undone", before, portrait(w))
}

// A row that is taken in again is as before, its password too.
func TestSecretsOfRevisedRows(t *testing.T) {
	w := importertest.New(t)
	imp := w.Plan("address,password\nann@example.org,correct-horse-battery\nbad@exmaple.org,correct-horse-battery\nben@example.org,short\n", importer.Options{Org: "RX1"})
	leaks(t, w, "planned", "correct-horse-battery")
	imp = revise(w, imp, out(1), cells(2, "address", "good@example.org"))
	if imp.Secrets != 1 {
		t.Errorf("%d to hash", imp.Secrets)
	}
	imp = revise(w, imp, cells(1), cells(3, "password", "another-long-one"))
	leaks(t, w, "revised", "correct-horse-battery")
	leaks(t, w, "revised", "another-long-one")
	if imp.Secrets != 3 || imp.SetAside != 0 {
		t.Errorf("%d to hash, %d left out", imp.Secrets, imp.SetAside)
	}
	for _, r := range w.Rows(imp) {
		if r.Cells[1] != "" {
			t.Errorf("row %d keeps %q", r.Row, r.Cells[1])
		}
	}
	w.Apply(imp)
	for address, plain := range map[string]string{"ann": "correct-horse-battery", "good": "correct-horse-battery", "ben": "another-long-one"} {
		if ok, _, _ := password.Verify(hashOf(t, w, address+"@example.org"), plain); !ok {
			t.Errorf("the password of %s is another", address)
		}
	}
	if n := query[int](t, w, `SELECT count(*) FROM import_secrets`); n != 0 {
		t.Errorf("%d secrets are left", n)
	}
}

// Who has revised a row, when, by which door and which columns, is told in the history and
// with the row, whatever becomes of it; what the cells have and had is not.
func TestRevisionsAreTold(t *testing.T) {
	w := importertest.New(t)
	imp := w.Plan("address,name,password\nann@example.org,Ann,\nben@example.org,Ben,\n", importer.Options{Org: "RX1"})
	bea, began := admin(w, "bea@example.org", "RX1", "Basic"), w.Importer.Now()
	revise(w, imp, cells(1, "B", "Zoe Ann", "password", "zephyr-quartz-77"))
	reviseAs(w, bea, imp, out(1), out(2))
	reviseAs(w, bea, imp, out(2), cells(1, "name", "Dr Zoe"))
	reviseAs(w, bea, imp, cells(1, "name", "Dr Zoe")) // as it is
	reviseAs(w, bea, imp, cells(2))
	var told []string
	err := w.Directory.Entries(ctx, operator, directory.HistoryFilter{Import: imp.Number, OldestFirst: true}, func(e directory.Entry) error {
		told = append(told, fmt.Sprint(e.Actor, " ", e.Door, " ", e.Org, " ", e.Subject, " row ", e.Row, " ", e.Action, " ", e.Changes))
		if e.At.Before(began) || e.At.After(w.Importer.Now()) {
			t.Errorf("at %v", e.At)
		}
		return nil
	})
	want := []string{
		"operator test RX1 import 1 row 1 revise [{columns  name, password }]",
		"bea@example.org test RX1 import 1 row 1 revise [{left_out false true }]",
		"bea@example.org test RX1 import 1 row 2 revise [{left_out false true }]",
		"bea@example.org test RX1 import 1 row 1 revise [{columns  name } {left_out true false }]",
		"bea@example.org test RX1 import 1 row 2 revise [{left_out true false }]",
	}
	if err != nil || !slices.Equal(told, want) {
		t.Errorf("told is\n%s\n%v", strings.Join(told, "\n"), err)
	}
	mended := func() (list []string) {
		for _, i := range w.Rows(imp)[0].Issues {
			list = append(list, i.Code+" "+i.Column+": "+i.Message)
		}
		return list
	}
	rows := []string{"row-mended name: Mended in the plan by operator.", "row-mended password: Mended in the plan by operator.", "row-mended name: Mended in the plan by bea@example.org."}
	if got := mended(); !slices.Equal(got, rows) {
		t.Errorf("the row says %q", got)
	}
	w.Apply(imp)
	if got := mended(); !slices.Equal(got, rows) {
		t.Errorf("after it was applied, the row says %q", got)
	}
	leaks(t, w, "told", "zephyr-quartz-77")
}

// E-mail accounts, of which a user may have several in a file, are counted right.
func TestReviseAccounts(t *testing.T) {
	w := miradoreWorld(t)
	imp := w.Plan("ben@example.org,Ben,b1@mail.example,b,in-9,b\nben@example.org,Ben,b2@mail.example,b,,b\nnobody@example.org,No,n@mail.example,n,in-8,n\n", importer.Options{Format: "miradore-email"})
	for _, step := range []struct {
		list []importer.Revision
		want string
	}{
		{[]importer.Revision{out(1)}, "1 update left_out row-left-out; update; discard user-not-found"},
		{[]importer.Revision{cells(1, "A", "ann@example.org")}, "2 update row-mended; update; discard user-not-found"},
		{[]importer.Revision{cells(3, "A", "ben@example.org")}, "2 update row-mended; update; update row-mended"},
		{[]importer.Revision{out(2), out(3)}, "1 update row-mended; update left_out row-left-out; update left_out row-mended row-left-out"},
	} {
		imp = revise(w, imp, step.list...)
		if got := fmt.Sprint(imp.ConfirmCount(), " ", brief(w, imp)); got != step.want {
			t.Errorf("%s, want %s", got, step.want)
		}
	}
	w.Apply(revise(w, imp, cells(3)))
	if got, want := accountsOf(t, w), annsEmail+"ann email b1@mail.example Ben/b/in-9/b/\n"+annsExchange+"ben email n@mail.example No/n/in-8/n/\n"; got != want {
		t.Errorf("after it\n%swant\n%s", got, want)
	}
}

// Who leaves a group that a file replaces follows from the rows that are left.
func TestReviseReplacesGroup(t *testing.T) {
	w := wardsWorld(t)
	imp := w.Plan("address\nann@example.org\nbob@example.org\n", importer.Options{Org: "RX1", Group: "Wards", GroupMode: "replace"})
	if imp.Removed != 1 {
		t.Fatalf("%d go", imp.Removed)
	}
	if imp = revise(w, imp, out(2)); imp.Removed != 2 {
		t.Errorf("%d go", imp.Removed)
	}
	w.Apply(imp)
	if got := members(w, "Wards"); !slices.Equal(got, []string{"ann@example.org"}) {
		t.Errorf("members are %v", got)
	}
}

// A row comes to what whoever planned the file may do, and whoever revises it, too.
func TestRightsOfRevisions(t *testing.T) {
	w := importertest.New(t)
	master, basic := admin(w, "mary@example.org", "RX1", "Basic"), admin(w, "bea@example.org", "RX1", "Basic")
	master.Role, master.Org = "Master", directory.Master
	w.Add("fay@example.org", "RX1", "role", "Full")
	auditor := admin(w, "ada@example.org", "RX1", "Auditor")
	const file = "address,name,role\nann@example.org,Ann,\nfay@example.org,,\n"
	of := func(planner, reviser directory.Actor, r importer.Revision) string {
		return brief(w, reviseAs(w, reviser, w.PlanAs(planner, file, importer.Options{Org: "RX1"}), r))
	}
	for _, c := range []struct {
		what             string
		planner, reviser directory.Actor
		revision         importer.Revision
		want             string
	}{
		{"both may", master, master, cells(1, "role", "Helpdesk"), "create row-mended; unchanged"},
		{"whoever revises may not", master, basic, cells(1, "role", "Helpdesk"), "error role-not-by-file row-mended; unchanged"},
		{"whoever planned may not", basic, master, cells(1, "role", "Helpdesk"), "error role-not-by-file row-mended; error user-protected"},
		{"a protected administrator", master, basic, cells(2, "name", "Fay"), "create; error user-protected row-mended"},
	} {
		if got := of(c.planner, c.reviser, c.revision); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
	imp := w.Plan(file, importer.Options{Org: "RX1"})
	other := directory.Actor{Address: "x@elsewhere.example", Role: "Full", Org: "RX9"}
	for actor, code := range map[*directory.Actor]string{&auditor: "not-allowed", &other: "import-unknown"} {
		if _, err := w.Importer.Revise(ctx, *actor, imp.Number, []importer.Revision{out(1)}); codeOf(err) != code {
			t.Errorf("%s: %v", actor.Role, err)
		}
	}
}

func TestRefusedRevisions(t *testing.T) {
	w := importertest.New(t)
	imp := w.Plan("address,name\nann@example.org,Ann\n", importer.Options{Org: "RX1"})
	for _, c := range []struct {
		revision importer.Revision
		code     string
	}{
		{cells(2, "name", "x"), "row-unknown"},
		{cells(0, "name", "x"), "row-unknown"},
		{cells(1, "Result", "x"), "column-unknown"},
		{cells(1, "C", "x"), "column-unknown"},
	} {
		before := brief(w, imp)
		if _, err := w.Importer.Revise(ctx, operator, imp.Number, []importer.Revision{cells(1, "address", "ben@example.org"), c.revision}); codeOf(err) != c.code {
			t.Errorf("%+v: %v, want %s", c.revision, err, c.code)
		}
		if w.Rows(imp)[0].Cells[0] != "ann@example.org" || brief(w, imp) != before {
			t.Errorf("%+v: something has changed", c.revision)
		}
	}
	w.Apply(imp)
	if _, err := w.Importer.Revise(ctx, operator, imp.Number, []importer.Revision{out(1)}); codeOf(err) != "plan-not-revisable" {
		t.Errorf("an import that is applied: %v", err)
	}
	unattended := w.Plan("address,name\nben@example.org,Ben\n", importer.Options{Org: "RX1", Unattended: true})
	if _, err := w.Importer.Revise(ctx, operator, unattended.Number, []importer.Revision{out(1)}); codeOf(err) != "plan-not-revisable" {
		t.Errorf("an import that nobody looks at: %v", err)
	}
}

// counted are the sums of a plan that follow from its rows.
func counted(imp *importer.Import) string {
	nonzero := func(m map[string]int64) string {
		m = maps.Clone(m)
		maps.DeleteFunc(m, func(_ string, n int64) bool { return n == 0 })
		return fmt.Sprint(m)
	}
	return fmt.Sprint(imp.Secrets, imp.GeneratedPasswords, imp.Removed, imp.Unusual, " ", imp.ConfirmCount(), nonzero(imp.Touched),
		imp.Summary.Aliases, imp.Summary.Members, imp.Summary.Delegates, nonzero(imp.Summary.TakenOver))
}

// sure leaves out that a row was mended; and that one with other problems names an unknown
// delegate: that is told again when the row itself is revised.
func sure(brief string) string {
	rows := strings.Split(strings.ReplaceAll(brief, " row-mended", ""), "; ")
	for n, row := range rows {
		if strings.Count(row, " ") > 1 {
			rows[n] = strings.ReplaceAll(row, " delegate-unknown", "")
		}
	}
	return strings.Join(rows, "; ")
}

// TestARevisedPlanIsThatOfTheRevisedFile: whatever rows are changed, left out and taken
// in again, the plan is the one that the file would have had, as long as no two rows are
// after the same thing; and apply does what it says.
func TestARevisedPlanIsThatOfTheRevisedFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		name := rapid.SampledFrom([]string{"muster", "nhsmail", "mimecast-connect"}).Draw(t, "format")
		f := formats[name]
		headings := strings.Split(f.header, ",")
		var rows [][]string
		for range rapid.IntRange(1, 8).Draw(t, "rows") {
			rows = append(rows, f.row(t, w))
		}
		blank := func(r []string) bool { return strings.TrimSpace(strings.Join(r, "")) == "" }
		if slices.ContainsFunc(rows, blank) {
			return // it is a line, and no row
		}
		o := importer.Options{Format: name, Org: "RX1", Mode: "partial", Group: drawn("", "Wards").Draw(t, "group"), GroupMode: "replace"}
		file := func() string {
			text := f.header + "\n"
			for _, r := range rows {
				text += quote(slices.Clone(r))
			}
			return text
		}
		if leavesAll.MatchString(file()) {
			o.Group = ""
		}
		imp := w.Plan(file(), o)
		if imp.State != importer.Planned {
			return
		}
		for range rapid.IntRange(1, 4).Draw(t, "revisions") {
			n := rapid.IntRange(1, len(rows)).Draw(t, "row")
			fresh := f.row(t, w)
			if rapid.Bool().Draw(t, "left out and taken in") {
				imp = revise(w, imp, out(n))
			}
			revision := importer.Revision{Row: n, Cells: map[string]string{}}
			for c, text := range fresh {
				if rapid.Bool().Draw(t, "cell") {
					rows[n-1][c], revision.Cells[headings[c]] = text, text
				} else if secret := strings.HasPrefix(strings.ToLower(headings[c]), "password"); secret {
					revision.Cells[headings[c]] = rows[n-1][c]
				}
			}
			imp = revise(w, imp, revision)
		}
		if leavesAll.MatchString(file()) && o.Group != "" || slices.ContainsFunc(rows, blank) {
			return
		}
		other := w.Copy()
		again := other.Plan(file(), o)
		got, want := sure(brief(w, imp)), sure(brief(other, again))
		if strings.Contains(got+want, "duplicate-in-file") || strings.Contains(got+want, "also-in-import") {
			return
		}
		if got != want || counted(imp) != counted(again) {
			t.Errorf("revised: %s %s\nfile:    %s %s\n%s", got, counted(imp), want, counted(again), file())
		}
		planned := w.Rows(imp)
		if imp, err := w.Importer.Apply(ctx, operator, imp.Number, imp.ConfirmCount()); err == nil {
			accounted(w, imp)
			for i, r := range w.Rows(imp) {
				if r.Action != planned[i].Action || r.Outcome != planned[i].Outcome {
					t.Errorf("row %d was to %s, and %s %s: %v", r.Row, planned[i].Action, r.Action, r.Outcome, r.Issues)
				}
			}
		}
	})
}
