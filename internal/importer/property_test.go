package importer_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/store"
)

// The three promises, on random directories, files and options. rapid prints
// the seed of a failure; -rapid.checks=N asks for N files instead of 100, and
// -rapid.seed=S for the same ones again.

// scene is a random directory and a file for it.
type scene struct {
	w    *importertest.World
	file string
	o    importer.Options
}

var drawn = func(values ...string) *rapid.Generator[string] { return rapid.SampledFrom(values) }

// drawWorld makes a directory with two organisations, groups and a few people.
func drawWorld(t *rapid.T) *importertest.World {
	w := importertest.New(t)
	w.Importer.Batch = rapid.IntRange(1, 7).Draw(t, "batch")
	w.Org("RX2", "RX1")
	w.Domain("example.net", "RX2")
	w.Group("RX1", "Wards")
	w.Group("RX1", "Wards/Night")
	w.Settings("RX1", func(s *directory.Settings) { s.DefaultDomain = "example.org"; s.ThresholdPercent = 1000 })
	for i := range rapid.IntRange(0, 5).Draw(t, "users") {
		values := []string{"name", "Old", "first", "Ann", "last", drawn("Lee", "Smith").Draw(t, "last"), "department", drawn("", "East").Draw(t, "dept")}
		if rapid.Bool().Draw(t, "local") {
			values = append(values, "local_id", fmt.Sprint("L", i))
		}
		if rapid.Bool().Draw(t, "member") {
			values = append(values, "group", "Wards")
		}
		address := fmt.Sprintf("u%d@example.org", i)
		w.Add(address, drawn("RX1", "RX2").Draw(t, "org"), values...)
		if rapid.IntRange(0, 4).Draw(t, "leaver") == 0 {
			w.Set(address, "status", "leaver")
		}
	}
	return w
}

var formats = map[string]struct {
	header string
	row    func(t *rapid.T, w *importertest.World) []string
}{
	"muster":           {"id,address,name,department,org,local_id,status,password,alias1,alias2,group1,delegate1,attr.Floor,locked", musterRow},
	"nhsmail":          {"ID,Local ID,Status,Title,First Name,Last Name,Display Name,Job Title,Department,Telephone,Mobile,Pager,Fax,Notes,Organisation ODSCode,Organisational Unit,Mailbox Size,Password", nhsmailRow},
	"nhsmail1":         {"Title,First Name,Surname,Organisation Code,Department,Job Title,Telephone,Mobile,Local ID,Password", nhsmail1Row},
	"mimecast-connect": {"Email,Name,Password,Force Change Password", connectRow},
}

var (
	addresses = drawn("u0@example.org", "u1@example.org", "U2@Example.org", "u3@example.org", "new1@example.org", "New1@example.org",
		"new2@example.org", "new3@example.org", "a@example.net", "postmaster@example.org", "a..b@example.org", "x@unknown.example", "")
	passwords = drawn("", "", "correct-horse-battery", "short", "(clear)")
	locals    = drawn("", "", "L0", "L1", "l2", "N1", "N2")
	statuses  = drawn("", "", "", "leaver", "active", "gone")
)

func idOf(t *rapid.T, w *importertest.World) string {
	if rapid.IntRange(0, 5).Draw(t, "by id") > 0 {
		return ""
	}
	users := w.Users()
	if len(users) == 0 {
		return "0198c0de-0000-7000-8000-000000000000"
	}
	return w.User(rapid.SampledFrom(users).Draw(t, "whose id")).ID.String()
}

func musterRow(t *rapid.T, w *importertest.World) []string {
	return []string{idOf(t, w), addresses.Draw(t, "address"), drawn("", "New name", "line\nbreak").Draw(t, "name"),
		drawn("", "East", "(clear)").Draw(t, "department"), drawn("", "RX1", "rx2", "RX9").Draw(t, "org"), locals.Draw(t, "local"),
		statuses.Draw(t, "status"), passwords.Draw(t, "password"),
		drawn("", "al1@example.org", "al2@example.org", "u1@example.org", "(clear)").Draw(t, "alias1"), drawn("", "", "al1@example.org").Draw(t, "alias2"),
		drawn("", "wards", "Wards/Night", "Wads", "(clear)").Draw(t, "group"),
		drawn("", "", "u0@example.org", "new1@example.org", "new2@example.org", "nobody@example.org").Draw(t, "delegate"),
		drawn("", "3", "(clear)").Draw(t, "floor"), drawn("", "yes", "0", "maybe").Draw(t, "locked")}
}

func nhsmailRow(t *rapid.T, w *importertest.World) []string {
	return []string{idOf(t, w), locals.Draw(t, "local"), drawn("", "", "", "leaver", "joiner").Draw(t, "status"), "", drawn("Ann", "Bob", "José", "").Draw(t, "first"),
		drawn("Lee", "Smith", "O'Malley").Draw(t, "last"), "", "", drawn("", "East").Draw(t, "department"), drawn("", "01632 960101").Draw(t, "telephone"),
		drawn("", "07400 123456", "+1 202 555 0100").Draw(t, "mobile"), "", "", "", drawn("RX1", "RX1", "rx2", "RX9").Draw(t, "org"),
		drawn("", "Unit").Draw(t, "unit"), drawn("", "4", "9").Draw(t, "size"), passwords.Draw(t, "password")}
}

func nhsmail1Row(t *rapid.T, _ *importertest.World) []string {
	return []string{"", drawn("Ann", "Bob").Draw(t, "first"), drawn("Lee", "Smith", "").Draw(t, "last"), drawn("RX1", "RX2").Draw(t, "org"),
		"", drawn("", "Nurse").Draw(t, "job"), "", "", locals.Draw(t, "local"), passwords.Draw(t, "password")}
}

func connectRow(t *rapid.T, _ *importertest.World) []string {
	return []string{addresses.Draw(t, "address"), drawn("", "Name").Draw(t, "name"), passwords.Draw(t, "password"), drawn("", "TRUE", "false", "maybe").Draw(t, "force")}
}

func quote(cells []string) string {
	for i, c := range cells {
		cells[i] = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
	}
	return strings.Join(cells, ",") + "\n"
}

// leavesAll finds a row of format muster with "(clear)" for its groups.
var leavesAll = regexp.MustCompile(`(?m)"\(clear\)","[^"]*","[^"]*","[^"]*"$`)

// draw makes a random scene.
func draw(t *rapid.T) *scene {
	s := &scene{w: drawWorld(t)}
	name := rapid.SampledFrom([]string{"muster", "muster", "nhsmail", "nhsmail1", "mimecast-connect"}).Draw(t, "format")
	var b strings.Builder
	b.WriteString(formats[name].header + "\n")
	for range rapid.IntRange(1, 12).Draw(t, "rows") {
		b.WriteString(quote(formats[name].row(t, s.w)))
		b.WriteString(drawn("", "", "\n").Draw(t, "blank line"))
	}
	s.file = b.String()
	group := drawn("", "", "Wards").Draw(t, "option group")
	if leavesAll.MatchString(s.file) {
		group = "" // who is to leave all groups cannot join one
	}
	s.o = importer.Options{Format: name, Org: "RX1", Mode: "partial", GeneratePasswords: rapid.Bool().Draw(t, "generate"),
		Group: group, GroupMode: drawn("add", "replace").Draw(t, "group mode"),
		Note: drawn("", "note").Draw(t, "note")}
	return s
}

// applied plans and applies the scene's file; nil where there is nothing to apply.
func (s *scene) applied() *importer.Import {
	imp := s.w.Plan(s.file, s.o)
	accounted(s.w, imp)
	if imp.State != importer.Planned {
		return nil
	}
	imp, err := s.w.Importer.Apply(ctx, operator, imp.Number, imp.ConfirmCount())
	if err != nil && codeOf(err) != "nothing-to-apply" {
		s.w.T.Fatal(err)
	}
	accounted(s.w, imp)
	if err != nil {
		return nil
	}
	return imp
}

// TestThePlanIsTheTruth: each row's user has what the row's changes say, the
// outcome is what the action says, and nobody else is touched.
func TestThePlanIsTheTruth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := draw(t)
		before := portrait(s.w)
		plan := s.w.Plan(s.file, s.o)
		differs(t, "planning changes nothing", before, portrait(s.w))
		planned := s.w.Rows(plan)
		imp := s.applied()
		if imp == nil {
			return
		}
		touched := map[string]bool{}
		for i, r := range s.w.Rows(imp) {
			if r.Action != planned[i].Action || r.Outcome != "" {
				t.Errorf("row %d was to %s, and %s %s: %v", r.Row, planned[i].Action, r.Action, r.Outcome, r.Issues)
			}
			if r.Action == directory.Refuse || r.UserID.IsZero() {
				continue
			}
			u := s.w.User(r.UserID.String())
			touched[u.Get(directory.Address)] = r.Action != directory.Unchanged
			for _, c := range last(r.Changes) {
				if !has(u, c) {
					t.Errorf("row %d: %+v did not come about: %s", r.Row, c, describe(u))
				}
			}
		}
		after := portrait(s.w)
		for address, was := range before {
			if !touched[address] && after[address] != was && !strings.Contains(was, "Wards=") {
				t.Errorf("%s was touched\n was %s\n  is %s", address, was, after[address])
			}
		}
		for address := range after {
			if before[address] == "" && !touched[address] {
				t.Errorf("%s was made by no row", address)
			}
		}
	})
}

// last leaves of several changes of one thing the last.
func last(changes []directory.Change) (list []directory.Change) {
	seen := map[string]bool{}
	for _, c := range slices.Backward(changes) {
		key := c.Field + c.Ref
		if c.Field == directory.ChangeAlias {
			key += c.Old + c.New
		}
		if !seen[key] {
			list = append(list, c)
		}
		seen[key] = true
	}
	return list
}

// has reports whether a change has come about.
func has(u *directory.User, c directory.Change) bool {
	if f, ok := directory.FieldNamed(c.Field); ok {
		return u.Get(f) == c.New
	}
	if name, ok := c.IsAttribute(); ok {
		i := slices.IndexFunc(u.Attributes, func(a directory.Attribute) bool { return strings.EqualFold(a.Name, name) })
		return c.New == "" && i < 0 || i >= 0 && u.Attributes[i].Value == c.New
	}
	member := slices.IndexFunc(u.Groups, func(m directory.Membership) bool { return m.Group.String() == c.Ref })
	switch c.Field {
	case directory.ChangeAlias:
		return slices.Contains(u.Aliases, c.New) == (c.New != "") && (c.Old == "" || !slices.Contains(u.Aliases, c.Old))
	case directory.ChangeGroup:
		return member >= 0 == (c.New != "")
	case directory.ChangeNote:
		return member < 0 && c.New == "" || member >= 0 && u.Groups[member].Note == c.New
	case directory.ChangeDelegate:
		return slices.ContainsFunc(u.Delegates, func(d directory.Delegate) bool { return d.ID.String() == c.Ref }) == (c.New != "")
	case directory.ChangePassword:
		return u.HasPassword
	}
	return true
}

// TestTheSameFileAgainChangesNothing: every row is unchanged, nobody's version
// moves and no password is touched.
func TestTheSameFileAgainChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := draw(t)
		first := s.applied()
		if first == nil {
			return
		}
		before := portrait(s.w)
		again := s.w.Plan(s.file, s.o)
		if again.SameAs != first.Number {
			t.Errorf("the file of import %d is taken for that of %d", first.Number, again.SameAs)
		}
		if first.Counts[directory.Refuse] > 0 {
			return // a row that was in error may be right by now, and then another that wants the same is not
		}
		for _, r := range s.w.Rows(again) {
			if r.Action != directory.Unchanged {
				t.Errorf("row %d would %s: %+v %+v", r.Row, r.Action, r.Changes, r.Issues)
			}
		}
		if _, err := s.w.Importer.Apply(ctx, operator, again.Number, again.ConfirmCount()); err != nil && codeOf(err) != "nothing-to-apply" {
			t.Fatal(err)
		}
		differs(t, "the same file again", before, portrait(s.w))
	})
}

// TestKilledAnywhere: whatever transaction does not happen, going on leads to
// the directory that an undisturbed import makes.
func TestKilledAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := draw(t)
		other := s.w.Copy()
		if s.applied() == nil {
			return
		}
		service := *other.Importer
		service.Store = &dying{other.Store, rapid.IntRange(1, 14).Draw(t, "transactions"), rapid.Bool().Draw(t, "last")}
		imp, err := service.Upload(ctx, operator, "people.csv", strings.NewReader(s.file), s.o)
		if err == nil {
			if imp, err = service.Plan(ctx, imp.Number); err == nil {
				imp, err = service.Apply(ctx, operator, imp.Number, imp.ConfirmCount())
			}
		}
		if err != nil && !errors.Is(err, errDied) {
			t.Fatal(err)
		}
		if imp == nil || imp.Number == 0 {
			return
		}
		if now, _ := other.Store.Import(ctx, imp.Number); now.Fingerprint == "" {
			return // the upload did not arrive
		}
		accounted(other, imp)
		if _, err := other.Importer.Plan(ctx, imp.Number); err != nil {
			t.Fatal(err)
		}
		now, _ := other.Store.Import(ctx, imp.Number)
		if _, err := other.Importer.Apply(ctx, operator, imp.Number, now.ConfirmCount()); err != nil {
			t.Fatal(err)
		}
		accounted(other, imp)
		differs(t, "killed and gone on with", portrait(s.w), portrait(other))
	})
}

// TestCancelledAnywhere: what was applied stays, the rest is left out, and
// every row says which.
func TestCancelledAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := draw(t)
		imp := s.w.Plan(s.file, s.o)
		if imp.State != importer.Planned {
			return
		}
		service := *s.w.Importer
		service.Store = &dying{s.w.Store, rapid.IntRange(1, 7).Draw(t, "transactions"), rapid.Bool().Draw(t, "last")}
		_, err := service.Apply(ctx, operator, imp.Number, imp.ConfirmCount())
		if err != nil && !errors.Is(err, errDied) && codeOf(err) != "nothing-to-apply" {
			t.Fatal(err)
		}
		accounted(s.w, imp)
		cancelled, err := s.w.Importer.Cancel(ctx, operator, imp.Number)
		if codeOf(err) == "not-cancellable" {
			return
		}
		if err != nil || cancelled.State != importer.Cancelled {
			t.Fatal(cancelled.State, err)
		}
		accounted(s.w, imp)
		if n := cancelled.OutcomeCounts()[importer.Pending]; n > 0 {
			t.Errorf("%d rows are pending", n)
		}
	})
}

var errDied = errors.New("the process died")

// dying is the database of a process that dies: the last transaction may still
// reach the disk, though nobody hears of it.
type dying struct {
	*store.Store
	left int
	last bool // the last transaction reaches the disk
}

func (d *dying) count(do func() error) error {
	if d.left--; d.left > 0 || d.left == 0 && d.last {
		if err := do(); err != nil || d.left > 0 {
			return err
		}
	}
	return errDied
}

func (d *dying) WriteImport(ctx context.Context, f func(importer.Tx) error) error {
	return d.count(func() error { return d.Store.WriteImport(ctx, f) })
}

func (d *dying) WriteStep(ctx context.Context, f func(importer.Tx) error) error {
	return d.count(func() error { return d.Store.WriteStep(ctx, f) })
}

func (d *dying) AddUpload(ctx context.Context, number int64, part int, sealed []byte) error {
	return d.count(func() error { return d.Store.AddUpload(ctx, number, part, sealed) })
}
