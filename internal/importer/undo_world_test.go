package importer_test

import (
	"fmt"
	"time"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/secret"
)

// everything is the whole directory as it stands in the database, but for ids
// that an undo cannot give back, versions and the time of the last change; it
// tells what describe tells, and passwords, clocks and attributes too.
func everything(w *importertest.World) map[string]string {
	w.T.Helper()
	all := map[string]string{}
	for _, status := range []string{"", "deleted"} {
		err := w.Directory.Users(ctx, operator, directory.Filter{Status: status}, func(u *directory.User) error {
			u.Version, u.UpdatedAt = 0, time.Time{}
			all[u.Get(directory.Address)] = fmt.Sprintf("%+v", *u)
			return nil
		})
		if err != nil {
			w.T.Fatal(err)
		}
	}
	for name, text := range map[string]string{
		"attributes": `SELECT key, name FROM attributes ORDER BY key`,
		"addresses":  `SELECT key, kind, until FROM addresses ORDER BY key`,
		"passwords":  `SELECT address, password, password_at, password_lapses_at FROM users ORDER BY id`,
		"former":     `SELECT hash FROM former_passwords ORDER BY user_id, at`,
		"members":    `SELECT group_id, user_id, other, note FROM group_members ORDER BY group_id, user_id, other`,
	} {
		all[name] = "has " + w.List(text)
	}
	return all
}

// clearAliases takes all aliases off a user by hand.
func clearAliases(w *importertest.World, address string) {
	w.T.Helper()
	r := importertest.Record("address", address)
	r.Aliases.Only = true
	if _, _, err := w.Directory.SetUser(ctx, operator, r); err != nil {
		w.T.Fatal(err)
	}
}

// undo undoes an import, which must not fail.
func undo(w *importertest.World, imp *importer.Import) *importer.Import {
	w.T.Helper()
	plan, err := w.Importer.UndoPlan(ctx, operator, imp.Number, func(*importer.UndoRow) error { return nil })
	if err != nil {
		w.T.Fatal(err)
	}
	done, err := w.Importer.Undo(ctx, operator, imp.Number, plan.ConfirmCount())
	if err != nil {
		w.T.Fatal(err)
	}
	accounted(w, done)
	for _, o := range []importer.Outcome{importer.Reversed, importer.Kept, importer.Irreversible} {
		if planned, did := plan.Import.OutcomeCounts()[o], done.OutcomeCounts()[o]; done.State != importer.Undone || planned != did {
			w.T.Errorf("%s, %s: planned %d, did %d", done.State, o, planned, did)
		}
	}
	return done
}

const undoHeader = "address,title,department,org,local_id,status,locked,role,rename_to,alias1,group1,delegate1,attr.Floor,password,must_change_password\n"

// undoWorld has Ann with everything that a user can have, Bob, and Leo, who has left.
func undoWorld(t importertest.TB) *importertest.World {
	w := importertest.New(t)
	w.Org("RX2", directory.Master)
	w.Domain("example.net", "RX2")
	w.Domain("example.com", "RX1")
	w.Group("RX1", "Wards")
	w.Group("RX1", "Night")
	w.Add("bob@example.org", "RX1")
	w.Add("ann@example.org", "RX1", "title", "Dr", "local_id", "L1", "alias", "a@example.com", "group", "Wards", "delegate", "bob@example.org",
		"attr.Room", "12", "role", "Helpdesk")
	w.Add("leo@example.org", "RX1", "local_id", "L9", "group", "Wards", "delegate", "bob@example.org")
	w.Set("bob@example.org", "delegate", "leo@example.org")
	w.Set("leo@example.org", "status", "leaver")
	setPassword(w, "ann@example.org", "first-of-all-words")
	return w
}

// setPassword sets a password by hand.
func setPassword(w *importertest.World, address, plain string) {
	w.T.Helper()
	r := importertest.Record("address", address)
	r.Password = secret.Text(plain)
	if _, _, err := w.Directory.SetUser(ctx, operator, r); err != nil {
		w.T.Fatal(err)
	}
}
