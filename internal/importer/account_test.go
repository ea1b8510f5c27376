package importer_test

import (
	"slices"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// "E-mail accounts import" is for users who are there; miradore-users makes them.
func TestMiradoreUsers(t *testing.T) {
	w := importertest.New(t)
	imp := w.Plan("cy@example.org,Cy,Lund,J,+46 8 123 456 78\ndee@example.org,Dee,Ode\nbad@example.org,Bad,\nbo@example.org,Bo,Ek,,08 123 456\n",
		importer.Options{Format: "miradore-users", Org: "RX1"})
	if imp = w.Apply(imp); imp.Outcomes[importer.Created] != 2 || imp.Outcomes[importer.LeftOut] != 2 {
		t.Errorf("outcomes: %v", imp.Outcomes)
	}
	cy := w.User("cy@example.org")
	if cy.Get(directory.DisplayName) != "Cy Lund" || cy.Get(directory.Telephone) != "+46 8 123 456 78" || len(cy.Attributes) != 1 || cy.Attributes[0] != (directory.Attribute{Name: "Middle initial", Value: "J"}) {
		t.Errorf("cy is %+v", cy)
	}
	if got := planned(w, imp); !strings.Contains(got, "error C!value-missing\nerror E!phone-not-international\n") {
		t.Errorf("planned\n%s", got)
	}
	if again := w.Plan("cy@example.org,Cy,Lund,J,+46 8 123 456 78\ndee@example.org,Dee,Ode\n", importer.Options{Format: "miradore-users"}); again.Counts[directory.Unchanged] != 2 {
		t.Errorf("once more: %v", again.Counts)
	}
}

// The results are the file again, without headings where it had none, without
// passwords, and sent again they are understood.
func TestResultsWithoutHeadings(t *testing.T) {
	w := miradoreWorld(t)
	const file = "ben@example.org;ben@corp.example;ben;;ex-2\nnobody@example.org;no@corp.example;no\nben@example.org;corp;ben\n"
	imp := w.Apply(w.Plan(file, importer.Options{Format: "miradore-exchange"}))
	want := "ben@example.org;ben@corp.example;ben;;;Updated\n" +
		"nobody@example.org;no@corp.example;no;;;Discarded: A: There is no user nobody@example.org, so the line is discarded.\n"
	results := w.Results(imp, false)
	lines := strings.SplitAfter(results, "\n")
	if strings.Join(lines[:2], "") != want || !strings.HasPrefix(lines[2], "ben@example.org;corp;ben;;;\"Left out: B: ") {
		t.Errorf("got %q", results)
	}
	again := w.Plan(results, importer.Options{Format: "miradore-exchange"})
	if again.Counts[directory.Unchanged] != 1 || again.Counts[directory.Discard] != 1 || again.Counts[directory.Refuse] != 1 {
		t.Errorf("the results again: %v\n%s", again.Counts, planned(w, again))
	}
	if failed := w.Results(imp, true); strings.Count(failed, "\n") != 1 {
		t.Errorf("the failed rows: %q", failed)
	}
	skipped := w.Plan("User;Account;Name;;Password\n"+file, importer.Options{Format: "miradore-exchange", SkipHeader: true})
	if results := w.Results(skipped, false); !strings.HasPrefix(results, "User email;Exchange email;Exchange user name;Exchange domain;Exchange password;Result\n") {
		t.Errorf("with a line of headings: %q", results)
	}
}

// Format and importer have the same words for what became of a row.
func TestResultWords(t *testing.T) {
	if len(format.ResultWords) != len(importer.Words()) {
		t.Errorf("%q and %q", format.ResultWords, importer.Words())
	}
	for _, word := range importer.Words() {
		if !slices.Contains(format.ResultWords, word) {
			t.Errorf("%q is not known to the formats", word)
		}
	}
}

// Without --format nothing is chosen, and the message says what it may be.
func TestAFileWithoutHeadingsIsAskedFor(t *testing.T) {
	w := miradoreWorld(t)
	imp := w.Plan("ben@example.org,ben@corp.example,ben,,ex-2\n", importer.Options{})
	if i := imp.FileIssues[0]; imp.State != importer.Refused || i.Code != "format-unclear" || !strings.Contains(i.Suggestion, "--format miradore-exchange") || strings.Contains(i.Error(), "ex-2") {
		t.Errorf("%s: %v", imp.State, i)
	}
	imp = w.Plan("address,name\nben@example.org,Ben\n", importer.Options{SkipHeader: true})
	if i := imp.FileIssues[0]; i.Code != "option-wrong" {
		t.Errorf("headings are skipped: %v", i)
	}
}

// An undo gives the accounts and passwords back that were there.
func TestUndoOfAccounts(t *testing.T) {
	const file = "ann@example.org,ann@corp.example,lee,,ex-2\nann@example.org,second@corp.example,ann,,ex-3\nben@example.org,ben@corp.example,ben,,ex-4\n"
	for _, c := range []struct {
		rule    string
		between func(*importertest.World)
		kept    int64
		after   string
	}{
		{"as it was", func(*importertest.World) {}, 0, annHas},
		{"a password set since is kept, and the row", func(w *importertest.World) {
			w.Set("ann@example.org", "account", "exchange ann@corp.example", "account.password", "ex-5")
		}, 1, annsEmail + "ann exchange ann@corp.example lee/CORP/ex-5\n"},
		{"a value set since", func(w *importertest.World) {
			w.Set("ben@example.org", "account", "exchange ben@corp.example", "account.user", "bell")
		}, 1, annHas + "ben exchange ben@corp.example bell//ex-4\n"},
		{"a value that the account has got since", func(w *importertest.World) {
			w.Set("ben@example.org", "account", "exchange ben@corp.example", "account.domain", "CORP")
		}, 1, annHas + "ben exchange ben@corp.example ben/CORP/ex-4\n"},
		{"other fields changed since", func(w *importertest.World) {
			w.Set("ben@example.org", "title", "Dr", "account", "email ben@mail.example", "account.display_name", "Ben", "account.incoming_user", "b", "account.outgoing_user", "b")
		}, 0, annHas + "ben email ben@mail.example Ben/b//b/\n"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			w := miradoreWorld(t)
			imp := w.Apply(w.Plan(file, importer.Options{Format: "miradore-exchange"}))
			if imp.Outcomes[importer.Updated] != 3 || imp.ConfirmCount() != 2 {
				t.Fatalf("outcomes %v, %d users touched", imp.Outcomes, imp.ConfirmCount())
			}
			c.between(w)
			plan, err := w.Importer.UndoPlan(t.Context(), importertest.Operator, imp.Number, func(*importer.UndoRow) error { return nil })
			if err != nil || plan.ConfirmCount() > 2 {
				t.Errorf("the undo would touch %d users, %v", plan.ConfirmCount(), err)
			}
			imp, err = w.Importer.Undo(t.Context(), importertest.Operator, imp.Number, 0)
			if err != nil || imp.Outcomes[importer.Kept] != c.kept || imp.Outcomes[importer.Reversed] != 3-c.kept {
				t.Errorf("%v, %v", imp.Outcomes, err)
			}
			if got := accountsOf(t, w); got != c.after {
				t.Errorf("after the undo\n%swant\n%s", got, c.after)
			}
		})
	}
}

// Two imports after each other set a password; their undos, the later first, give back
// first the first one's and then what was there before.
func TestUndoOfUndo(t *testing.T) {
	w := miradoreWorld(t)
	options := importer.Options{Format: "miradore-exchange"}
	first := w.Apply(w.Plan("ann@example.org,ann@corp.example,ann,CORP,ex-2\n", options))
	second := w.Apply(w.Plan("ann@example.org,ann@corp.example,ann,CORP,ex-3\n", options))
	for _, step := range []struct {
		imp  *importer.Import
		want string
	}{{second, "ex-2"}, {first, "ex-1"}} {
		imp, err := w.Importer.Undo(t.Context(), importertest.Operator, step.imp.Number, 0)
		if err != nil || imp.Outcomes[importer.Reversed] != 1 || !strings.Contains(accountsOf(t, w), step.want) {
			t.Errorf("%v, %v, %s", imp.Outcomes, err, accountsOf(t, w))
		}
	}
}

// A row is judged again, password and all, where its user was changed since the plan.
func TestAccountsAreJudgedAgain(t *testing.T) {
	for _, c := range []struct {
		rule    string
		between []string
		outcome importer.Outcome
	}{
		{"another field: done as planned", []string{"title", "Dr"}, importer.Updated},
		{"the same by hand: nothing left to do", []string{"account", "exchange ann@corp.example", "account.password", "ex-2"}, importer.Unchanged},
		{"something else by hand: left alone", []string{"account", "exchange ann@corp.example", "account.domain", "OTHER"}, importer.Failed},
	} {
		t.Run(c.rule, func(t *testing.T) {
			w := miradoreWorld(t)
			imp := w.Plan("ann@example.org,ann@corp.example,ann,CORP,ex-2\n", importer.Options{Format: "miradore-exchange"})
			w.Set("ann@example.org", c.between...)
			if imp = w.Apply(imp); imp.Outcomes[c.outcome] != 1 {
				t.Errorf("outcomes %v\n%s", imp.Outcomes, planned(w, imp))
			}
		})
	}
}

// A supplied password goes with the plan that is not applied.
func TestAPlanTakesItsAccountPasswordsWithIt(t *testing.T) {
	for _, end := range []func(*importertest.World, *importer.Import){
		func(w *importertest.World, imp *importer.Import) {
			if _, err := w.Importer.Cancel(t.Context(), importertest.Operator, imp.Number); err != nil {
				t.Error(err)
			}
		},
		func(w *importertest.World, imp *importer.Import) { w.Apply(imp) },
		func(w *importertest.World, _ *importer.Import) {
			w.Now = w.Now.AddDate(0, 0, 8)
			if err := w.Importer.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
		},
	} {
		w := miradoreWorld(t)
		imp := w.Plan("ben@example.org,ben@corp.example,ben,,ex-2\nann@example.org,ann@corp.example,ann,CORP,ex-1\n", importer.Options{Format: "miradore-exchange"})
		left := func() int {
			list, err := w.Store.Secrets(t.Context(), imp.Number, importer.AccountGiven, 0, 9, 9)
			if err != nil {
				t.Error(err)
			}
			return len(list)
		}
		if left() != 2 {
			t.Errorf("%d passwords are sealed with the plan", left())
		}
		if end(w, imp); left() != 0 {
			t.Errorf("%d passwords are left", left())
		}
	}
}
