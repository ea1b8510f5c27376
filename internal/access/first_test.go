package access_test

import (
	"testing"

	"muster/internal/access"
	"muster/internal/directory"
	"muster/internal/importer/importertest"
)

func TestTheFirstMaster(t *testing.T) {
	w := staffed(t)
	link := func() string {
		t.Helper()
		plain, err := w.Access.FirstLink(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return plain.Reveal()
	}
	old := link()
	now := link()
	if old == "" || now == "" || old == now {
		t.Fatalf("the links are alike, or there are none")
	}
	history := w.List(`SELECT id FROM history`)
	boss := access.NewMaster{Address: "boss@new.example", Name: "Bo Song", Password: good}
	for name, c := range map[string]struct {
		link string
		who  access.NewMaster
		code string
	}{
		"the one before":   {old, boss, "first-link-invalid"},
		"none":             {"", boss, "first-link-invalid"},
		"a short password": {now, access.NewMaster{Address: "boss@new.example", Password: "short"}, "password-too-short"},
		"no address":       {now, access.NewMaster{Address: "boss", Password: good}, "address-invalid"},
		"a user":           {now, access.NewMaster{Address: "ann@example.org", Password: good}, "user-exists"},
		"a domain below":   {now, access.NewMaster{Address: "new@example.org", Password: good}, "domain-not-usable"},
	} {
		raises(t, name, w.Access.UseFirstLink(ctx, c.link, c.who), c.code)
	}
	if domains, err := w.Directory.Domains(ctx, importertest.Operator, directory.Master); err != nil || len(domains) != 1 {
		t.Errorf("what was refused leaves domains behind: %v, %v", domains, err)
	}
	if after := w.List(`SELECT id FROM history`); after != history {
		t.Errorf("what was refused stands in the history: %s, and before %s", after, history)
	}
	raises(t, "the link", w.Access.UseFirstLink(ctx, now, boss), "")
	u := w.User("boss@new.example")
	if u.Get(directory.Role) != "Master" || u.Get(directory.Org) != directory.Master || u.Get(directory.Name) != "Bo Song" {
		t.Errorf("%+v", u.Values)
	}
	signIn(w, "boss@new.example")
	raises(t, "used again", w.Access.UseFirstLink(ctx, now, access.NewMaster{Address: "two@new.example", Password: good}), "first-link-invalid")
	if link() != "" {
		t.Error("there is a link although there is a Master")
	}
}

// TestALinkIsOfNoUseBesideAMaster who was made in another way.
func TestALinkIsOfNoUseBesideAMaster(t *testing.T) {
	w := staffed(t)
	plain, err := w.Access.FirstLink(ctx)
	if err != nil {
		t.Fatal(err)
	}
	w.Set("ben@example.org", "role", "Master")
	err = w.Access.UseFirstLink(ctx, plain.Reveal(), access.NewMaster{Address: "boss@new.example", Password: good})
	raises(t, "beside a Master", err, "first-link-invalid")
	if w.Has("boss@new.example") {
		t.Error("there is a second one")
	}
}
