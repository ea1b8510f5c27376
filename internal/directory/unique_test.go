package directory_test

import (
	"context"
	"errors"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/mailaddr"
)

// What must be unique is unique in the database, whatever the rules forget.
func TestTheDatabaseRefusesWhatMustBeUnique(t *testing.T) {
	w := importertest.New(t)
	w.Group("RX1", "Wards")
	anna := w.Add("anna@example.org", "RX1", "local_id", "7", "alias", "a@example.org")
	ben := w.Add("ben@example.org", "RX1")
	user := func(address, local string) *directory.User {
		u := *anna
		u.ID = directory.NewID()
		u.Values[directory.Address], u.Values[directory.LocalID] = address, local
		return &u
	}
	alias := func(of *directory.User, address string) func(context.Context, directory.AdminTx) error {
		return func(ctx context.Context, tx directory.AdminTx) error {
			return tx.ApplyChange(ctx, of.ID, directory.Change{Field: directory.ChangeAlias, New: address})
		}
	}
	add := func(u *directory.User) func(context.Context, directory.AdminTx) error {
		return func(ctx context.Context, tx directory.AdminTx) error {
			return tx.InsertUsers(ctx, []*directory.User{u}, nil)
		}
	}
	move := func(to string) func(context.Context, directory.AdminTx) error {
		return func(ctx context.Context, tx directory.AdminTx) error {
			return tx.MoveAddress(ctx, ben.ID, address(t, "ben@example.org"), address(t, to))
		}
	}
	for _, c := range []struct {
		name    string
		do      func(context.Context, directory.AdminTx) error
		refused bool
	}{
		{"another user", add(user("cara@example.org", "8")), false},
		{"primary of a primary", add(user("anna@example.org", "9")), true},
		{"primary of an alias", add(user("a@example.org", "9")), true},
		{"primary of a reserved address", add(user("postmaster@example.org", "9")), true},
		{"primary in another spelling", add(user("ANNA@example.org", "9")), true},
		{"local id", add(user("dan@example.org", "7")), true},
		{"local id in another case", add(user("dan@example.org", " 7")), true},
		{"another alias", alias(ben, "b@example.org"), false},
		{"alias of an alias", alias(ben, "a@example.org"), true},
		{"alias of a primary", alias(ben, "anna@example.org"), true},
		{"alias of a reserved address", alias(ben, "abuse@example.org"), true},
		{"change to an alias", move("a@example.org"), true},
		{"change to a primary", move("anna@example.org"), true},
		{"change to a free one", move("benedict@example.org"), false},
		{"group of a name", func(ctx context.Context, tx directory.AdminTx) error {
			return tx.PutGroup(ctx, &directory.Group{ID: directory.NewID(), Org: "RX1", Name: "WARDS", Origin: "manual"})
		}, true},
		{"group of another name", func(ctx context.Context, tx directory.AdminTx) error {
			return tx.PutGroup(ctx, &directory.Group{ID: directory.NewID(), Org: "RX1", Name: "Units", Origin: "manual"})
		}, false},
	} {
		err := w.Store.Write(t.Context(), func(tx directory.AdminTx) error { return c.do(t.Context(), tx) })
		if refused := err != nil; refused != c.refused {
			t.Errorf("%s: refused %v, want %v (%v)", c.name, refused, c.refused, err)
		}
		if err != nil && !errors.Is(err, importer.ErrClash) {
			t.Errorf("%s: refused for another reason: %v", c.name, err)
		}
	}
}

func address(t *testing.T, s string) mailaddr.Address {
	t.Helper()
	a, err := mailaddr.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// A user who has changed since is not written over.
func TestAUserWhoHasChangedIsNotWrittenOver(t *testing.T) {
	w := importertest.New(t)
	u := w.Add("anna@example.org", "RX1")
	w.Set("anna@example.org", "title", "Dr")
	err := w.Store.Write(t.Context(), func(tx directory.AdminTx) error { return tx.UpdateUser(t.Context(), u, u) })
	if err != directory.ErrChanged {
		t.Errorf("written over: %v", err)
	}
}
