package format

import (
	"slices"
	"strings"
	"testing"

	"muster/internal/table"
)

// What a text format makes of a row; the text stands below the address column.
func TestShapes(t *testing.T) {
	ward := "[[column]]\nheading = \"Ward\"\n"
	names := "[[column]]\nheading = \"Full Name\"\n[[column]]\nheading = \"Title\"\n"
	cases := []struct{ rule, text, file, want string }{
		{"a column is renamed", ward + `to = "department"`, "E-mail,Ward\na@example.org,East", "department=East"},
		{"a column that goes nowhere is passed over", ward, "E-mail,Ward\na@example.org,East", ""},
		{"a default stands for a blank", ward + "to = \"department\"\ndefault = \"General\"", "E-mail,Ward\na@example.org,", "department=General"},
		{"and for nothing else", ward + "to = \"department\"\ndefault = \"General\"", "E-mail,Ward\na@example.org,East", "department=East"},
		{"a default fills a required cell", ward + "to = \"department\"\nrequired = true\ndefault = \"General\"", "E-mail,Ward\na@example.org,", "department=General"},
		{"(clear) is not shaped", ward + "to = \"department\"\ndefault = \"General\"\nvalues = { \"(clear)\" = \"x\" }", "E-mail,Ward\na@example.org,(clear)", "-department"},
		{"values stand for others, whatever their case", ward + "to = \"department\"\nvalues = { \"e\" = \"East\" }", "E-mail,Ward\na@example.org,E", "department=East"},
		{"others are kept", ward + "to = \"department\"\nvalues = { \"e\" = \"East\" }", "E-mail,Ward\na@example.org,North", "department=North"},
		{"or errors", ward + "to = \"department\"\nvalues = { \"e\" = \"East\" }\nothers = \"error\"", "E-mail,Ward\na@example.org,North", "Ward!value-unmapped"},
		{"but a blank is not", ward + "to = \"department\"\nvalues = { \"e\" = \"East\" }\nothers = \"error\"", "E-mail,Ward\na@example.org,", ""},
		{"or the default", ward + "to = \"department\"\nvalues = { \"e\" = \"East\" }\nothers = \"default\"\ndefault = \"General\"", "E-mail,Ward\na@example.org,North", "department=General"},
		{"which may be none", ward + "to = \"department\"\nvalues = { \"e\" = \"East\" }\nothers = \"default\"", "E-mail,Ward\na@example.org,North", ""},
		{"a value may stand for a blank", ward + "to = \"department\"\nvalues = { \"-\" = \"\" }", "E-mail,Ward\na@example.org,-", ""},
		{"department to group", ward + "to = \"department\"\n[[value]]\nto = \"group1\"\nfrom = [\"Ward\"]\nothers = \"default\"\n[value.values]\n\"East\" = \"Wards/East\"",
			"E-mail,Ward\na@example.org,east", "department=east group=Wards/East"},
		{"a constant", "[[value]]\nto = \"org\"\nconstant = \"RX1\"", "E-mail\na@example.org", "org=RX1"},
		{"a join", names + "[[value]]\nto = \"display_name\"\nfrom = [\"Title\", \"Full Name\"]", "E-mail,Full Name,Title\na@example.org,Ann Lee,Dr", "display_name=Dr Ann Lee"},
		{"blanks are not joined", names + "[[value]]\nto = \"display_name\"\nfrom = [\"Title\", \"Full Name\"]", "E-mail,Full Name,Title\na@example.org,Ann Lee,", "display_name=Ann Lee"},
		{"with a separator", names + "[[value]]\nto = \"name\"\nfrom = [\"Full Name\", \"Title\"]\nwith = \", \"", "E-mail,Full Name,Title\na@example.org,Ann Lee,Dr", "name=Ann Lee, Dr"},
		{"a column that is not there is blank", names + "[[value]]\nto = \"name\"\nfrom = [\"Full Name\", \"Title\"]", "E-mail,Full Name\na@example.org,Ann Lee", "name=Ann Lee"},
		{"a join of (clear) alone clears", names + "[[value]]\nto = \"display_name\"\nfrom = [\"Title\", \"Full Name\"]", "E-mail,Full Name,Title\na@example.org,(clear),", "-display_name"},
		{"a required value", names + "[[value]]\nto = \"name\"\nfrom = [\"Full Name\"]\nrequired = true", "E-mail,Full Name\na@example.org,", "Full Name!value-missing"},
		{"a split: first and last part", names + "[[value]]\nto = \"first\"\nfrom = \"Full Name\"\nsplit = \" \"\npart = 1\n[[value]]\nto = \"last\"\nfrom = \"Full Name\"\nsplit = \" \"\npart = -1",
			"E-mail,Full Name\na@example.org,Ann  Mary Lee", "first=Ann last=Lee"},
		{"a part that is not there is blank", names + "[[value]]\nto = \"first\"\nfrom = \"Full Name\"\nsplit = \",\"\npart = 2", "E-mail,Full Name\na@example.org,Lee", ""},
		{"a part may have a default", names + "[[value]]\nto = \"first\"\nfrom = \"Full Name\"\nsplit = \",\"\npart = -2\ndefault = \"N.\"", "E-mail,Full Name\na@example.org,Lee", "first=N."},
		{"a list", ward + "to = \"alias1\"", "E-mail,Ward\na@example.org,b@example.org", "alias=b@example.org"},
		{"(clear) in a list makes the row's the only ones", ward + "to = \"alias2\"\n[[column]]\nheading = \"More\"\nto = \"alias3\"", "E-mail,Ward,More\na@example.org,(clear),b@example.org", "alias=only alias=b@example.org"},
		{"(clear) in a department takes no groups away", ward + "to = \"department\"\n[[value]]\nto = \"group1\"\nfrom = [\"Ward\"]\nvalues = { \"e\" = \"East\" }", "E-mail,Ward\na@example.org,(clear)", "-department"},
		{"an attribute", ward + "to = \"attr.Ward\"", "E-mail,Ward\na@example.org,East", "attr.Ward=East"},
		{"another heading", ward + "also = [\"Station\"]\nto = \"department\"", "E-mail,STATION\na@example.org,East", "department=East"},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			want := strings.TrimSpace("address=a@example.org " + c.want)
			testRows(t, parse(t, staff+c.text), []rowCase{{"row", c.file, want}})
		})
	}
}

// Nothing is made of cells that may have moved onto a password.
func TestValuesOfUnreadableCells(t *testing.T) {
	f := parse(t, staff+"[[column]]\nheading = \"Key\"\nto = \"password\"\n[[column]]\nheading = \"Ward\"\n[[value]]\nto = \"department\"\nfrom = [\"Ward\"]\nrequired = true\n")
	testRows(t, f, []rowCase{{"a cell too many", "E-mail,Key,Ward\na@example.org,x,Quartz-41,East", "address=a@example.org D!row-too-long"}})
}

// A column that is passed over is kept for the results, but for one that may hold
// passwords, whatever the format says of it.
func TestPassedOverPasswords(t *testing.T) {
	f := parse(t, staff+"[[column]]\nheading = \"Initial Passwort\"\n[[column]]\nheading = \"Ward\"\n")
	b := bind(t, f, "E-mail", "Initial Passwort", "Ward")
	row := rowOf("a@example.org", "Quartz-41", "East")
	if kept := b.Keep(row); !slices.Equal(kept, []string{"a@example.org", "", "East"}) || !b.Secret(1) || b.Secret(2) {
		t.Errorf("kept %q", kept)
	}
	if got := show(b.Record(1, row)); got != "address=a@example.org" {
		t.Errorf("the row wants %s", got)
	}
}

func TestSetOfFormats(t *testing.T) {
	own := parse(t, strings.Replace(staff, "E-mail", "Email", 1)+"[[column]]\nheading = \"Name\"\nto = \"name\"\n")
	set := All().With(own)
	if f, err := set.Named("STAFF"); err != nil || f != own || len(set) != len(All())+1 {
		t.Errorf("%v, %v", f, err)
	}
	// Just these headings: the format was made for the file, and goes before mimecast-connect.
	if found := set.Detect([]string{"Email", "Name"}, table.CSV); len(found) != 1 || found[0] != own {
		t.Errorf("%v", found)
	}
	if found := set.Detect([]string{"Name", "Email"}, table.CSV); len(found) != 2 {
		t.Errorf("in another order, both fit: %v", found)
	}
	corrected := parse(t, strings.Replace(staff, `"staff"`, `"mimecast-connect"`, 1))
	if set := All().With(corrected); len(set) != len(All()) || set[0] != corrected {
		t.Errorf("a format of the same name takes the place of the other: %v", set)
	}
	if f, err := Named("mimecast-connect"); err != nil || f != connect {
		t.Errorf("All is changed: %v", f)
	}
}
