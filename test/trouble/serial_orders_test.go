package trouble

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"muster/internal/directory"
	"muster/internal/importer/importertest"
	"muster/internal/issue"
	"muster/internal/secret"
	"muster/test/desk"
)

var (
	ctx      = context.Background()
	operator = importertest.Operator
)

// copied is what is in the database of a desk, in a place of its own. What one
// process does after the other is quicker tried there than by the program.
func copied(t testing.TB, d *desk.Desk) *importertest.World {
	t.Helper()
	key, err := secret.Load(filepath.Join(d.Folder, "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	return importertest.CopyOf(t, d.Database(), key, time.Now())
}

// inEachOrder does four things one after the other, in each order, and returns
// the directory that comes of each.
func inEachOrder(w *importertest.World, do func(*importertest.World, int)) map[string]people {
	ends := map[string]people{}
	rest(w, []int{0, 1, 2, 3}, nil, do, ends)
	return ends
}

// rest does what is left in each order. Only the last has no use for a copy.
func rest(w *importertest.World, left, done []int, do func(*importertest.World, int), ends map[string]people) {
	if len(left) == 0 {
		ends[fmt.Sprint(done)] = everybody(w)
	}
	for at, i := range left {
		next := w
		if len(left) > 1 {
			next = w.Copy()
		}
		do(next, i)
		rest(next, slices.Delete(slices.Clone(left), at, at+1), append(slices.Clone(done), i), do, ends)
		if next != w {
			next.Store.Close()
		}
	}
}

// inTheirOrder does them in one order only.
func inTheirOrder(w *importertest.World, do func(*importertest.World, int)) map[string]people {
	for i := range 4 {
		do(w, i)
	}
	return map[string]people{"the order of the files": everybody(w)}
}

// apply applies an import, as far as it may be.
func apply(w *importertest.World, number int64) {
	w.T.Helper()
	imp, err := w.Importer.Import(ctx, operator, number)
	if err == nil {
		_, err = w.Importer.Apply(ctx, operator, number, imp.ConfirmCount())
	}
	if told := (issue.Issue{}); err != nil && !errors.As(err, &told) {
		w.T.Fatal(err)
	}
}

// people is what user list --json tells of everybody, by address: all but id
// and updated_at.
type people map[string]string

func everybody(w *importertest.World) people {
	w.T.Helper()
	all := people{}
	for _, status := range []string{"", "deleted"} {
		err := w.Directory.Users(ctx, operator, directory.Filter{Status: status}, func(u *directory.User) error {
			all[u.Get(directory.Address)] = described(u)
			return nil
		})
		if err != nil {
			w.T.Fatal(err)
		}
	}
	return all
}

func described(u *directory.User) string {
	var parts []string
	for _, f := range directory.Fields() {
		if value := u.Get(f); value != "" && value != "false" {
			parts = append(parts, fmt.Sprint(f, "=", value))
		}
	}
	for _, a := range u.Attributes {
		parts = append(parts, "attr."+a.Name+"="+a.Value)
	}
	for _, g := range u.Groups {
		parts = append(parts, "group="+g.Path)
	}
	for _, d := range u.Delegates {
		parts = append(parts, "delegate="+d.Address)
	}
	return strings.Join(append(parts, "aliases="+strings.Join(u.Aliases, " ")), " ")
}

// differences tells of whom two directories say other things, and what.
func differences(a, b people) (list []string) {
	for address, is := range a {
		if b[address] != is {
			list = append(list, fmt.Sprintf("%s\n  at once %s\n  ordered %s", address, is, b[address]))
		}
	}
	for address, is := range b {
		if a[address] == "" {
			list = append(list, fmt.Sprintf("%s\n  at once nobody\n  ordered %s", address, is))
		}
	}
	slices.Sort(list)
	return list
}

// nearest returns the order whose directory differs least, and in what.
func nearest(end people, orders map[string]people) (name string, differs []string) {
	for order, other := range orders {
		if list := differences(end, other); name == "" || len(list) < len(differs) {
			name, differs = order, list
		}
	}
	return name, differs
}
