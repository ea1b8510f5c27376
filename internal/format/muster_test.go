package format

import (
	"slices"
	"testing"

	"muster/internal/directory"
)

func TestMusterHeaders(t *testing.T) {
	testHeaders(t, muster, []headerCase{
		{"any order, any case", "Name,ADDRESS", "", nil},
		{"found by id alone", "id,title", "", nil},
		{"found by local id alone", "local_id,title", "", nil},
		{"found by nothing", "name,title", "header-missing", []string{"id, address, local_id"}},
		{"lists have numbers from 1 on, with gaps, in any order", "address,alias7,alias2,DELEGATE1,group12", "", nil},
		{"no alias0", "address,alias0", "header-unknown", []string{"did you mean alias1?"}},
		{"no alias01, which would be alias1 again", "address,alias01", "header-unknown", []string{"did you mean alias1?"}},
		{"no alias without a number", "address,alias", "header-unknown", []string{"did you mean alias1?"}},
		{"aliases is a name of the JSON only", "address,aliases", "header-unknown", []string{"did you mean alias1?"}},
		{"groups, too", "address,groups", "header-unknown", []string{"did you mean group1?"}},
		{"an attribute has any name", "address,attr.Shoe Size,ATTR.£", "", nil},
		{"but one", "address,attr.", "header-unknown", nil},
		{"an attribute of the same name is there twice", "address,attr.Size,attr. SIZE", "header-twice", nil},
		{"in other letters, too", "address,attr.ſize,attr.Size", "header-twice", nil},
		{"a misspelt prefix without a name", "address,atr.", "header-unknown", []string{"muster sample"}},
		{"a misspelt prefix", "address,atr.Size", "header-unknown", []string{"did you mean attr.Size?"}},
		{"another way to write a heading", "address,Display Name", "header-unknown", []string{"did you mean display_name?"}},
		{"an export bears more columns", "id,address,origin,domain,updated_at,has_password,locked_until,console,pop3,imap,submission", "", nil},
		{"which stand once, too", "address,domain,domain", "header-twice", nil},
		{"many strange headings are counted", "address,b1,b2,b3,b4,b5,b6,b7", "header-unknown", []string{"and 2 more"}},
	})
}

func TestMusterRows(t *testing.T) {
	testRows(t, muster, []rowCase{
		{"the superset", "id,address,rename_to,password,password_hash,role\nID-1,a@example.org,b@example.org,Quartz-41,$6$x,Basic",
			"id=ID-1 address=a@example.org role=Basic rename_to=b@example.org password=Quartz-41 hash=$6$x"},
		{"aliases, delegates and groups are added", "address,alias1,alias2,delegate1,group1\na@example.org,b@example.org,c@example.org,d@example.org,Wards/Night",
			"address=a@example.org alias=b@example.org alias=c@example.org delegate=d@example.org group=Wards/Night"},
		{"(clear) in the first of them makes the row's the only ones", "address,alias1,alias2\na@example.org,(clear),c@example.org",
			"address=a@example.org alias=only alias=c@example.org"},
		{"the first is the one of the lowest number", "address,group3,group2\na@example.org,Wards,(clear)", "address=a@example.org group=only group=Wards"},
		{"(clear) elsewhere is an error", "address,delegate1,delegate2\na@example.org,d@example.org,(clear)",
			"address=a@example.org delegate=d@example.org delegate2!clear-misplaced"},
		{"(clear) has nothing to empty in id, rename_to and passwords", "address,id,rename_to,password,password_hash\na@example.org,(clear),(clear),(clear),(clear)",
			"address=a@example.org id!clear-misplaced rename_to!clear-misplaced password!clear-misplaced password_hash!clear-misplaced"},
		{"attributes keep their name's case; (clear) in any case", "address,ATTR. Shoe Size,attr.b\na@example.org,7,(CLEAR)",
			"address=a@example.org attr.Shoe Size=7 attr.b=(clear)"},
		{"trimming an address is told", "address,alias1,rename_to,name\n\u00a0a@example.org, b@example.org,c@example.org , N ",
			"address=a@example.org name=N rename_to=c@example.org alias=b@example.org address!address-trimmed alias1!address-trimmed rename_to!address-trimmed"},
		{"columns of an export are passed over", "address,domain,origin,updated_at\na@example.org,(clear),manual,2026-01-02", "address=a@example.org"},
		{"line breaks are the directory's to judge", "address,name\na@example.org,\"A\nB\"", "address=a@example.org name=A\nB"},
	})
}

// TestMusterKnowsEveryField: a field that the directory comes to have has a
// heading here by itself.
func TestMusterKnowsEveryField(t *testing.T) {
	headings, _ := template(t, muster)
	for _, f := range directory.Fields() {
		if f != directory.Origin && !slices.Contains(headings, f.String()) {
			t.Errorf("there is no heading %s", f)
		}
	}
	if muster.Limit != 0 || muster.Strict || !muster.Rules.Moves || !slices.Equal(muster.Rules.JoinBy, []string{"id", "address"}) {
		t.Errorf("rules: %+v", muster)
	}
}
