package importer_test

import (
	"slices"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

const nhsmail1Header = "Title,First Name,Surname,Organisation Code,Department,Job Title,Telephone,Mobile,Local ID\n"

// TestChangesBetweenPlanAndApply: what somebody else does between plan and apply
// never leads to something that the plan did not say.
func TestChangesBetweenPlanAndApply(t *testing.T) {
	const update = "address,department\nann@example.org,East\n"
	cases := []struct {
		name      string
		file      string
		meanwhile func(w *importertest.World)
		want      importer.Outcome
		code      string // of the last issue
		message   string // part of the first issue
	}{
		{"nothing", update, func(*importertest.World) {}, importer.Updated, "", ""},
		{"the same by hand", update, func(w *importertest.World) { w.Set("ann@example.org", "department", "East") }, importer.Unchanged, "", ""},
		{"another field", update, func(w *importertest.World) { w.Set("ann@example.org", "title", "Dr") }, importer.Updated, "", ""},
		{"the same field", update, func(w *importertest.World) { w.Set("ann@example.org", "department", "West") },
			importer.Failed, "changed-since-plan", `Planned was department from "" to "East"; now it would be department from "West" to "East".`},
		{"the user is deleted", update, func(w *importertest.World) { w.Set("ann@example.org", "status", "deleted") },
			importer.Failed, "user-deleted", "The row is in error now."},
		{"an unchanged row's user is changed", "address,department\nbob@example.org,West\n",
			func(w *importertest.World) { w.Set("bob@example.org", "department", "North") }, importer.Failed, "changed-since-plan", `"North" to "West"`},
		{"an unchanged row's user has another title", "address,department\nbob@example.org,West\n",
			func(w *importertest.World) { w.Set("bob@example.org", "title", "Dr") }, importer.Unchanged, "", ""},
		{"the new user is there, and is as wanted", "address,name,org\nnew@example.org,New,RX1\n",
			func(w *importertest.World) { w.Add("new@example.org", "RX1", "name", "New") }, importer.Unchanged, "", ""},
		{"the new user is there, and is another", "address,name,org\nnew@example.org,New,RX1\n",
			func(w *importertest.World) { w.Add("new@example.org", "RX1", "name", "Other") },
			importer.Failed, "changed-since-plan", `Planned was create`},
		{"the address is an alias now", "address,org\nnew@example.org,RX1\n",
			func(w *importertest.World) { w.Set("bob@example.org", "alias", "new@example.org") }, importer.Failed, "address-is-alias", ""},
		{"the alias is another's now", "address,alias1\nann@example.org,x@example.org\n",
			func(w *importertest.World) { w.Set("bob@example.org", "alias", "x@example.org") }, importer.Failed, "address-taken", ""},
		{"the local id is another's now", "address,local_id\nann@example.org,L7\n",
			func(w *importertest.World) { w.Set("bob@example.org", "local_id", "l7") }, importer.Failed, "user-ambiguous", ""},
		{"only the number differs", nhsmail1Header + ",John,Smith,RX1,,,,,L1\n",
			func(w *importertest.World) { w.Add("john.smith@example.org", "RX1") }, importer.Created, "number-changed", "john.smith2@example.org"},
		{"the pattern differs", nhsmail1Header + ",John,Smith,RX1,,,,,L1\n",
			func(w *importertest.World) {
				w.Settings("RX1", func(s *directory.Settings) { s.AddressPattern = "{f}{last}" })
			}, importer.Failed, "changed-since-plan", "jsmith@example.org"},
		{"an organisation is added", nhsmail1Header + ",John,Smith,RX1,,,,,L1\n", func(w *importertest.World) { w.Org("RX9", "MASTER") }, importer.Created, "", ""},
		{"the domain is closed", "address,org\nnew@example.com,RX1\n",
			func(w *importertest.World) {
				err := w.Directory.SetDomain(ctx, operator, "example.com", func(d *directory.Domain) { d.Closed = true })
				if err != nil {
					w.T.Fatal(err)
				}
			}, importer.Failed, "domain-not-usable", ""},
		{"the domain is gone", "address,org\nnew@example.com,RX1\n",
			func(w *importertest.World) {
				if err := w.Directory.DeleteDomain(ctx, operator, "example.com"); err != nil {
					w.T.Fatal(err)
				}
			}, importer.Failed, "domain-unknown", ""},
		{"the group is gone", "address,group1\nann@example.org,Empty\n",
			func(w *importertest.World) {
				if err := w.Directory.DeleteGroup(ctx, operator, "RX1", "Empty"); err != nil {
					w.T.Fatal(err)
				}
			}, importer.Failed, "group-unknown", ""},
		{"the organisation's mailboxes shrink", "address,mailbox_gb\nann@example.org,9\n",
			func(w *importertest.World) {
				w.Settings("RX1", func(s *directory.Settings) { s.MailboxMaxGB = 5 })
			}, importer.Failed, "mailbox-too-large", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := importertest.New(t)
			w.Domain("example.com", "MASTER")
			w.Settings("RX1", func(s *directory.Settings) { s.MailboxMaxGB, s.DefaultDomain = 10, "example.org" })
			w.Group("RX1", "Empty")
			w.Add("ann@example.org", "RX1")
			w.Add("bob@example.org", "RX1", "department", "West")
			imp := w.Plan(c.file, importer.Options{Org: "RX1"})
			c.meanwhile(w)
			imp = w.Apply(imp)
			wantOutcomes(w, imp, c.want)
			issues := w.Rows(imp)[0].Issues
			if c.code == "" && len(issues) > 0 || c.code != "" && (len(issues) == 0 || issues[len(issues)-1].Code != c.code) {
				t.Fatalf("issues %+v, want %q", issues, c.code)
			}
			if c.message != "" && !strings.Contains(issues[0].Message, c.message) {
				t.Errorf("message %q, want %q in it", issues[0].Message, c.message)
			}
		})
	}
}

// TestPlannedNumbersStand: where something else than the address has changed,
// generated addresses stay as planned.
func TestPlannedNumbersStand(t *testing.T) {
	w := importertest.New(t)
	imp := w.Plan(nhsmail1Header+",John,Smith,RX1,,,,,L1\n,John,Smith,RX1,,,,,L2\n,John,Smith,RX1,,,,,L3\n", importer.Options{})
	planned := []string{}
	for _, r := range w.Rows(imp) {
		planned = append(planned, r.Address())
	}
	w.Org("RX9", "MASTER")
	imp = w.Apply(imp)
	for i, r := range w.Rows(imp) {
		if r.Address() != planned[i] || len(r.Issues) > 0 {
			t.Errorf("row %d has %s, planned was %s: %v", r.Row, r.Address(), planned[i], r.Issues)
		}
	}
}

// TestAnotherApplies: a plan is carried out with the rights of whoever applies it.
func TestAnotherApplies(t *testing.T) {
	const file = "address,department,org\nann@example.org,East,RX1\ncleo@example.net,East,RX2\nnew@example.org,,RX1\n"
	world := func(t *testing.T) *importertest.World {
		w := importertest.New(t)
		w.Org("RX2", "MASTER")
		w.Domain("example.net", "RX2")
		w.Add("ann@example.org", "RX1")
		w.Add("cleo@example.net", "RX2")
		return w
	}
	t.Run("Helpdesk plans and does not apply, Basic applies", func(t *testing.T) {
		w := world(t)
		helpdesk, basic := admin(w, "help@example.org", "RX1", "Helpdesk"), admin(w, "basic@example.org", "RX1", "Basic")
		imp := w.PlanAs(helpdesk, "address,department\nann@example.org,East\nnew@example.org,\n", importer.Options{})
		_, err := w.Importer.Apply(ctx, helpdesk, imp.Number, 0)
		wantCode(t, err, "not-allowed")
		if _, err := w.Importer.Apply(ctx, basic, imp.Number, 0); err != nil {
			t.Fatal(err)
		}
		wantOutcomes(w, imp, importer.Updated, importer.Created)
	})
	t.Run("Basic of one subtree does not apply the rows of another", func(t *testing.T) {
		w := world(t)
		basic := admin(w, "basic@example.org", "RX1", "Basic")
		imp := w.Plan(file, importer.Options{Org: "RX1"})
		_, err := w.Importer.Apply(ctx, basic, imp.Number, imp.ConfirmCount())
		wantCode(t, err, "import-unknown")
	})
	t.Run("Basic fails the rows that only the planner may do", func(t *testing.T) {
		w := world(t)
		basic := admin(w, "basic@example.org", "RX1", "Basic")
		admin(w, "boss@example.org", "RX1", "Full")
		imp := w.Plan("address,locked\nann@example.org,true\nboss@example.org,true\n", importer.Options{Org: "RX1"})
		if _, err := w.Importer.Apply(ctx, basic, imp.Number, imp.ConfirmCount()); err != nil {
			t.Fatal(err)
		}
		wantOutcomes(w, imp, importer.Updated, importer.Failed)
		if codes := codesOf(w.Rows(imp)[1]); !slices.ContainsFunc(codes, func(c string) bool { return strings.HasPrefix(c, "error user-protected") }) {
			t.Errorf("codes %v", codes)
		}
	})
	t.Run("an import of another organisation is not there", func(t *testing.T) {
		w := world(t)
		imp := w.Plan(file, importer.Options{Org: "RX1"})
		stranger := admin(w, "basic@example.net", "RX2", "Basic")
		_, err := w.Importer.Apply(ctx, stranger, imp.Number, 0)
		wantCode(t, err, "import-unknown")
		wantCode(t, w.Importer.Results(ctx, stranger, imp.Number, false, &strings.Builder{}), "import-unknown")
	})
}

// TestDelegatesOfTheSameFile: the order of rows does not matter, a row that
// names somebody who is not made is in error, and so are those that name it.
func TestDelegatesOfTheSameFile(t *testing.T) {
	w := importertest.New(t)
	file := "address,org,delegate1\na@example.org,RX1,b@example.org\nb@example.org,RX1,\nc@example.org,RX1,d@example.org\n" +
		"d@example.org,RX1,nobody@example.org\ne@example.org,RX1,c@example.org\n"
	imp := w.Plan(file, importer.Options{Mode: "partial"})
	imp = w.Apply(imp)
	wantOutcomes(w, imp, importer.Created, importer.Created, importer.LeftOut, importer.LeftOut, importer.LeftOut)
	if d := w.User("a@example.org").Delegates; len(d) != 1 || d[0].Address != "b@example.org" {
		t.Errorf("delegates %v", d)
	}
	if i := w.Rows(imp)[3].Issues; len(i) != 1 || i[0].Column != "delegate1" || i[0].Line != 5 {
		t.Errorf("issues %+v", i)
	}
}

// TestDelegatesOfACancelledImport: what was applied is whole, also where an
// import ends before its delegates were set.
func TestDelegatesOfACancelledImport(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 2
	imp := w.Plan("address,org,delegate1\na@example.org,RX1,b@example.org\nb@example.org,RX1,c@example.org\nc@example.org,RX1,\n", importer.Options{})
	service := *w.Importer
	service.Store = &dying{w.Store, 4, false} // begin, enter and one batch
	if _, err := service.Apply(ctx, operator, imp.Number, 0); err == nil {
		t.Fatal("the import was not cut off")
	}
	if _, err := w.Importer.Cancel(ctx, operator, imp.Number); err != nil {
		t.Fatal(err)
	}
	wantOutcomes(w, imp, importer.Created, importer.Created, importer.LeftOut)
	if d := w.User("a@example.org").Delegates; len(d) != 1 || d[0].Address != "b@example.org" {
		t.Errorf("delegates %v", d)
	}
	if codes := codesOf(w.Rows(imp)[1]); len(codes) != 1 || codes[0] != "warning delegate-not-set" {
		t.Errorf("codes %v", codes)
	}
}

// TestARowThatTheDatabaseRefusesFailsAlone: one row does not cost a batch.
func TestARowThatTheDatabaseRefusesFailsAlone(t *testing.T) {
	w := importertest.New(t)
	imp := w.Plan("address,org\na@example.org,RX1\nb@example.org,RX1\nc@example.org,RX1\n", importer.Options{})
	w.Refuse("INSERT", "b@example.org")
	imp = w.Apply(imp)
	wantOutcomes(w, imp, importer.Created, importer.Failed, importer.Created)
	if codes := codesOf(w.Rows(imp)[1]); len(codes) != 1 || codes[0] != "error not-taken" {
		t.Errorf("codes %v", codes)
	}
}

// TestDelegatesChangedSinceThePlan: a delegate whom somebody has set or taken away
// meanwhile is a difference like any other.
func TestDelegatesChangedSinceThePlan(t *testing.T) {
	w := importertest.New(t)
	for _, name := range []string{"ann", "bob", "cleo"} {
		w.Add(name+"@example.org", "RX1")
	}
	w.Set("cleo@example.org", "delegate", "bob@example.org")
	imp := w.Plan("address,title,delegate1\nann@example.org,Dr,bob@example.org\ncleo@example.org,Dr,bob@example.org\n", importer.Options{})
	w.Set("ann@example.org", "delegate", "bob@example.org")
	nobody := importertest.Record("address", "cleo@example.org")
	nobody.Delegates.Only = true
	if _, _, err := w.Directory.SetUser(ctx, operator, nobody); err != nil {
		t.Fatal(err)
	}
	imp = w.Apply(imp)
	wantOutcomes(w, imp, importer.Failed, importer.Failed)
	for _, r := range w.Rows(imp) {
		if codes := codesOf(r); len(codes) != 1 || codes[0] != "error changed-since-plan" {
			t.Errorf("codes %v", codes)
		}
	}
}
