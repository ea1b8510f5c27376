package api_test

import (
	"strings"
	"testing"
	"time"

	"muster/client"
)

func TestFormats(t *testing.T) {
	w := newWorld(t)
	c := w.as("Full", "RX1")
	guess, err := c.GuessFormat(ctx, "staff", strings.NewReader("E-Mail,Vorname,Nachname\nanna@example.org,Anna,Bell\n"))
	wants(t, "guessing", err, 0, "")
	if len(guess.Problems) > 0 || !strings.Contains(guess.Text, `"address"`) {
		t.Errorf("%+v", guess)
	}
	checked, err := c.CheckFormat(ctx, guess.Text)
	wants(t, "checking", err, 0, "")
	if checked.Format != "staff" || checked.Columns != 3 {
		t.Errorf("%+v", checked)
	}
	checked, err = c.CheckFormat(ctx, "name = 1")
	wants(t, "checking a wrong one", err, 0, "")
	if len(checked.Problems) == 0 || checked.Problems[0].Line != 1 {
		t.Errorf("%+v", checked)
	}
	stored, err := c.PutFormat(ctx, "staff", "", guess.Text)
	wants(t, "adding", err, 0, "")
	if !stored.Added || stored.Org != "RX1" {
		t.Errorf("%+v", stored)
	}
	_, err = c.PutFormat(ctx, "other", "", guess.Text)
	wants(t, "under another name", err, 400, "request-invalid")
	_, err = c.PutFormat(ctx, "staff", "", "name = 1")
	wants(t, "a wrong text", err, 422, "format-wrong")
	names := map[string]*client.Format{}
	wants(t, "formats", c.Formats(ctx, "", func(f *client.Format) error { names[f.Format] = f; return nil }), 0, "")
	if names["staff"] == nil || names["staff"].Org != "RX1" || names["muster"] == nil {
		t.Errorf("%+v", names)
	}
	text, err := c.Format(ctx, "staff", "")
	wants(t, "reading", err, 0, "")
	if text.Text != guess.Text {
		t.Errorf("%s", text.Text)
	}
	_, err = c.DeleteFormat(ctx, "staff", "")
	wants(t, "deleting", err, 0, "")
	_, err = c.DeleteFormat(ctx, "staff", "")
	wants(t, "deleting again", err, 404, "format-not-own")
}

func TestGuessesThatCannotBe(t *testing.T) {
	w := newWorld(t)
	token := w.token("Full", "RX1")
	for _, c := range []struct{ query, body, code string }{
		{"?name=x", "\n\n", "table-blank"},
		{"?name=x&set=Nobody=address", "E-mail\na@example.org\n", "heading-unmatched"},
		{"?name=x&set=E-mail", "E-mail\na@example.org\n", "heading-unmatched"},
		{"", "E-mail\n", "request-invalid"},
	} {
		if status, _, body := w.send("POST", "/api/v1/formats/guess"+c.query, token, c.body); status != 422 || !strings.Contains(body, c.code) {
			t.Errorf("%s: %d %s", c.query, status, body)
		}
	}
}

func TestDirectoryOverTheWire(t *testing.T) {
	w := newWorld(t)
	w.Add("anna@example.org", "RX1")
	c := w.as("Super", "RX1")
	o, err := c.AddOrganisation(ctx, client.NewOrganisation{Code: "rx1a", Parent: "RX1", OrganisationChange: client.OrganisationChange{Name: to("Annexe"),
		Settings: client.SettingsChange{MailboxMaxGB: to(50), DefaultDomain: to("EXAMPLE.org"), Policy: client.PolicyChange{MinLength: to(14)}}}})
	wants(t, "an organisation", err, 0, "")
	if o.Code != "RX1A" || o.Settings.MailboxMaxGB != 50 || o.Settings.DefaultDomain != "example.org" || o.Settings.Policy.MinLength != 14 || o.Settings.UndoDays != 30 {
		t.Errorf("%+v", o)
	}
	o, err = c.SetOrganisation(ctx, "RX1A", client.OrganisationChange{Settings: client.SettingsChange{SecondFactor: to("demanded")}})
	wants(t, "its settings", err, 0, "")
	if o.Settings.SecondFactor != "demanded" || o.Settings.MailboxMaxGB != 50 {
		t.Errorf("%+v", o)
	}
	d, err := c.AddDomain(ctx, client.NewDomain{Name: "Bücher.example", Org: "RX1A"})
	wants(t, "a domain", err, 0, "")
	if d.Name != "xn--bcher-kva.example" || d.Validation != "known" {
		t.Errorf("%+v", d)
	}
	d, err = c.SetDomain(ctx, "bücher.example", client.DomainChange{Closed: to(true), Validation: "any"})
	wants(t, "changing it", err, 0, "")
	read, err := c.Domain(ctx, "bücher.example")
	wants(t, "reading it", err, 0, "")
	if *read != *d || !d.Closed {
		t.Errorf("%+v, %+v", read, d)
	}
	_, err = c.DeleteDomain(ctx, "bücher.example")
	wants(t, "deleting it", err, 0, "")
	_, err = c.DeleteOrganisation(ctx, "RX1A")
	wants(t, "deleting the organisation", err, 0, "")
	g, err := c.AddGroup(ctx, client.NewGroup{Path: "Wards", Org: "RX1"})
	wants(t, "a group", err, 0, "")
	_, err = c.AddMember(ctx, g.ID, client.NewMember{Address: "anna@example.org", Note: to("nights")})
	wants(t, "a member", err, 0, "")
	_, err = c.AddMember(ctx, g.ID, client.NewMember{Address: "partner.example"})
	wants(t, "a domain as member", err, 0, "")
	kinds := ""
	wants(t, "members", c.Members(ctx, g.ID, func(m *client.Member) error { kinds += m.Kind + m.Note + " "; return nil }), 0, "")
	if kinds != "usernights domain " {
		t.Error(kinds)
	}
	for _, again := range []struct {
		note *string
		want string
	}{{nil, "nights"}, {to("days"), "days"}, {to(""), ""}} {
		_, err = c.AddMember(ctx, g.ID, client.NewMember{Address: "anna@example.org", Note: again.note})
		wants(t, "a member again", err, 0, "")
		_, err = c.AddMember(ctx, g.ID, client.NewMember{Address: "partner.example", Note: again.note})
		wants(t, "a domain again", err, 0, "")
		wants(t, "members", c.Members(ctx, g.ID, func(m *client.Member) error {
			if m.Note != again.want && (m.Kind == "user" || again.note != nil) {
				t.Errorf("%s has the note %q, want %q", m.Address, m.Note, again.want)
			}
			return nil
		}), 0, "")
	}
	_, err = c.DeleteGroup(ctx, g.ID)
	wants(t, "deleting a group with members", err, 409, "group-in-use")
	for _, m := range []string{"anna@example.org", "partner.example"} {
		_, err = c.DeleteMember(ctx, g.ID, m)
		wants(t, "taking out "+m, err, 0, "")
	}
	g, err = c.RenameGroup(ctx, g.ID, "Theatres")
	wants(t, "renaming", err, 0, "")
	if g.Path != "Theatres" {
		t.Errorf("%+v", g)
	}
	_, err = c.DeleteGroup(ctx, g.ID)
	wants(t, "deleting it", err, 0, "")
	_, err = c.AddAttribute(ctx, "Floor")
	wants(t, "an attribute", err, 0, "")
	_, err = c.RenameAttribute(ctx, "Floor", "Level")
	wants(t, "renaming what is everybody's", err, 403, "organisation-forbidden")
	roles := 0
	wants(t, "roles", c.Roles(ctx, func(r *client.Role) error { roles++; return nil }), 0, "")
	if roles != 8 {
		t.Errorf("%d roles", roles)
	}
}

func TestTokens(t *testing.T) {
	w := newWorld(t)
	c := w.as("Full", "RX1")
	added, err := c.AddToken(ctx, client.NewToken{Name: "sync", Role: "basic"})
	wants(t, "adding", err, 0, "")
	if added.Role != "Basic" || added.Org != "RX1" || added.Token == "" || added.Expires == nil || time.Until(*added.Expires) > 366*24*time.Hour {
		t.Errorf("%+v", added)
	}
	_, err = c.AddToken(ctx, client.NewToken{Name: "forever", Role: "Basic", Forever: true})
	wants(t, "longer than the token that makes it", err, 422, "token-expiry")
	wants(t, "using it", w.with(added.Token).Users(ctx, client.UserFilter{}, func(*client.User) error { return nil }), 0, "")
	_, err = c.AddToken(ctx, client.NewToken{Name: "more", Role: "Super"})
	wants(t, "above one's own role", err, 403, "not-allowed")
	_, err = c.RevokeToken(ctx, added.ID)
	wants(t, "revoking", err, 0, "")
	wants(t, "using it", w.with(added.Token).Users(ctx, client.UserFilter{}, nil), 401, "token-revoked")
	revoked := 0
	wants(t, "tokens", c.Tokens(ctx, func(t *client.Token) error {
		if t.Revoked != nil {
			revoked++
		}
		return nil
	}), 0, "")
	if revoked != 1 {
		t.Errorf("%d are revoked", revoked)
	}
}
