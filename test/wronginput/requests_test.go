package wronginput

import (
	"context"
	"errors"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/issue"
	"muster/internal/password"
	"muster/internal/secret"
)

// request is something asked of Muster that it refuses, or does with a warning,
// for a reason that no single file gives.
type request struct {
	code string
	ask  func(w *importertest.World) error
}

var (
	ctx      = context.Background()
	operator = importertest.Operator
	record   = importertest.Record
)

func TestWrongRequests(t *testing.T) {
	for _, r := range requests {
		t.Run(r.code, func(t *testing.T) {
			err := r.ask(newWorld(t, ""))
			i, found := issueOf(err, r.code)
			if !found {
				t.Fatalf("got %v", err)
			}
			if !strings.HasSuffix(i.Message, ".") || secrets.MatchString(i.Message+i.Suggestion) {
				t.Errorf("the message %q is no sentence, or quotes a secret", i.Message)
			}
		})
	}
}

// issueOf finds the issue of a code in an error that may join many.
func issueOf(err error, code string) (issue.Issue, bool) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			if i, found := issueOf(e, code); found {
				return i, true
			}
		}
	}
	var i issue.Issue
	return i, errors.As(err, &i) && i.Code == code
}

// plan plans a file of format muster for RX1.
func plan(w *importertest.World, file string) *importer.Import {
	return w.Plan(file, importer.Options{Format: "muster", Org: "RX1"})
}

func apply(w *importertest.World, imp *importer.Import) error {
	_, err := w.Importer.Apply(ctx, operator, imp.Number, 0)
	return err
}

// rowIssues returns all issues of an import's rows as one error.
func rowIssues(w *importertest.World, imp *importer.Import) error {
	var errs []error
	for _, i := range issuesOf(w, imp) {
		errs = append(errs, i)
	}
	return errors.Join(errs...)
}

func upload(w *importertest.World, o importer.Options) error {
	_, err := w.Importer.Upload(ctx, operator, "people.csv", strings.NewReader("address\n"), o)
	return err
}

const oneUser = "address,title\nmia.stone@example.org,Ms\n"

// ofPlans are about imports that are planned already, or not at all.
var ofPlans = []request{
	{"import-unknown", func(w *importertest.World) error { return apply(w, &importer.Import{Number: 4711}) }},
	{"format-unknown", func(w *importertest.World) error { return upload(w, importer.Options{Format: "musster"}) }},
	{"group-not-found", func(w *importertest.World) error {
		return upload(w, importer.Options{Org: "RX1", Group: "Wards/Nigth"})
	}},
	{"note-too-long", func(w *importertest.World) error { return upload(w, importer.Options{Note: strings.Repeat("n", 101)}) }},
	{"option-wrong", func(w *importertest.World) error {
		return upload(w, importer.Options{Org: "RX1", Group: "Wards", UploadOnly: true})
	}},
	{"file-unreadable", func(w *importertest.World) error {
		imp, err := w.Importer.Upload(ctx, operator, "people.csv", broken{}, importer.Options{})
		if err != nil {
			return err
		}
		return imp.FileIssues[0]
	}},
	{"upload-incomplete", func(w *importertest.World) error {
		imp := &importer.Import{State: importer.Planning, Org: "RX1", File: "people.csv"}
		if err := w.Store.AddImport(ctx, imp); err != nil {
			return err
		}
		imp, err := w.Importer.Plan(ctx, imp.Number)
		if err != nil {
			return err
		}
		return imp.FileIssues[0]
	}},
	{"errors-in-strict-mode", func(w *importertest.World) error {
		return apply(w, w.Plan("Email\nmia@@example.org\nleo.wood@example.org\n", importer.Options{Org: "RX1"}))
	}},
	{"nothing-to-apply", func(w *importertest.World) error { return apply(w, plan(w, "address\nmia@@example.org\n")) }},
	{"not-applicable", func(w *importertest.World) error { return apply(w, plan(w, "")) }},
	{"no-results", func(w *importertest.World) error {
		return w.Importer.Results(ctx, operator, plan(w, "").Number, false, &strings.Builder{})
	}},
	{"plan-lapsed", func(w *importertest.World) error {
		imp := plan(w, oneUser)
		w.Now = w.Now.AddDate(0, 0, 8)
		return apply(w, imp)
	}},
	{"not-cancellable", func(w *importertest.World) error {
		_, err := w.Importer.Cancel(ctx, operator, w.Apply(plan(w, oneUser)).Number)
		return err
	}},
	{"not-undoable", func(w *importertest.World) error {
		_, err := w.Importer.Undo(ctx, operator, plan(w, oneUser).Number, 0)
		return err
	}},
	{"undo-kept", func(w *importertest.World) error {
		imp := w.Apply(plan(w, "address,title\nanna.jones@example.org,Dr\n"))
		w.Set("anna.jones@example.org", "title", "Prof")
		return undo(w, imp)
	}},
	{"undo-irreversible", func(w *importertest.World) error {
		imp := w.Apply(plan(w, "address,title\nanna.jones@example.org,Dr\n"))
		inDatabase(w, "DELETE FROM users WHERE address = 'anna.jones@example.org'")
		return undo(w, imp)
	}},
	{"needs-confirmation", func(w *importertest.World) error {
		w.Settings("RX1", func(s *directory.Settings) { s.ThresholdUsers = 1 })
		return apply(w, plan(w, "address,title\nanna.jones@example.org,Dr\nben.carter@example.org,Dr\nhal.help@example.org,Dr\n"))
	}},
	{"interrupted", func(w *importertest.World) error {
		imp := plan(w, oneUser+"leo.wood@example.org,Mr\n")
		ctx, stop := context.WithCancel(ctx)
		w.Importer.Batch, w.Importer.Report = 1, func(importer.Progress) { stop() }
		_, err := w.Importer.Apply(ctx, operator, imp.Number, 0)
		return err
	}},
	{"changed-since-plan", func(w *importertest.World) error {
		imp := plan(w, "address,title\nanna.jones@example.org,Dr\nleo.wood@example.org,Mr\n")
		w.Set("anna.jones@example.org", "title", "Prof")
		return rowIssues(w, w.Apply(imp))
	}},
	{"number-changed", func(w *importertest.World) error {
		imp := w.Plan(nhsmail1Row, importer.Options{Format: "nhsmail1"})
		w.Add("mia.stone@example.org", "RX1")
		return rowIssues(w, w.Apply(imp))
	}},
	{"delegate-not-set", func(w *importertest.World) error {
		imp := plan(w, "address,delegate1\nmia.stone@example.org,leo.wood@example.org\nleo.wood@example.org,\n")
		inDatabase(w, "INSERT INTO addresses (key, address, kind, org) VALUES ('leo.wood@example.org', 'leo.wood@example.org', 'reserved', 'RX1')")
		return rowIssues(w, w.Apply(imp))
	}},
	{"members-changed", func(w *importertest.World) error {
		imp := w.Plan(oneUser, importer.Options{Format: "muster", Org: "RX1", Group: "Wards/Night", GroupMode: "replace"})
		w.Set("ben.carter@example.org", "group", "Wards/Night")
		return apply(w, imp)
	}},
	{"not-taken", func(w *importertest.World) error {
		w.Refuse("INSERT", "mia.stone@example.org")
		return rowIssues(w, w.Apply(plan(w, oneUser+"leo.wood@example.org,Mr\n")))
	}},
	{"also-in-import", func(w *importertest.World) error {
		plan(w, oneUser)
		return rowIssues(w, plan(w, "address,title\nmia.stone@example.org,Dr\n"))
	}},
	{"same-file", func(w *importertest.World) error {
		plan(w, oneUser)
		return rowIssues(w, plan(w, oneUser))
	}},
	{"taken-over", func(w *importertest.World) error {
		imp, err := w.Importer.Upload(ctx, operator, "people.csv", strings.NewReader(oneUser), importer.Options{Format: "muster", Org: "RX1"})
		if err != nil {
			return err
		}
		// As if another process had taken it over in the middle.
		w.Importer.Report = func(importer.Progress) {
			inDatabase(w, `UPDATE imports SET lease = 99`)
		}
		_, err = w.Importer.Plan(ctx, imp.Number)
		return err
	}},
}

const nhsmail1Row = "Title,First Name,Surname,Organisation Code,Department,Job Title,Telephone,Mobile,Local ID\n,Mia,Stone,RX1,,,,,S900\n"

// broken is a file that ends in the middle, as a pulled memory stick does.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the device is gone") }

// ofTheDirectory are changes by hand.
var ofTheDirectory = []request{
	{"user-no-leaver", func(w *importertest.World) error {
		w.Add("nina.stays@example.org", "RX1")
		_, err := w.Directory.Join(ctx, operator, record("address", "nina.stays@example.org"))
		return err
	}},
	{"user-exists", func(w *importertest.World) error { return add(w, "address", "anna.jones@example.org", "org", "RX1") }},
	{"account-incomplete", func(w *importertest.World) error { return set(w, "account", "exchange anna@corp.example") }},
	{"account-unknown", func(w *importertest.World) error {
		r := record("address", "anna.jones@example.org", "account", "email anna@mail.example")
		r.Account.Delete = true
		_, _, err := w.Directory.SetUser(ctx, operator, r)
		return err
	}},
	{"value-control-character", func(w *importertest.World) error { return set(w, "title", "D\ar") }},
	{"password-reused", func(w *importertest.World) error {
		for _, pw := range []string{"ruddy-otter-lamp", "gentle-kettle-moss", "ruddy-otter-lamp"} {
			r := record("address", "anna.jones@example.org")
			r.Password = secret.Text(pw)
			if _, _, err := w.Directory.SetUser(ctx, operator, r); err != nil {
				return err
			}
		}
		return nil
	}},
	{"password-not-generated", func(*importertest.World) error {
		_, err := password.Generate(password.Policy{MinLength: 4, MaxLength: 5})
		return err
	}},
	{"user-not-found", func(w *importertest.World) error {
		rules := directory.Rules{Match: []string{"address"}, Unmatched: directory.DiscardRow}
		j, err := directory.NewJudge(ctx, w.Store, operator, &rules, directory.Options{Org: "RX1"})
		if err != nil {
			return err
		}
		verdicts, err := j.Judge(ctx, []*directory.Record{record("address", "mia.stone@example.org")})
		if err != nil {
			return err
		}
		return verdicts[0].Issues[0]
	}},
	{"organisation-code", func(w *importertest.World) error {
		return w.Directory.AddOrganisation(ctx, operator, directory.Organisation{Code: "Riverside Trust", Parent: "MASTER"})
	}},
	{"organisation-exists", func(w *importertest.World) error {
		return w.Directory.AddOrganisation(ctx, operator, directory.Organisation{Code: "rx1", Parent: "MASTER"})
	}},
	{"organisation-in-use", func(w *importertest.World) error { return w.Directory.DeleteOrganisation(ctx, operator, "RX1") }},
	{"setting-wrong", func(w *importertest.World) error {
		return w.Directory.SetOrganisation(ctx, operator, "RX1", func(o *directory.Organisation) { o.Settings.Passwords = "pigeon" })
	}},
	{"pattern-invalid", func(w *importertest.World) error {
		return w.Directory.SetOrganisation(ctx, operator, "RX1", func(o *directory.Organisation) { o.Settings.AddressPattern = "staff" })
	}},
	{"domain-invalid", func(w *importertest.World) error { return addDomain(w, "exam ple.org") }},
	{"domain-exists", func(w *importertest.World) error { return addDomain(w, "EXAMPLE.com") }},
	{"domain-in-use", func(w *importertest.World) error { return w.Directory.DeleteDomain(ctx, operator, "example.org") }},
	{"domain-not-found", func(w *importertest.World) error { return w.Directory.DeleteDomain(ctx, operator, "exmaple.org") }},
	{"group-exists", func(w *importertest.World) error { return w.Directory.AddGroup(ctx, operator, "RX1", "wards/NIGHT") }},
	{"group-loop", func(w *importertest.World) error {
		return w.Directory.MoveGroup(ctx, operator, "RX1", "Wards", "Wards/Night")
	}},
	{"group-name", func(w *importertest.World) error { return w.Directory.AddGroup(ctx, operator, "RX1", "Wards/") }},
	{"group-in-use", func(w *importertest.World) error { return w.Directory.DeleteGroup(ctx, operator, "RX1", "Wards/Night") }},
	{"format-not-own", func(w *importertest.World) error { return w.Directory.DeleteFormat(ctx, operator, "RX1", "nhsmail") }},
	{"member-unknown", func(w *importertest.World) error {
		return w.Directory.DeleteMember(ctx, operator, "RX1", "Wards/Night", "ben.carter@example.org")
	}},
	{"attribute-exists", func(w *importertest.World) error {
		return errors.Join(w.Directory.AddAttribute(ctx, operator, "Wing"), w.Directory.AddAttribute(ctx, operator, "WING"))
	}},
	{"attribute-unknown", func(w *importertest.World) error { return w.Directory.DeleteAttribute(ctx, operator, "Wnig") }},
	{"attribute-in-use", func(w *importertest.World) error {
		w.Add("attributed@example.org", "RX1", "attr.Floor", "1")
		return w.Directory.DeleteAttribute(ctx, operator, "floor")
	}},
	{"not-in-list", func(w *importertest.World) error {
		w.Add("listed@example.org", "RX1")
		_, _, err := w.Directory.SetUser(ctx, operator, importertest.Record("address", "listed@example.org", "without alias", "nobody@example.org"))
		return err
	}},
}

var requests = append(ofPlans, ofTheDirectory...)

func add(w *importertest.World, pairs ...string) error {
	_, _, err := w.Directory.AddUser(ctx, operator, record(pairs...), directory.Options{})
	return err
}

func set(w *importertest.World, pairs ...string) error {
	_, _, err := w.Directory.SetUser(ctx, operator, record(append([]string{"address", "anna.jones@example.org"}, pairs...)...))
	return err
}

func addDomain(w *importertest.World, name string) error {
	return w.Directory.AddDomain(ctx, operator, directory.Domain{Name: name, Org: "RX1", Validation: "known"})
}

// undo undoes an import and returns what its first row says of it.
func undo(w *importertest.World, imp *importer.Import) error {
	done, err := w.Importer.Undo(ctx, operator, imp.Number, imp.ConfirmCount())
	if err != nil {
		return err
	}
	return rowIssues(w, done)
}
