package importer_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/table"
)

// What Muster exports, Muster reads: on random directories, in each kind of table.

// oddTexts are those that one program or another makes something else of.
var oddTexts = []string{"Ann", "=1+2", "'=1", "'quoted'", `"twice"`, "00123", "1E5", "4.0", "TRUE", "#N/A", "£5 – “x”", "😀 👩‍⚕️", "山田 太郎", "e\u0301 ﬁ", "_x0041_", "a;b,c|d", "@me", "-",
	"+1 (555) x5", "null", "sep=;", "<b> & 'more'", `\n`, "x\u00a0y", "--", "(none)", "(clear", "Zoë's", " outer\u00a0", "(clear)", "(CLEAR)"}

func odd(t *rapid.T, what string) string {
	return rapid.SampledFrom(append([]string{"", "", ""}, oddTexts...)).Draw(t, what)
}

// oddLines may have several lines.
func oddLines(t *rapid.T, what string) string {
	return rapid.OneOf(rapid.SampledFrom(oddTexts), rapid.SampledFrom([]string{"", "line\nbreak", "a\r\nb", "\"a\"\n\n=b", "a\tb", "a\rb"})).Draw(t, what)
}

// groundWorld is what both sides of a move have: organisations, domains and groups.
func groundWorld(t importertest.TB) *importertest.World {
	w := importertest.New(t)
	w.Org("RX2", "RX1")
	w.Domain("example.net", "RX2")
	w.Domain("bücher.example", "RX1")
	for _, g := range [][2]string{{directory.Master, "Everybody"}, {"RX1", "Wards"}, {"RX1", "Wards/Night"}, {"RX1", "=Größe, 表"}, {"RX2", "Friends"}, {"RX2", "Wards"}} {
		w.Group(g[0], g[1])
	}
	w.Settings("RX1", func(s *directory.Settings) { s.MailboxMaxGB, s.ThresholdPercent = 50, 1000 })
	return w
}

// localParts are those of addresses; each user has one with a number behind it.
var localParts = []string{"ann", "=ann", "'=ann", "+ann", "-ann", "o'brien", "jörg", "山田", "ann.{x}", "00"}

// peopled makes users of all kinds. Nobody is made here as no door makes them: a user
// has a display name, and addresses in domains that users of the organisation may have.
func peopled(t *rapid.T) *importertest.World {
	w := groundWorld(t)
	var made []string
	for i := range rapid.IntRange(1, 6).Draw(t, "users") {
		org := drawn("RX1", "RX1", "RX2").Draw(t, "org")
		address := fmt.Sprint(rapid.SampledFrom(localParts).Draw(t, "local part"), i, "@", domainOf(t, org))
		values := []string{"name", odd(t, "name") + "n", "display_name", odd(t, "display name") + "d"}
		for _, f := range []string{"title", "first", "last", "job_title", "department", "unit", "pager", "fax", "telephone", "mobile"} {
			values = append(values, f, odd(t, f))
		}
		values = append(values, "notes", oddLines(t, "notes"), "attr.Building", oddLines(t, "building"), "attr.=Größe, x", odd(t, "size"), "attr.Attr.", odd(t, "attr"),
			"type", drawn("", "shared", "resource").Draw(t, "type"), "mailbox_gb", drawn("", "9").Draw(t, "gb"), "role", drawn("", "", "", "Basic", "Gateway", "Super").Draw(t, "role"))
		for _, flag := range []string{"locked", "pop", "submit", "must_change_password", "password_never_expires"} {
			values = append(values, flag, drawn("", "true").Draw(t, flag))
		}
		if rapid.Bool().Draw(t, "local id") {
			values = append(values, "local_id", fmt.Sprint(drawn("00", "=", "'", "1E", "L").Draw(t, "id"), i))
		}
		for n := range rapid.IntRange(0, 2).Draw(t, "aliases") {
			values = append(values, "alias", fmt.Sprint(rapid.SampledFrom(localParts).Draw(t, "alias"), i, "a", n, "@", domainOf(t, org)))
		}
		for _, g := range groupsOf(org) {
			if rapid.IntRange(0, 3).Draw(t, "member") == 0 {
				values = append(values, "group", g)
			}
		}
		for _, other := range made {
			if rapid.IntRange(0, 3).Draw(t, "delegate") == 0 {
				values = append(values, "delegate", other)
			}
		}
		w.Add(address, org, values...)
		made = append(made, address)
	}
	for _, address := range made {
		age(t, w, address)
	}
	return w
}

func domainOf(t *rapid.T, org string) string {
	if org == "RX1" {
		return drawn("example.org", "bücher.example").Draw(t, "domain")
	}
	return drawn("example.net", "example.org").Draw(t, "domain")
}

func groupsOf(org string) []string {
	groups := []string{"Everybody", "Wards", "wards/night", "=Größe, 表"}
	if org == "RX2" {
		return append(groups, "Friends")
	}
	return groups
}

// age lets happen to a user what happens with time.
func age(t *rapid.T, w *importertest.World, address string) {
	u := w.User(address)
	switch rapid.IntRange(0, 9).Draw(t, "later") {
	case 0:
		w.Set(address, "status", "leaver")
	case 1:
		w.Set(address, "status", "disabled")
	case 2:
		if u.Get(directory.Role) == "" {
			w.Set(address, "status", "deleted")
		}
	case 3:
		w.Exec(`UPDATE users SET status = 'inactive' WHERE id = $1`, u.ID)
	case 4:
		w.Set(address, "rename_to", "new."+strings.TrimLeft(address, "'="))
	case 5:
		w.Set(address, "org", "RX2")
	}
}

// scatter puts users into groups to which no path leads from their organisation, or a
// path that leads to another: a file cannot, but people can.
func scatter(t *rapid.T, w *importertest.World, users []string) {
	for _, address := range users {
		if g := rapid.SampledFrom([][2]string{{}, {}, {"RX2", "Wards"}, {"RX2", "Friends"}, {"RX1", "Wards"}}).Draw(t, "scattered"); g[0] != "" {
			if err := w.Directory.AddMember(ctx, operator, g[0], g[1], address, new("by hand")); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// export writes all users as a table.
func export(t importertest.TB, w *importertest.World, kind string) []byte {
	t.Helper()
	var b bytes.Buffer
	_, err := format.Export(&b, kind, func(f func(*directory.User) error) error {
		return w.Directory.ExportUsers(ctx, operator, directory.Filter{}, f)
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// planExport plans a file of an export, whose format is to be found.
func planExport(w *importertest.World, kind string, file []byte) *importer.Import {
	w.T.Helper()
	imp, err := w.Importer.Upload(ctx, operator, "export."+kind, bytes.NewReader(file), importer.Options{})
	if err == nil {
		imp, err = w.Importer.Plan(ctx, imp.Number)
	}
	if err != nil {
		w.T.Fatal(err)
	}
	return imp
}

var exportKinds = []string{table.CSV, table.XLSX, table.JSONL}

// TestAnExportChangesNothing: "export the directory as muster CSV, .xlsx and JSON
// lines, import it: every row unchanged".
func TestAnExportChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := peopled(t)
		users := w.Users()
		if len(users) == 0 {
			return
		}
		scatter(t, w, users)
		kind := rapid.SampledFrom(exportKinds).Draw(t, "kind")
		imp := planExport(w, kind, export(t, w, kind))
		if imp.Rows != int64(len(users)) || imp.Counts[directory.Unchanged] != imp.Rows {
			t.Errorf("%s of %d users: %v\n%s", kind, len(users), imp.FileIssues, planned(w, imp))
		}
	})
}

// TestAnExportMovesTheDirectory: "into a Muster with the same organisations, domains
// and groups: the same users (but for ids, origin, passwords, history, and roles that a
// file may not give)".
func TestAnExportMovesTheDirectory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from, to := peopled(t), groundWorld(t)
		if len(from.Users()) == 0 {
			return
		}
		kind := rapid.SampledFrom(exportKinds).Draw(t, "kind")
		imp := planExport(to, kind, export(t, from, kind))
		to.Apply(imp)
		if got := imp.Counts[directory.Create]; got != imp.Rows {
			t.Errorf("%d of %d rows make a user\n%s", got, imp.Rows, planned(to, imp))
		}
		differs(t, "moved", movable(from), movable(to))
	})
}

// movable tells what a file can tell of each user.
func movable(w *importertest.World) map[string]string {
	w.T.Helper()
	all := map[string]string{}
	for _, address := range w.Users() {
		u := w.User(address)
		u.Values[directory.Origin] = ""
		if !slices.Contains([]string{"Basic", "Helpdesk", "Gateway"}, u.Values[directory.Role]) {
			u.Values[directory.Role] = ""
		}
		slices.Sort(u.Aliases)
		slices.SortFunc(u.Attributes, func(a, b directory.Attribute) int { return strings.Compare(a.Name, b.Name) })
		var groups, delegates []string
		for _, g := range u.Groups {
			groups = append(groups, g.Path)
		}
		for _, d := range u.Delegates {
			if !d.Deleted {
				delegates = append(delegates, d.Address)
			}
		}
		slices.Sort(groups)
		slices.Sort(delegates)
		all[address] = fmt.Sprintf("%q %q %q %q %q", u.Values, u.Aliases, groups, u.Attributes, delegates)
	}
	return all
}
