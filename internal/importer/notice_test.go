package importer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/issue"
)

// noticesTo are the notices of somebody, the first one first: kind, import and text.
func noticesTo(t *testing.T, w *importertest.World, who directory.Actor) (list []string) {
	t.Helper()
	err := w.Directory.Notices(t.Context(), who, directory.NoticeFilter{}, func(n directory.Notice) error {
		list = append(list, fmt.Sprintf("%s %d: %s", n.Kind, n.Import, n.Text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(list)
	return list
}

func wantTold(t *testing.T, w *importertest.World, who directory.Actor, want ...string) {
	t.Helper()
	got := noticesTo(t, w, who)
	for i := range want {
		if len(got) != len(want) || !strings.HasPrefix(got[i], want[i]) {
			t.Fatalf("%s was told\n%s\nwant\n%s", who.Address, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s was told\n%s", who.Address, strings.Join(got, "\n"))
	}
}

// administrator is one who may import.
func administrator(w *importertest.World, address string) directory.Actor {
	u := w.Add(address, "RX1", "role", "Full")
	return directory.Actor{ID: u.ID, Address: address, Role: "Full", Org: "RX1", Door: "console"}
}

// "You are able to leave the bulk upload screen and can refer to the notification screen
// … to see the status of the file upload" (seed 5): each state that an import comes to is
// told once, to those who have a hand in it and to nobody else.
func TestImportsAreTold(t *testing.T) {
	w := importertest.New(t)
	ann, bob, eve := administrator(w, "ann@example.org"), administrator(w, "bob@example.org"), administrator(w, "eve@example.org")
	imp := w.PlanAs(ann, "address,name\ndan@example.org,Dan\nnobody,Nobody\n", importer.Options{Format: "muster"})
	for _, out := range []bool{true, false} { // which makes the plan anew
		if _, err := w.Importer.Revise(t.Context(), ann, imp.Number, []importer.Revision{{Row: 1, Out: out}}); err != nil {
			t.Fatal(err)
		}
	}
	wantTold(t, w, ann, "import-planned 1: Import 1 of people.csv is planned: 1 create, 1 error. It can be applied until ")
	for range 2 {
		if _, err := w.Importer.Apply(t.Context(), bob, imp.Number, 0); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Importer.Undo(t.Context(), bob, imp.Number, 0); err != nil {
		t.Fatal(err)
	}
	after := []string{"import-applied 1: Import 1 of people.csv is applied: 1 created, 1 left out.", "import-undone 1: Import 1 of people.csv is taken back: 1 reversed, 1 left out."}
	wantTold(t, w, bob, after...)
	wantTold(t, w, ann, append([]string{"import-planned 1: "}, after...)...)
	wantTold(t, w, eve)
	wantTold(t, w, importertest.Operator)
}

// "If the file processing fails, an email notification is sent to the person who performed
// the import." (seed 2)
func TestWhatWentWrongIsTold(t *testing.T) {
	w := importertest.New(t)
	ann := administrator(w, "ann@example.org")
	w.PlanAs(ann, "colour,taste\nred,sweet\n", importer.Options{})
	imp := w.PlanAs(ann, "address,name\ncy@example.org,Cy\n", importer.Options{Format: "muster"})
	if _, err := w.Importer.Cancel(t.Context(), ann, imp.Number); err != nil {
		t.Fatal(err)
	}
	w.PlanAs(ann, "address,name\ncy@example.org,Cy\n", importer.Options{Format: "muster"})
	w.Now = w.Now.AddDate(0, 0, w.Importer.PlanDays+1)
	if err := w.Importer.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantTold(t, w, ann, "import-refused 1: Import 1 of people.csv was refused: ", "import-planned 2: ", "import-cancelled 2: Import 2 of people.csv was cancelled: 1 left out.",
		"import-planned 3: ", "import-lapsed 3: Import 3 of people.csv was not applied in time")
}

// Whoever has left an import to the background and gone is told why nothing was done.
func TestAPlanThatMayNotBeAppliedIsTold(t *testing.T) {
	w := importertest.New(t)
	ann := administrator(w, "ann@example.org")
	imp, err := w.Importer.Upload(t.Context(), ann, "people.csv", strings.NewReader("address,name\nnobody,Nobody\n"), importer.Options{Format: "muster", Unattended: true})
	if err == nil {
		imp, err = w.Importer.ApplyLater(t.Context(), ann, imp.Number, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Importer.Work(t.Context(), imp.Number); !importer.NothingDone.Is(err) {
		t.Fatalf("%v", err)
	}
	wantTold(t, w, ann, "import-not-applied 1: Import 1 of people.csv was not applied: All 1 rows are in error")
}

// Whoever is named with --notify is told as those are who work with the import: a user whom
// the planner may know of, or nobody, which the plan says.
func TestWhoeverIsNamedIsTold(t *testing.T) {
	w := importertest.New(t)
	w.Org("RX2", directory.Master)
	ann, eve := administrator(w, "ann@example.org"), administrator(w, "eve@example.org")
	w.Domain("example.com", "RX2")
	w.Add("fay@example.com", "RX2")
	for _, c := range []struct {
		notify string
		told   bool
	}{{"EVE@example.org", true}, {"fay@example.com", false}, {"nobody@elsewhere.example", false}} {
		imp := w.PlanAs(ann, "address\ndan@example.org\n", importer.Options{Format: "muster", Notify: c.notify})
		warned := slices.ContainsFunc(imp.FileIssues, func(i issue.Issue) bool { return i.Code == "notify-no-user" })
		if warned == c.told {
			t.Errorf("%s: warned: %v", c.notify, warned)
		}
	}
	wantTold(t, w, eve, "import-planned 1: ")
	wantTold(t, w, directory.Actor{ID: w.User("fay@example.com").ID, Address: "fay@example.com"})
	if _, err := w.Importer.Upload(t.Context(), ann, "people.csv", strings.NewReader("address\n"), importer.Options{Notify: "a@b@c"}); err == nil {
		t.Error("what is no address is taken")
	}
}
